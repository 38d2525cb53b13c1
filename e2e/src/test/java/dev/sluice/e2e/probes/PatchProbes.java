package dev.sluice.e2e.probes;

import static dev.sluice.e2e.probes.Ask.apply;
import static dev.sluice.e2e.probes.Ask.get;
import static dev.sluice.e2e.probes.Ask.jsonPatch;
import static dev.sluice.e2e.probes.Ask.merge;
import static dev.sluice.e2e.probes.Ask.post;
import static dev.sluice.e2e.probes.Ask.put;
import static dev.sluice.e2e.probes.Ask.strategic;
import static dev.sluice.e2e.probes.Probe.apps;
import static dev.sluice.e2e.probes.Probe.core;
import static dev.sluice.e2e.probes.Probe.probe;
import static dev.sluice.e2e.probes.Samples.configMap;
import static dev.sluice.e2e.probes.Samples.deployment;
import static dev.sluice.e2e.probes.Samples.pod;

import java.util.List;

/// The three kinds of patch, server-side apply, and the parts of an object that are written apart.
final class PatchProbes {
    private PatchProbes() {}

    private static final String MAPS = core("configmaps");
    private static final String MAP = core("configmaps/a");
    private static final String POD = core("pods/web");
    private static final String WEB = apps("deployments/web");

    /// A kind with lists in it and without a controller that would write it too.
    private static final String TEMPLATE =
            "{apiVersion: v1, kind: PodTemplate, metadata: {name: t}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'example.test/web:1'}]}}}";

    private static final String TEMPLATED = core("podtemplates/t");

