package dev.sluice.e2e.probes;

import static dev.sluice.e2e.probes.Ask.delete;
import static dev.sluice.e2e.probes.Ask.get;
import static dev.sluice.e2e.probes.Ask.merge;
import static dev.sluice.e2e.probes.Ask.post;
import static dev.sluice.e2e.probes.Ask.put;
import static dev.sluice.e2e.probes.Probe.apps;
import static dev.sluice.e2e.probes.Probe.core;
import static dev.sluice.e2e.probes.Probe.probe;
import static dev.sluice.e2e.probes.Samples.configMap;
import static dev.sluice.e2e.probes.Samples.deployment;

import java.util.List;

/// One object: made, read, replaced; names, versions, and what is refused in which words.
final class ObjectProbes {
    private ObjectProbes() {}

    private static final String MAPS = core("configmaps");
    private static final String MAP = core("configmaps/a");
    private static final String WEB = apps("deployments/web");

    /// A field that stands twice.
    private static final String TWICE =
            "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"f\"},\"data\":{\"a\":\"1\",\"a\":\"2\"}}";

    static List<Probe> all() {
        return List.of(
                probe(
                        "an object is made, read, replaced, deleted",
                        post(MAPS, configMap("a")),
                        get(MAP),
                        put(MAP, configMap("a", ", data: {k: w}, immutable: false")),
                        delete(MAP),
                        get(MAP)),
                probe("a name is taken", post(MAPS, configMap("a")), post(MAPS, configMap("a"))),
                probe(
                        "what is not there",
                        get(MAP),
                        delete(MAP),
                        put(MAP, configMap("a")),
                        merge(MAP, "{data: {a: b}}"),
                        get(apps("deployments/none")),
                        get(core("pods/none/log")),
                        get("/api/v1/nodes/none"),
                        get("/apis/apps/v1/namespaces/{ns}/nothings"),
                        get("/apis/nothing.test/v1/things"),
                        get("/nothing")),
                probe(
                        "a namespace that is not there",
                        post("/api/v1/namespaces/none-{id}/configmaps", configMap("a")),
                        get("/api/v1/namespaces/none-{id}/configmaps"),
                        get("/api/v1/namespaces/none-{id}")),
                probe(
                        "names that are none",
                        post(MAPS, configMap("Big")),
                        post(MAPS, configMap("'a/b'")),
                        post(core("services"), Samples.service("'1a'", "")),
                        post(MAPS, "{apiVersion: v1, kind: ConfigMap}"),
                        post(MAPS, configMap("a" + "b".repeat(260))),
                        post(core("services"), Samples.service("a" + "b".repeat(63), "")),
                        post(
                                MAPS,
                                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {'-x': w, z: 'a b'}, annotations: {'a b': c}}}"),
                        post("/api/v1/namespaces", "{apiVersion: v1, kind: Namespace, metadata: {name: a.b}}")),
                probe(
                        "path and body disagree",
                        post(MAPS, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: other}}"),
                        post(MAPS, configMap("a")),
                        put(MAP, configMap("b")),
                        put(MAP, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: other}}"),
                        put(MAP, "{apiVersion: v1, kind: Secret, metadata: {name: a}}")
                                .only("status", "reason", "code"),
                        put(MAP, "{apiVersion: apps/v1, kind: ConfigMap, metadata: {name: a}}")
                                .only("status", "reason", "code"),
                        put(MAP, "{data: {k: only}}"),
                        put(MAP, "{metadata: {name: a}, data: {k: only}}")),
                probe(
                        "bodies that are none",
                        post(MAPS, "{").asItIs().only("status", "reason", "code"),
                        post(MAPS, "").asItIs().only("status", "reason", "code"),
                        post(MAPS, "[]").asItIs().only("status", "reason", "code"),
                        post(
                                        MAPS,
                                        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"},\"data\":{\"a\":1}}")
                                .asItIs(),
                        post(MAPS, configMap("e")).type("text/plain").only("status", "reason", "code", "message"),
                        post(MAPS, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yes-yaml}\n")
                                .type("application/yaml")),
                probe(
                        "what is said of a body that cannot be decoded",
                        post(MAPS, "").asItIs(),
                        post(MAPS, "{").asItIs(),
                        post(MAPS, "[]").asItIs(),
                        post(MAPS, "{apiVersion: v1, kind: Secret, metadata: {name: a}}"),
                        post(MAPS, "{apiVersion: apps/v1, kind: ConfigMap, metadata: {name: a}}")),
                probe(
                        "the last of fields of one name counts",
                        post(MAPS + "?fieldValidation=Strict", TWICE).asItIs(),
                        post(MAPS, TWICE).asItIs(),
                        get(core("configmaps/f")),
                        merge(core("configmaps/f"), "{\"data\":{\"b\":\"3\",\"b\":\"4\"}}")
                                .asItIs(),
                        merge(core("configmaps/f") + "?fieldValidation=Strict", "{\"data\":{\"b\":\"5\",\"b\":\"6\"}}")
                                .asItIs()
                                .only("code", "reason"),
                        delete(core("configmaps/f")),
                        post(MAPS + "?fieldValidation=Ignore", TWICE).asItIs(),
                        post(
                                        core("pods") + "?dryRun=All&fieldValidation=Strict",
                                        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":"
                                                + "[{\"name\":\"a\",\"image\":\"a\",\"image\":\"b\"}]}}")
                                .asItIs()),
                probe(
                        "a stale version is refused",
                        post(MAPS, configMap("a")).keep("old", "metadata.resourceVersion"),
                        merge(MAP, "{data: {k: w}}"),
                        put(MAP, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, resourceVersion: '{old}'}}"),
                        merge(MAP, "{metadata: {resourceVersion: '{old}'}, data: {k: x}}"),
                        put(
                                MAP,
                                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, uid: 'f0000000-0000-4000-8000-000000000000'}}"),
                        post(MAPS, "{apiVersion: v1, kind: ConfigMap, metadata: {name: b, resourceVersion: '{old}'}}")),
                probe(
                        "a write that changes nothing makes no version",
                        post(MAPS, configMap("a")),
                        put(MAP, configMap("a")),
                        merge(MAP, "{data: {k: v}}"),
                        get(MAP)),
                probe(
                        "the generation counts changes of what is wanted",
                        post(apps("deployments"), deployment("web", "")).only("metadata.generation"),
                        merge(WEB, "{metadata: {labels: {more: x}}}").only("metadata.generation"),
                        merge(WEB, "{spec: {replicas: 3}}").only("metadata.generation"),
                        merge(WEB, "{metadata: {generation: 77}}").only("metadata.generation"),
                        merge(WEB + "/status", "{status: {replicas: 3}}").only("metadata.generation"),
                        merge(WEB, "{spec: {replicas: 3}}").only("metadata.generation")),
                probe(
                        "what the server alone writes is not taken from the body",
                        post(
                                MAPS,
                                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, uid: x, creationTimestamp: '2001-01-01T00:00:00Z', generation: 9, deletionTimestamp: '2001-01-01T00:00:00Z', selfLink: /x}}"),
                        put(
                                MAP,
                                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, creationTimestamp: '2001-01-01T00:00:00Z', generation: 9, deletionTimestamp: '2001-01-01T00:00:00Z'}}")),
                probe(
                        "names are generated",
                        post(
                                MAPS,
                                "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: gen-, labels: {probe: x}}}"),
                        post(MAPS, "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: Gen_}}")
                                .only("reason", "code"),
                        get(MAPS + "?labelSelector=probe%3Dx")),
                probe(
                        "what is unknown is refused, warned of, or ignored",
                        post(MAPS + "?fieldValidation=Strict", configMap("a", ", data: {k: v}, odd: 1, other: {a: b}")),
                        post(MAPS + "?fieldValidation=Warn", configMap("b", ", odd: 1")),
                        post(MAPS + "?fieldValidation=Ignore", configMap("c", ", odd: 1")),
                        post(MAPS, configMap("d", ", odd: 1")),
                        post(MAPS + "?fieldValidation=Bad", configMap("e")),
                        post(MAPS + "?fieldValidation=Strict", TWICE).asItIs().only("status", "reason", "code"),
                        post(apps("deployments") + "?fieldValidation=Strict", deployment("web", "replicaz: 2,")),
                        merge(core("configmaps/b") + "?fieldValidation=Strict", "{odd: 1}")),
                probe(
                        "a dry run leaves nothing",
                        post(MAPS + "?dryRun=All", configMap("a")).except("metadata.managedFields"),
                        get(MAP),
                        post(MAPS + "?dryRun=Some", configMap("a")),
                        post(MAPS, configMap("a")),
                        merge(MAP + "?dryRun=All", "{data: {k: w}}").except("metadata.managedFields"),
                        put(MAP + "?dryRun=All", configMap("a", "")).except("metadata.managedFields"),
                        delete(MAP + "?dryRun=All"),
                        get(MAP)),
                probe(
                        "no such verb",
                        post(MAP, configMap("a")),
                        put(MAPS, configMap("a")),
                        put(
                                apps("deployments/web/scale"),
                                "{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: web}}"),
                        get(core("configmaps/a/status")),
                        get(core("configmaps/a/scale"))),
                probe(
                        "a map that must not change",
                        post(MAPS, configMap("a", ", data: {k: v}, immutable: true")),
                        merge(MAP, "{data: {k: w}}"),
                        merge(MAP, "{immutable: false}"),
                        merge(MAP, "{metadata: {labels: {a: b}}}")),
                probe(
                        "owner references are checked",
                        post(
                                MAPS,
                                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: b}]}}"),
                        post(
                                MAPS,
                                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: b, uid: u, controller: true}, {apiVersion: v1, kind: ConfigMap, name: c, uid: w, controller: true}]}}")));
    }
}
