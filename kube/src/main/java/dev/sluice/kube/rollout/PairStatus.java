package dev.sluice.kube.rollout;

import dev.sluice.json.Json;
import dev.sluice.rollout.RolloutStatus;
import java.util.Optional;

/// `status` of a DeploymentCanary: a Rollout's, and the Deployments that it speaks of. As `canary` is
/// the name of one of them, the AnalysisRuns that a Rollout has under it are in `status.analysis`.
///
/// @param stable `status.stable`: the Deployment that the status calls stable
/// @param canary `status.canary`: the Deployment that it calls canary
/// @param serving `status.serving`: the one of the two that holds, or last held, all of the pods
/// @param replicas `status.desiredReplicas`: how many pods both shall have together. Where the spec does not say it, it
///     is what the stable one had when the pair was begun, and stays that
record PairStatus(String stable, String canary, String serving, Optional<Integer> replicas, RolloutStatus common) {
    private static final String RUNS = "analysis";

    static PairStatus of(Json status) {
        var common = status.obj().with("canary", status.at(RUNS));
        return new PairStatus(
                status.at("stable").string(""),
                status.at("canary").string(""),
                status.at("serving").string(""),
                status.at("desiredReplicas").asInt().filter(replicas -> replicas >= 0),
                StatusCodec.decode(common));
    }

    /// Whether it is about the two Deployments that a spec names.
    boolean isAbout(Json spec) {
        return stable.equals(spec.at("stable").string(""))
                && canary.equals(spec.at("canary").string(""));
    }

    /// Whether the Deployment that a spec calls stable is the one that the status does, and has not been taken over
    /// from.
    boolean servesAsStableOf(Json spec) {
        return stable.equals(spec.at("stable").string("")) && serving.equals(stable);
    }

    /// What a decision about this observation leads to.
    static PairStatus after(Seen seen, RolloutStatus status) {
        var spec = seen.source().at("spec");
        var before = of(seen.source().at("status"));
        // A pass that is no further than the mistakes of the spec knows no sides: what was known stays.
        if (seen.sides().isEmpty()) {
            return new PairStatus(before.stable, before.canary, before.serving, before.replicas, status);
        }
        return new PairStatus(
                spec.at("stable").string(""),
                spec.at("canary").string(""),
                seen.sides().at(status.stableRS()).string(before.serving),
                Optional.of(seen.observation().rollout().replicas()),
                status);
    }

    Json.Obj encode() {
        var all = StatusCodec.encode(common);
        if (all.has("canary")) {
            all = all.with(RUNS, all.at("canary")).without("canary");
        }
        if (!stable.isEmpty()) all = all.with("stable", stable);
        if (!canary.isEmpty()) all = all.with("canary", canary);
        if (!serving.isEmpty()) all = all.with("serving", serving);
        return replicas.isPresent() ? all.with("desiredReplicas", replicas.get()) : all;
    }
}
