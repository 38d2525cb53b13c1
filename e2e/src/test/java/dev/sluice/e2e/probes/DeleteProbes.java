package dev.sluice.e2e.probes;

import static dev.sluice.e2e.probes.Ask.delete;
import static dev.sluice.e2e.probes.Ask.get;
import static dev.sluice.e2e.probes.Ask.merge;
import static dev.sluice.e2e.probes.Ask.post;
import static dev.sluice.e2e.probes.Ask.put;
import static dev.sluice.e2e.probes.Probe.apps;
import static dev.sluice.e2e.probes.Probe.core;
import static dev.sluice.e2e.probes.Probe.gone;
import static dev.sluice.e2e.probes.Probe.probe;
import static dev.sluice.e2e.probes.Probe.until;
import static dev.sluice.e2e.probes.Probe.watch;
import static dev.sluice.e2e.probes.Samples.configMap;
import static dev.sluice.e2e.probes.Samples.pod;

import java.util.List;

/// How objects go: at once, held back, with what belongs to them, together, on a condition.
final class DeleteProbes {
    private DeleteProbes() {}

    private static final String MAPS = core("configmaps");
    private static final String MAP = core("configmaps/a");

    private static String owned(String name, String more) {
        return "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name
                + ", ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: a, uid: '{owner}'" + more + "}]}}";
    }