    static List<Probe> all() {
        return List.of(
                probe(
                        "a merge patch sets, replaces and removes",
                        post(MAPS, configMap("a", ", data: {a: '1', b: '2', c: '3'}")),
                        merge(MAP, "{data: {a: null, b: '4', d: '5', none: null}, metadata: {annotations: {x: y}}}"),
                        merge(MAP, "{data: null}"),
                        merge(MAP, "{data: {a: 1}}"),
                        merge(MAP, "[]").asItIs().only("reason", "code"),
                        merge(MAP, "{").asItIs().only("reason", "code"),
                        merge(MAP, "{metadata: {name: b}}"),
                        merge(MAP, "{kind: Secret}").only("reason", "code"),
                        merge(MAP, "{metadata: {uid: 'f0000000-0000-4000-8000-000000000000'}}")),
                probe(
                        "a JSON patch does its operations in order, or none",
                        post(MAPS, configMap("a", ", data: {a: '1', b: '2'}")),
                        jsonPatch(
                                MAP,
                                "[{op: test, path: /data/a, value: '1'}, {op: replace, path: /data/a, value: '9'}, {op: add, path: /data/c, value: '3'}, {op: remove, path: /data/b}, {op: copy, from: /data/a, path: /data/d}, {op: move, from: /data/c, path: /data/e}]"),
                        jsonPatch(MAP, "[{op: add, path: /metadata/labels/a~1b, value: x}]"),
                        jsonPatch(
                                MAP,
                                "[{op: replace, path: /data/a, value: '7'}, {op: test, path: /data/d, value: nine}]"),
                        jsonPatch(MAP, "[{op: remove, path: /data/none}]"),
                        jsonPatch(MAP, "[{op: replace, path: /none/none, value: x}]"),
                        jsonPatch(MAP, "[{op: odd, path: /data/a}]"),
                        jsonPatch(MAP, "{}").only("reason", "code"),
                        get(MAP)),
                probe(
                        "a strategic patch merges lists by their keys",
                        post(core("podtemplates"), TEMPLATE).only("kind"),
                        strategic(
                                        TEMPLATED,
                                        "{template: {spec: {containers: [{name: web, env: [{name: A, value: a}]}, {name: side, image: side}]}}}")
                                .only("template.spec.containers"),
                        strategic(
                                        TEMPLATED,
                                        "{template: {spec: {containers: [{name: web, env: [{name: B, value: b}]}]}}}")
                                .only("template.spec.containers"),
                        strategic(TEMPLATED, "{template: {spec: {containers: [{name: side, $patch: delete}]}}}")
                                .only("template.spec.containers"),
                        strategic(
                                        TEMPLATED,
                                        "{template: {spec: {$setElementOrder/containers: [{name: z}, {name: web}], containers: [{name: z, image: z}]}}}")
                                .only("template.spec.containers"),
                        strategic(
                                        TEMPLATED,
                                        "{template: {spec: {containers: [{$patch: replace}, {name: only, image: only}]}}}")
                                .only("template.spec.containers"),
                        strategic(
                                TEMPLATED,
                                "{template: {spec: {$retainKeys: [containers], containers: [{image: nameless}]}}}"),
                        post(apps("deployments"), deployment("web", "")).only("kind"),
                        strategic(WEB, "{spec: {strategy: {$retainKeys: [type], type: Recreate}}}")
                                .only("spec.strategy"),
                        strategic(
                                        TEMPLATED,
                                        "{metadata: {finalizers: [a.test/b], $deleteFromPrimitiveList/finalizers: [x.test/y]}}")
                                .only("metadata.finalizers"),
                        strategic(TEMPLATED, "{metadata: {$deleteFromPrimitiveList/finalizers: [a.test/b]}}")
                                .only("metadata.finalizers")),
                probe(
                        "patches of a type that is not supported",
                        post(MAPS, configMap("a")),
                        merge(MAP, "{data: {}}").type("application/json"),
                        merge(MAP, "{data: {}}").type("text/plain"),
                        strategic("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/none", "{}")),
                probe(
                        "a patch that makes an object invalid",
                        post(apps("deployments"), deployment("web", "")).only("kind"),
                        merge(WEB, "{spec: {replicas: -1}}"),
                        merge(WEB, "{spec: {selector: {matchLabels: {app: other}}}}"),
                        merge(WEB, "{spec: {template: {metadata: {labels: {app: other}}}}}"),
                        merge(WEB, "{spec: {template: {spec: {containers: []}}}}"),
                        merge(WEB, "{spec: {replicas: two}}"),
                        merge(WEB, "{spec: {template: {spec: {containers: [{name: A_, image: ''}]}}}}")),
                probe(
                        "apply makes an object and owns what it set",
                        apply(
                                "one",
                                MAP,
                                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: '1', b: '2'}}"),
                        apply(
                                "one",
                                MAP,
                                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: '1', b: '2'}}"),
                        apply("one", MAP, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: '3'}}"),
                        apply(
                                "two",
                                MAP,
                                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {x: z}}, data: {c: '1'}}")),
                probe(
                        "apply meets another owner",
                        post(MAPS, configMap("a")),
                        apply("one", MAP, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: mine}}"),
                        apply("one", MAP, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: v}}"),
                        apply(
                                "one",
                                MAP,
                                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {probe: z}}, data: {k: mine}}"),
                        apply(
                                "one",
                                MAP + "?force=true",
                                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: mine}}"),
                        merge(MAP, "{data: {k: theirs}}"),
                        apply("one", MAP, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")),
                probe(
                        "apply of what apply refuses",
                        apply("one", MAP, "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}"),
                        apply("one", MAP, "{apiVersion: v1, kind: Secret, metadata: {name: a}}"),
                        apply("one", MAP, "{kind: ConfigMap}"),
                        apply("one", MAP, "{apiVersion: v1, kind: ConfigMap, data: {a: nameless}}"),
                        apply(
                                "one",
                                MAP,
                                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, managedFields: []}, data: {a: b}}"),
                        apply("one", MAP, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, odd: 1}"),
                        apply(
                                "one",
                                MAP,
                                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, uid: 'f0000000-0000-4000-8000-000000000000'}}"),
                        merge(MAP, "{apiVersion: v1, kind: ConfigMap}").type(Ask.APPLY)),
                probe(
                        "apply merges lists by key",
                        apply(
                                "one",
                                TEMPLATED,
                                "{apiVersion: v1, kind: PodTemplate, metadata: {name: t}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'example.test/web:1', ports: [{containerPort: 80}]}]}}}"),
                        apply(
                                        "two",
                                        TEMPLATED,
                                        "{apiVersion: v1, kind: PodTemplate, metadata: {name: t}, template: {spec: {containers: [{name: side, image: side}, {name: web, env: [{name: A, value: a}]}]}}}")
                                .only("metadata.managedFields", "template.spec.containers"),
                        apply(
                                        "two",
                                        TEMPLATED,
                                        "{apiVersion: v1, kind: PodTemplate, metadata: {name: t}, template: {spec: {containers: [{name: web, env: [{name: B, value: b}]}]}}}")
                                .only("metadata.managedFields", "template.spec.containers"),
                        apply(
                                "three",
                                TEMPLATED,
                                "{apiVersion: v1, kind: PodTemplate, metadata: {name: t}, template: {spec: {containers: [{name: web, image: other}]}}}"),
                        apply(
                                        "two",
                                        TEMPLATED,
                                        "{apiVersion: v1, kind: PodTemplate, metadata: {name: t}, template: {spec: {containers: [{name: web, ports: [{containerPort: 80, protocol: TCP}, {containerPort: 80, protocol: TCP}]}]}}}")
                                .only("code", "reason", "message")),
                probe(
                        "what an update owns",
                        post(MAPS + "?fieldManager=maker", configMap("a", ", data: {a: '1', b: '2'}")),
                        put(MAP + "?fieldManager=changer", configMap("a", ", data: {a: '1', b: '3', c: '4'}")),
                        merge(MAP + "?fieldManager=maker", "{data: {b: '5'}}"),
                        merge(MAP, "{metadata: {managedFields: [{}]}}"),
                        merge(MAP, "{metadata: {managedFields: []}}"),
                        post(MAPS + "?fieldManager=" + "x".repeat(130), configMap("b"))),
                probe(
                        "status is written apart",
                        post(core("pods"), pod("web", "").replace("spec:", "status: {phase: Running}, spec:")),
                        merge(
                                POD + "/status",
                                "{metadata: {labels: {a: b}}, spec: {hostname: x}, status: {phase: Running, message: m}}"),
                        merge(POD, "{metadata: {labels: {c: d}}, status: {phase: Failed}}"),
                        get(POD + "/status"),
                        put(
                                POD + "/status",
                                pod("web", "").replace("spec:", "status: {phase: Pending, message: n}, spec:")),
                        jsonPatch(POD + "/status", "[{op: replace, path: /status/message, value: p}]"),
                        apply(
                                "one",
                                POD + "/status",
                                "{apiVersion: v1, kind: Pod, metadata: {name: web}, status: {reason: r}}"),
                        strategic(POD + "/status", "{status: {conditions: [{type: test/a, status: 'True'}]}}"),
                        strategic(POD + "/status", "{status: {conditions: [{type: test/b, status: 'False'}]}}")),
                probe(
                        "scale is a view of its own",
                        post(apps("deployments"), deployment("web", "replicas: 2,"))
                                .only("kind"),
                        get(WEB + "/scale").except("metadata.resourceVersion"),
                        merge(WEB + "/scale", "{spec: {replicas: 4}}").except("metadata.resourceVersion"),
                        get(WEB).only("spec.replicas", "metadata.generation"),
                        put(
                                        WEB + "/scale",
                                        "{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: web, namespace: '{ns}'}, spec: {replicas: 1}}")
                                .except("metadata.resourceVersion"),
                        merge(WEB + "/scale", "{spec: {replicas: -1}}"),
                        put(
                                WEB + "/scale",
                                "{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: web, resourceVersion: '1'}, spec: {replicas: 1}}"),
                        get(apps("deployments/none/scale")),
                        get(apps("replicasets/none/scale"))));
    }
}
