package dev.sluice.e2e.probes;

import static dev.sluice.e2e.probes.Ask.delete;
import static dev.sluice.e2e.probes.Ask.described;
import static dev.sluice.e2e.probes.Ask.get;
import static dev.sluice.e2e.probes.Ask.merge;
import static dev.sluice.e2e.probes.Ask.post;
import static dev.sluice.e2e.probes.Ask.table;
import static dev.sluice.e2e.probes.Probe.apps;
import static dev.sluice.e2e.probes.Probe.core;
import static dev.sluice.e2e.probes.Probe.probe;
import static dev.sluice.e2e.probes.Probe.until;
import static dev.sluice.e2e.probes.Probe.watch;
import static dev.sluice.e2e.probes.Probe.watchFrom;
import static dev.sluice.e2e.probes.Samples.configMap;
import static dev.sluice.e2e.probes.Samples.definition;
import static dev.sluice.e2e.probes.Samples.deployment;
import static dev.sluice.e2e.probes.Samples.pod;
import static dev.sluice.e2e.probes.Samples.service;
import static dev.sluice.e2e.probes.Samples.thing;

import java.util.List;

/// Many objects: lists with selectors and pages, tables as kubectl asks for them, watches.
final class ListProbes {
    private ListProbes() {}

    private static final String MAPS = core("configmaps");
    private static final String OURS = MAPS + "?labelSelector=probe%3Dx";
    private static final String SECRETS = core("secrets");