    static List<Probe> all() {
        return List.of(
                probe(
                        "a finalizer holds an object back",
                        post(
                                MAPS,
                                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, finalizers: [test/hold]}, data: {k: v}}"),
                        delete(MAP),
                        delete(MAP),
                        merge(MAP, "{data: {k: w}}"),
                        merge(MAP, "{metadata: {finalizers: [test/hold, test/more]}}"),
                        put(MAP, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, finalizers: [test/hold]}}"),
                        merge(MAP, "{metadata: {deletionTimestamp: null}}"),
                        merge(MAP, "{metadata: {finalizers: null}}"),
                        get(MAP)),
                probe(
                        "a finalizer's name is checked",
                        post(MAPS, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, finalizers: ['a b']}}"),
                        post(MAPS, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, finalizers: [plain]}}")),
                probe(
                        "a delete on a condition",
                        post(MAPS, configMap("a"))
                                .keep("uid", "metadata.uid")
                                .keep("version", "metadata.resourceVersion"),
                        delete(MAP, "{preconditions: {uid: 'f0000000-0000-4000-8000-000000000000'}}"),
                        delete(MAP, "{preconditions: {resourceVersion: '1'}}").except("message"),
                        delete(
                                MAP,
                                "{apiVersion: v1, kind: DeleteOptions, preconditions: {uid: '{uid}', resourceVersion: '{version}'}}"),
                        get(MAP)),
                probe(
                        "a delete's options are checked",
                        post(MAPS, configMap("a")),
                        delete(MAP + "?propagationPolicy=Odd"),
                        delete(MAP, "{propagationPolicy: Odd}"),
                        delete(MAP, "{orphanDependents: true, propagationPolicy: Orphan}"),
                        delete(MAP + "?gracePeriodSeconds=-1"),
                        delete(MAP + "?dryRun=All"),
                        delete(MAP, "{dryRun: [All]}"),
                        delete(MAP, "{dryRun: [Some]}"),
                        get(MAP).only("kind")),
                probe(
                        "a pod goes gracefully",
                        post(core("pods"), pod("web", "terminationGracePeriodSeconds: 7, nodeName: none,"))
                                .only("kind"),
                        delete(core("pods/web")).except("metadata.managedFields"),
                        get(core("pods/web"))
                                .only(
                                        "metadata.deletionGracePeriodSeconds",
                                        "metadata.deletionTimestamp",
                                        "metadata.generation"),
                        delete(core("pods/web?gracePeriodSeconds=3"))
                                .only("metadata.deletionGracePeriodSeconds", "metadata.generation"),
                        delete(core("pods/web?gracePeriodSeconds=9"))
                                .only("metadata.deletionGracePeriodSeconds", "metadata.generation"),
                        delete(core("pods/web?gracePeriodSeconds=0"))
                                .only("kind", "metadata.deletionGracePeriodSeconds"),
                        get(core("pods/web"))),
                probe(
                        "a pod nobody runs goes at once",
                        post(core("pods"), pod("web", "")).only("kind"),
                        delete(core("pods/web")).except("metadata.managedFields"),
                        get(core("pods/web"))),
                probe(
                        "what is owned goes after its owner",
                        post(MAPS, configMap("a")).keep("owner", "metadata.uid"),
                        post(MAPS, owned("b", "")),
                        delete(MAP + "?propagationPolicy=Background"),
                        gone(core("configmaps/b"))),
                probe(
                        "in the foreground the owner waits",
                        post(MAPS, configMap("a")).keep("owner", "metadata.uid"),
                        post(
                                        MAPS,
                                        owned("b", ", blockOwnerDeletion: true")
                                                .replace("name: b,", "name: b, finalizers: [test/hold],"))
                                .only("kind"),
                        delete(MAP, "{propagationPolicy: Foreground}"),
                        until(
                                get(core("configmaps/b")).only("metadata.deletionTimestamp", "metadata.finalizers"),
                                json -> json.at("metadata", "deletionTimestamp")
                                        .asString()
                                        .isPresent()),
                        get(MAP).only("metadata.deletionTimestamp", "metadata.finalizers"),
                        merge(core("configmaps/b"), "{metadata: {finalizers: null}}")
                                .only("kind"),
                        gone(MAP),
                        get(core("configmaps/b"))),
                probe(
                        "orphans stay",
                        post(MAPS, configMap("a")).keep("owner", "metadata.uid"),
                        post(MAPS, owned("b", ", controller: true")),
                        delete(MAP + "?propagationPolicy=Orphan").except("metadata.managedFields"),
                        gone(MAP),
                        get(core("configmaps/b")).except("metadata.managedFields")),
                probe(
                        "what names an owner that never was goes",
                        post(
                                        MAPS,
                                        "{apiVersion: v1, kind: ConfigMap, metadata: {name: b, ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: a, uid: f0000000-0000-4000-8000-000000000000}]}}")
                                .only("kind"),
                        gone(core("configmaps/b"))),
                probe(
                        "a collection goes by selection",
                        post(MAPS, configMap("a")).only("kind"),
                        post(MAPS, configMap("b")).only("kind"),
                        post(MAPS, configMap("c").replace("probe: x", "probe: z"))
                                .only("kind"),
                        delete(MAPS + "?labelSelector=probe%3Dx").except("items"),
                        get(MAPS + "?labelSelector=probe").only("items"),
                        delete(MAPS + "?labelSelector=probe%3Dnone"),
                        delete(MAPS + "?fieldSelector=metadata.name%3Dc").except("items"),
                        get(core("configmaps/c"))),
                probe(
                        "a watch sees an object held back and go",
                        post(
                                        MAPS,
                                        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {probe: x}, finalizers: [test/hold]}}")
                                .keep("from", "metadata.resourceVersion"),
                        watch(
                                MAPS + "?labelSelector=probe%3Dx&watch=true&resourceVersion={from}",
                                2,
                                delete(MAP).only("kind"),
                                merge(MAP, "{metadata: {finalizers: []}}").only("kind"))),
                probe(
                        "a namespace takes all it holds with it",
                        post("/api/v1/namespaces", "{apiVersion: v1, kind: Namespace, metadata: {name: 'n-{id}'}}"),
                        post(
                                        "/api/v1/namespaces/n-{id}/configmaps",
                                        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, finalizers: [test/hold]}}")
                                .only("kind"),
                        delete("/api/v1/namespaces/n-{id}").only("kind", "metadata.name", "status", "spec"),
                        post("/api/v1/namespaces/n-{id}/configmaps", configMap("b")),
                        until(
                                get("/api/v1/namespaces/n-{id}/configmaps/a").only("metadata.deletionTimestamp"),
                                json -> json.at("metadata", "deletionTimestamp")
                                        .asString()
                                        .isPresent()),
                        merge("/api/v1/namespaces/n-{id}/configmaps/a", "{metadata: {finalizers: null}}")
                                .only("kind"),
                        gone("/api/v1/namespaces/n-{id}")),
                probe(
                        "a deployment's ReplicaSet goes with it",
                        post(
                                        apps("deployments"),
                                        Samples.deployment("web", "replicas: 0,")
                                                .replace("paused: true,", ""))
                                .only("kind"),
                        until(
                                get(apps("replicasets")).only("kind"),
                                json -> json.at("items").items().size() == 1),
                        delete(apps("deployments/web?propagationPolicy=Foreground"))
                                .only("kind"),
                        gone(apps("deployments/web")),
                        get(apps("replicasets")).only("items")));
    }
}
