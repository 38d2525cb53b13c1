package dev.sluice.local.api;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;

/// What a cluster's admission adds to each pod: the account it runs as, how long it outlives its node, its priority.
///
/// There are no tokens here, and so no volume with one.
///
/// @see "Kubernetes: admission plug-ins ServiceAccount, DefaultTolerationSeconds, Priority"
final class Admission {
    private static final String DEFAULT = "default";
    private static final List<String> OUTAGES =
            List.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable");
    private static final int OUTAGE_SECONDS = 300;
    private final Store store;

    Admission(Store store) {
        this.store = store;
    }

    /// @throws Failure 403 for an account that does not exist; the default one need not
    Json.Obj pod(Json.Obj pod, String namespace) {
        var spec = pod.at("spec").obj();
        var account = spec.at("serviceAccountName").string("");
        if (account.isEmpty()) {
            spec = spec.with("serviceAccountName", DEFAULT).with("serviceAccount", DEFAULT);
        } else if (!account.equals(DEFAULT)
                && store.get("serviceaccounts", new Store.Key(namespace, account))
                        .isEmpty()) {
            throw Failure.podForbidden(
                    Metadata.name(pod),
                    "error looking up service account " + namespace + "/" + account + ": serviceaccount \"" + account
                            + "\" not found");
        }
        var tolerations = new ArrayList<Json>(spec.at("tolerations").items());
        for (var outage : OUTAGES) {
            if (tolerations.stream().noneMatch(toleration -> tolerates(toleration, outage))) {
                tolerations.add(Json.obj(
                        "key",
                        outage,
                        "operator",
                        "Exists",
                        "effect",
                        "NoExecute",
                        "tolerationSeconds",
                        OUTAGE_SECONDS));
            }
        }
        spec = spec.with("tolerations", tolerations);
        if (!spec.has("priority")) spec = spec.with("priority", 0);
        if (!spec.has("preemptionPolicy")) spec = spec.with("preemptionPolicy", "PreemptLowerPriority");
        return pod.with("spec", spec);
    }

    private static boolean tolerates(Json toleration, String outage) {
        var key = toleration.at("key").string("");
        var effect = toleration.at("effect").string("");
        return (key.equals(outage) || key.isEmpty()) && (effect.isEmpty() || effect.equals("NoExecute"));
    }
}