    private static String labelled(String name, String labels) {
        return "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + ", labels: {" + labels + "}}}";
    }

    private static Ask by(String selector) {
        return get(MAPS + "?labelSelector=" + selector).only("kind", "reason", "message", "items");
    }

    static List<Probe> all() {
        return List.of(
                probe(
                        "lists by label",
                        post(MAPS, labelled("a", "probe: x, tier: front")),
                        post(MAPS, labelled("b", "probe: x, tier: back")),
                        post(MAPS, labelled("c", "probe: z")),
                        get(OURS),
                        by("probe%3D%3Dx,tier!%3Dfront"),
                        by("tier%20in%20(front,back)"),
                        by("probe,!tier"),
                        by("tier%20notin%20(front),probe"),
                        by("probe%3Dnone"),
                        by("probe%3D"),
                        get(MAPS + "?labelSelector=probe%3Dx%20y").only("reason", "code"),
                        get(MAPS + "?labelSelector=probe%20in%20(x").only("reason", "code"),
                        by("-a%3Db")),
                probe(
                        "lists by field",
                        post(core("pods"), pod("a", "")).only("kind"),
                        post(core("pods"), pod("b", "nodeName: none,")).only("kind"),
                        get(core("pods?fieldSelector=metadata.name%3Da"))
                                .only("items.0.metadata.name", "kind", "items"),
                        get(core("pods?fieldSelector=spec.nodeName%3Dnone,metadata.namespace%3D{ns}"))
                                .only("items"),
                        get(core("pods?fieldSelector=status.phase!%3DPending")).only("items"),
                        get(core("pods?fieldSelector=spec.containers%3Dx")),
                        get(core("pods?fieldSelector=nonsense")),
                        get(MAPS + "?fieldSelector=metadata.name%3Dnone"),
                        get(MAPS + "?fieldSelector=data.k%3Dv")),
                probe(
                        "lists in pages",
                        post(SECRETS, "{apiVersion: v1, kind: Secret, metadata: {name: a}}"),
                        post(SECRETS, "{apiVersion: v1, kind: Secret, metadata: {name: b}}"),
                        post(
                                SECRETS,
                                "{apiVersion: v1, kind: Secret, metadata: {name: c}, type: test/x, stringData: {k: v}}"),
                        get(SECRETS + "?limit=2").keep("next", "metadata.continue"),
                        get(SECRETS + "?limit=2&continue={next}"),
                        get(SECRETS + "?limit=3"),
                        get(SECRETS + "?limit=1&labelSelector=x%3Dy"),
                        get(SECRETS + "?limit=2&continue=nonsense").only("reason", "code"),
                        get(SECRETS + "?limit=x").only("code", "reason"),
                        get(SECRETS + "?resourceVersion=0"),
                        get(SECRETS + "?resourceVersion=x&timeoutSeconds=1"),
                        get(SECRETS + "?resourceVersionMatch=Exact"),
                        get(SECRETS + "?resourceVersion=99999999999").only("status", "code", "reason", "details"),
                        get(SECRETS + "?resourceVersion=1&resourceVersionMatch=Odd")),
                probe(
                        "all namespaces",
                        post(MAPS, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {all: '{id}'}}}"),
                        get("/api/v1/configmaps?labelSelector=all%3D{id}"),
                        table("/api/v1/configmaps?labelSelector=all%3D{id}"),
                        post("/api/v1/configmaps", configMap("b")).only("code"),
                        delete("/api/v1/configmaps").only("code")),
                probe(
                        "a table of pods",
                        post(core("pods"), pod("a", "")).only("kind"),
                        post(core("pods"), pod("b", "nodeName: none, readinessGates: [{conditionType: test/x}],"))
                                .only("kind"),
                        Ask.strategic(
                                        core("pods/b/status"),
                                        "{status: {phase: Running, podIP: 10.1.2.3, podIPs: [{ip: 10.1.2.3}], conditions: [{type: Ready, status: 'True'}], containerStatuses: [{name: web, ready: true, restartCount: 2, image: x, imageID: x, started: true, state: {running: {startedAt: '2020-01-01T00:00:00Z'}}, lastState: {terminated: {exitCode: 1, reason: Error, finishedAt: '2020-01-01T00:00:00Z'}}}]}}")
                                .only("kind"),
                        post(core("pods"), pod("c", "initContainers: [{name: first, image: x}],"))
                                .only("kind"),
                        Ask.strategic(
                                        core("pods/c/status"),
                                        "{status: {containerStatuses: [{name: web, ready: false, restartCount: 0, image: x, imageID: '', state: {waiting: {reason: ImagePullBackOff}}}]}}")
                                .only("kind"),
                        table(core("pods")).except("rows.*.cells.3", "rows.*.object.metadata.managedFields"),
                        table(core("pods/a")),
                        table(core("pods?includeObject=None")).only("rows", "columnDefinitions"),
                        table(core("pods?includeObject=Object&limit=1")).except("metadata"),
                        table(core("pods/none"))),
                probe(
                        "what is said of the columns of a table",
                        post(MAPS, configMap("a")).only("kind"),
                        described(core("pods")),
                        described(apps("deployments")),
                        described(OURS).except("rows.*.object.metadata.managedFields")),
                probe(
                        "tables of deployments, services, namespaces, maps and secrets",
                        post(apps("deployments"), deployment("web", "replicas: 0,"))
                                .only("kind"),
                        until(
                                get(apps("deployments/web")).only("kind"),
                                json -> json.at("status", "observedGeneration").integer(0) == 1),
                        table(apps("deployments")).except("rows.*.object", "metadata"),
                        table(apps("replicasets")).except("rows.*.object", "metadata"),
                        post(core("services"), service("a", "")).only("kind"),
                        post(core("services"), service("b", ", clusterIP: None"))
                                .only("kind"),
                        post(core("services"), service("c", ", type: NodePort")).only("kind"),
                        post(
                                        core("services"),
                                        "{apiVersion: v1, kind: Service, metadata: {name: d}, spec: {type: ExternalName, externalName: example.test}}")
                                .only("kind"),
                        table(core("services")).except("rows.*.object", "metadata", "rows.*.cells.4"),
                        table("/api/v1/namespaces/{ns}").except("rows.*.object"),
                        post(MAPS, configMap("a")).only("kind"),
                        table(OURS).except("rows.*.object.metadata.managedFields"),
                        post(SECRETS, "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {k: dg==}}")
                                .only("kind"),
                        table(SECRETS).except("rows.*.object.metadata.managedFields")),
                probe(
                        "a table of jobs, leases, events and slices",
                        post(
                                        "/apis/batch/v1/namespaces/{ns}/jobs",
                                        "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: c, image: x}]}}}}")
                                .only("kind"),
                        until(
                                get("/apis/batch/v1/namespaces/{ns}/jobs/j").only("kind"),
                                json -> !json.at("status", "conditions").items().isEmpty()),
                        table("/apis/batch/v1/namespaces/{ns}/jobs").except("rows.*.object", "metadata"),
                        post(
                                        "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
                                        "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: l}, spec: {holderIdentity: me}}")
                                .only("kind"),
                        table("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases")
                                .except("rows.*.object", "metadata"),
                        post(
                                "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices",
                                "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s}, addressType: IPv4, endpoints: [{addresses: [10.9.9.1]}, {addresses: [10.9.9.2], conditions: {ready: false}}], ports: [{name: http, port: 80, protocol: TCP}]}"),
                        table("/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices")
                                .except("rows.*.object", "metadata")),
                probe(
                        "a table of things, with the columns they are defined with",
                        post(
                                        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                                        definition("{type: object, x-kubernetes-preserve-unknown-fields: true}", """
                                                additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size, description: how big},
                                                  {name: Wide, type: string, jsonPath: .spec.wide, priority: 1}, {name: On, type: boolean, jsonPath: .spec.on},
                                                  {name: Since, type: date, jsonPath: .spec.since}, {name: All, type: string, jsonPath: ".spec.all[*].name"},
                                                  {name: Ready, type: string, jsonPath: ".spec.all[?(@.name=='b')].ok"}],
                                                """))
                                .only("kind"),
                        until(
                                table("/apis/{id}.test/v1/namespaces/{ns}/things")
                                        .except("metadata"),
                                json -> json.at("kind").string("").equals("Table")),
                        post(
                                        "/apis/{id}.test/v1/namespaces/{ns}/things",
                                        thing(
                                                "a",
                                                ", spec: {size: 3, wide: w, on: true, since: '2020-01-01T00:00:00Z', all: [{name: a}, {name: b, ok: 'yes'}]}"))
                                .only("kind"),
                        post("/apis/{id}.test/v1/namespaces/{ns}/things", thing("b", ", spec: {size: big, wide: 7}"))
                                .only("kind"),
                        table("/apis/{id}.test/v1/namespaces/{ns}/things").except("rows.*.object", "metadata"),
                        table("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.{id}.test")
                                .except("rows.*.object"),
                        // The first column is not theirs.
                        described("/apis/{id}.test/v1/namespaces/{ns}/things/a")
                                .except("columnDefinitions.0.description")),
                probe(
                        "metadata only",
                        post(MAPS, configMap("a")),
                        get(OURS).header("Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"),
                        get(MAPS + "/a")
                                .header("Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"),
                        get(MAPS + "/a").header("Accept", "text/html").only("code", "reason"),
                        get(MAPS + "/a").header("Accept", "*/*"),
                        get(MAPS + "/a")
                                .header("Accept", "application/json;as=Table;g=meta.k8s.io;v=v9")
                                .only("reason", "code")),
                probe(
                        "a watch tells what comes, changes and goes",
                        watch(
                                OURS + "&watch=true",
                                4,
                                post(MAPS, configMap("a")),
                                merge(MAPS + "/a", "{data: {k: w}}"),
                                post(MAPS, configMap("b", "")),
                                delete(MAPS + "/a"))),
                probe(
                        "a watch begins with what is there",
                        post(MAPS, configMap("a")),
                        post(MAPS, configMap("b")),
                        watchFrom(2, OURS + "&watch=true", 3, merge(MAPS + "/b", "{data: {k: w}}")),
                        watch(OURS + "&watch=1&resourceVersion=0", 2)),
                probe(
                        "a watch goes on from a version",
                        post(MAPS, configMap("a")).keep("from", "metadata.resourceVersion"),
                        merge(MAPS + "/a", "{data: {k: w}}"),
                        delete(MAPS + "/a"),
                        post(MAPS, configMap("a", "")),
                        watch(OURS + "&watch=true&resourceVersion={from}", 3)),
                probe(
                        "a watch of what enters and leaves a selection",
                        post(MAPS, configMap("a")).keep("from", "metadata.resourceVersion"),
                        watch(
                                OURS + "&watch=true&resourceVersion={from}",
                                2,
                                merge(MAPS + "/a", "{metadata: {labels: {probe: other}}}"),
                                merge(MAPS + "/a", "{data: {k: unseen}}"),
                                merge(MAPS + "/a", "{metadata: {labels: {probe: x}}}"))),
                probe(
                        "a watch that streams the beginning says when it is over",
                        post(MAPS, configMap("a")),
                        watchFrom(
                                2,
                                OURS
                                        + "&watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
                                3,
                                merge(MAPS + "/a", "{data: {k: w}}")),
                        get(OURS + "&watch=true&sendInitialEvents=true&timeoutSeconds=1"),
                        get(OURS + "&sendInitialEvents=true&timeoutSeconds=1"),
                        get(OURS + "&watch=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1")),
                probe(
                        "a watch of one object",
                        post(MAPS, configMap("a")),
                        post(MAPS, configMap("b")),
                        watch(
                                MAPS + "?watch=true&fieldSelector=metadata.name%3Da",
                                3,
                                merge(MAPS + "/b", "{data: {x: y}}"),
                                merge(MAPS + "/a", "{data: {k: w}}"),
                                delete(MAPS + "/a"))),
                probe(
                        "a watch of tables",
                        post(MAPS, configMap("a")),
                        watch(
                                table(OURS + "&watch=true"),
                                3,
                                merge(MAPS + "/a", "{data: {x: y}}"),
                                post(MAPS, configMap("b")))),
                probe(
                        "a watch ends in time",
                        post(MAPS, configMap("a")),
                        watch(OURS + "&watch=true&timeoutSeconds=1", 5)),
                probe(
                        "watches from versions that are none",
                        get(MAPS + "?watch=true&resourceVersion=x&timeoutSeconds=1"),
                        get(MAPS + "?watch=true&resourceVersion=-1&timeoutSeconds=1"),
                        get(MAPS + "?watch=true&timeoutSeconds=x").only("code", "reason"),
                        get(MAPS + "?watch=true&labelSelector=a%20b&timeoutSeconds=1")
                                .only("reason", "code")));
    }
}
