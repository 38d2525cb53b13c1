package dev.sluice.kube.rollout;

import dev.sluice.json.Json;
import dev.sluice.rollout.Additions;
import dev.sluice.rollout.Problem;
import dev.sluice.rollout.ReplicaSet;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.RolloutSpec;
import dev.sluice.rollout.RolloutStatus;
import dev.sluice.rollout.hash.PodTemplateHash;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads `sluice.dev/v1alpha1` DeploymentCanaries, as far as they say something by themselves: what depends on the two
/// Deployments is [PairObserver]'s.
public final class PairCodec {
    /// Fields that Rollouts have for what a pair of Deployments cannot do.
    private static final List<String> OF_ROLLOUTS = List.of(
            "canaryService",
            "stableService",
            "trafficRouting",
            "dynamicStableScale",
            "scaleDownDelaySeconds",
            "scaleDownDelayRevisionLimit",
            "abortScaleDownDelaySeconds",
            "minPodsPerReplicaSet",
            "canaryMetadata",
            "stableMetadata",
            "antiAffinity",
            "template",
            "selector",
            "strategy",
            "workloadRef");

    private static final RolloutCodec CANARY = new RolloutCodec(Map.of());

    private PairCodec() {}

    /// As a Rollout of revision 2 without selector and template, and every mistake in it.
    public static RolloutCodec.Decoded decode(Json.Obj source) {
        var problems = new ArrayList<Problem>();
        var fields = Fields.of(source, problems);
        var spec = fields.at("spec");
        var stable = required(spec, "stable", "name the Deployment that serves today");
        var canary = required(spec, "canary", "name the Deployment that is to take over");
        if (!stable.isEmpty() && stable.equals(canary)) {
            spec.problem("canary", "must differ from stable", "name two Deployments");
        }
        var own = source.at("spec").obj();
        for (var name : OF_ROLLOUTS) {
            if (spec.has(name)) {
                own = own.withoutAt(List.of(name));
                spec.problem(
                        name, "is a field of Rollouts, a pair is split by its pods", "remove it, or use a Rollout");
            }
        }
        hashes(source.at("spec", "analysis"), "spec.analysis", problems);
        var steps = source.at("spec", "steps").items();
        for (int i = 0; i < steps.size(); i++) {
            hashes(steps.get(i).at("analysis"), "spec.steps[%d].analysis".formatted(i), problems);
        }
        var rollout = RolloutCodec.rollout(
                Rollout.Kind.DEPLOYMENT_CANARY,
                source,
                2,
                new RolloutSpec(
                        spec.count("replicas").or(() -> remembered(source)),
                        Json.Obj.EMPTY,
                        Json.Obj.EMPTY,
                        0,
                        CANARY.canary(spec.over(own), Json.Obj.EMPTY),
                        10,
                        spec.flag("paused", false),
                        Duration.ofSeconds(spec.count("progressDeadlineSeconds").orElse(600)),
                        // Nobody has to be kept used to the other default here: what does not get on goes back.
                        spec.flag("progressDeadlineAbort", true),
                        Optional.empty(),
                        0));
        // A slip such as `stpes` would be no steps, which is everything at once.
        fields.refuseUnknown(Rollout.Kind.DEPLOYMENT_CANARY.toString(), KnownFields.ofPairs());
        return new RolloutCodec.Decoded(rollout, problems, List.of());
    }

    /// How many pods these two Deployments have had together up to now. Another canary beside the same stable one takes
    /// over what was begun: some of the pods may be with the canary before it.
    private static Optional<Integer> remembered(Json.Obj source) {
        var recorded = PairStatus.of(source.at("status"));
        var spec = source.at("spec");
        return recorded.replicas().filter(_ -> recorded.isAbout(spec) || recorded.servesAsStableOf(spec));
    }

    /// What the core calls a hash here is on no pod: a query by it would find nothing and might pass for that.
    private static void hashes(Json analysis, String path, List<Problem> problems) {
        var args = analysis.at("args").items();
        for (int i = 0; i < args.size(); i++) {
            var hash = args.get(i).at("valueFrom", "podTemplateHashValue");
            if (hash.isNull()) continue;
            problems.add(new Problem(
                    "%s.args[%d].valueFrom.podTemplateHashValue".formatted(path, i),
                    hash.text(),
                    "is a hash of ReplicaSets of a Rollout, which pods of Deployments do not have",
                    "give value, and let the query ask for a label that tells the two Deployments apart"));
        }
    }

    private static String required(Fields fields, String name, String remedy) {
        var value = fields.string(name);
        if (value.isEmpty()) fields.problem(name, "is required", remedy);
        return value.orElse("");
    }

    /// The two Deployments as the core knows them: ReplicaSets of revision 1 and 2.
    ///
    /// @param replicas what they shall have together
    public static List<ReplicaSet> sides(Optional<Json.Obj> stable, Optional<Json.Obj> canary, int replicas) {
        var sides = new ArrayList<ReplicaSet>();
        stable.ifPresent(deployment -> sides.add(side(deployment, 1, replicas, false)));
        canary.ifPresent(deployment -> sides.add(side(deployment, 2, replicas, true)));
        return sides;
    }

    /// Name and template: the same template under another name is another side.
    static String hash(Json.Obj deployment) {
        var template = deployment.at("spec", "template").obj();
        var name = deployment.at("metadata", "name").string("");
        return PodTemplateHash.of(template.withAt(List.of("metadata", "name"), name), Optional.empty());
    }

    /// @param newTemplateOnly whether pods of an earlier template of the Deployment do not count as available
    private static ReplicaSet side(Json.Obj deployment, int revision, int desired, boolean newTemplateOnly) {
        var metadata = deployment.at("metadata");
        var status = deployment.at("status");
        boolean observed = status.at("observedGeneration").asLong().orElse(0L)
                >= metadata.at("generation").asLong().orElse(0L);
        return new ReplicaSet(
                metadata.at("name").string(""),
                metadata.at("uid").string(""),
                metadata.at("resourceVersion").string(""),
                hash(deployment),
                metadata.at("creationTimestamp")
                        .asString()
                        .flatMap(Fields::instant)
                        .orElse(Instant.EPOCH),
                !metadata.at("deletionTimestamp").isNull(),
                revision,
                List.of(),
                // Nothing is remembered on a Deployment, so there is nothing that could be out of date.
                Optional.of(desired),
                deployment.at("spec", "minReadySeconds").integer(0),
                deployment.at("spec", "replicas").integer(1),
                pods(deployment, observed, newTemplateOnly),
                observed,
                Optional.empty(),
                Additions.Of.NOBODY);
    }

    /// A Deployment's status does not say which template its available pods have. What it proves: of
    /// the new one are all that are more than the old pods could be.
    private static ReplicaSet.Pods pods(Json.Obj deployment, boolean observed, boolean newTemplateOnly) {
        var status = deployment.at("status");
        int existing = status.at("replicas").integer(0);
        int updated = status.at("updatedReplicas").integer(0);
        int available = status.at("availableReplicas").integer(0);
        int proven = observed ? Math.clamp(available - (existing - updated), 0, updated) : 0;
        return new ReplicaSet.Pods(
                existing,
                status.at("readyReplicas").integer(0),
                newTemplateOnly ? proven : available,
                existing > updated ? mixed(deployment, observed) : Optional.empty());
    }

    /// Available pods of whatever template that stay, in the worst case, when what is under way is done: the
    /// ReplicaSets want `availableReplicas + unavailableReplicas` pods, and any beyond may be available ones.
    /// None are counted on before the newest size is observed; where none are available none can be spared.
    private static Optional<Integer> mixed(Json.Obj deployment, boolean observed) {
        if (!observed) return Optional.of(0);
        var status = deployment.at("status");
        int available = status.at("availableReplicas").integer(0);
        if (available == 0) return Optional.empty();
        int wanted = available + status.at("unavailableReplicas").integer(0);
        int leaving = Math.max(0, status.at("replicas").integer(0) - wanted);
        int size = deployment.at("spec", "replicas").integer(1);
        return Optional.of(Math.max(0, Math.min(available - leaving, size)));
    }

    /// A pair with the memory of its status, as far as that is about these two Deployments.
    ///
    /// @param recorded the status as it was read
    /// @param samePair whether that is about the Deployments that the spec names
    /// @param tookOver whether the canary Deployment has all of the pods, or last had them
    /// @param stableHash of the stable Deployment, empty where it is not there
    /// @param newestHash of the canary Deployment, else of the stable one
    record Memory(PairStatus recorded, boolean samePair, boolean tookOver, String stableHash, String newestHash) {
        static Memory of(Json.Obj source, Optional<Json.Obj> stable, Optional<Json.Obj> canary) {
            var recorded = PairStatus.of(source.at("status"));
            var canaryName = source.at("spec", "canary").string("");
            boolean samePair = recorded.isAbout(source.at("spec"));
            boolean tookOver = recorded.serving().isEmpty()
                    // Without a memory, as after a restore: who has all the pods is who serves.
                    ? stable.isPresent() && size(stable) == 0 && size(canary) > 0
                    : samePair && recorded.serving().equals(canaryName);
            var stableHash = stable.map(PairCodec::hash).orElse("");
            return new Memory(
                    recorded,
                    samePair,
                    tookOver,
                    stableHash,
                    canary.map(PairCodec::hash).orElse(stableHash));
        }

        /// How many pods both shall have: what the spec says, else what was remembered, else what serves now.
        int replicas(Rollout alone, Optional<Json.Obj> stable, Optional<Json.Obj> canary) {
            return alone.spec().replicas().orElseGet(() -> size(tookOver ? canary : stable));
        }

        /// The status as the core is to see it: which side is the stable one follows from the names, never from a hash
        /// that an edit of a template could have changed.
        RolloutStatus status() {
            if (!samePair) return RolloutStatus.NONE.withSides("", tookOver ? newestHash : stableHash);
            return tookOver
                    ? recorded.common().withSides(newestHash, newestHash)
                    : recorded.common().withSides(recorded.common().currentPodHash(), stableHash);
        }
    }

    /// A DeploymentCanary as the core sees it beside its two Deployments.
    ///
    /// @param newestHash what the core knows the canary Deployment by, or the stable one where there is no other
    public record Beside(Rollout rollout, String newestHash, List<Problem> problems) {
        public Beside {
            problems = List.copyOf(problems);
        }
    }

    /// @param stable the Deployment that `spec.stable` names, where it is there, as `canary` for `spec.canary`
    public static Beside beside(Json.Obj source, Optional<Json.Obj> stable, Optional<Json.Obj> canary) {
        var decoded = decode(source);
        var memory = Memory.of(source, stable, canary);
        var template = canary.or(() -> stable)
                .map(deployment -> deployment.at("spec", "template").obj())
                .orElse(Json.Obj.EMPTY);
        var alone = decoded.rollout();
        var rollout = beside(
                alone,
                memory.replicas(alone, stable, canary),
                Json.Obj.EMPTY,
                template,
                canary.isPresent() ? 2 : 1,
                memory.status());
        return new Beside(rollout, memory.newestHash(), decoded.problems());
    }

    static int size(Optional<Json.Obj> deployment) {
        return deployment.map(d -> d.at("spec", "replicas").integer(1)).orElse(0);
    }

    /// The same beside its two Deployments.
    static Rollout beside(
            Rollout alone, int replicas, Json.Obj selector, Json.Obj template, int revision, RolloutStatus status) {
        var spec = alone.spec();
        return new Rollout(
                alone.kind(),
                alone.namespace(),
                alone.name(),
                alone.uid(),
                alone.resourceVersion(),
                alone.generation(),
                alone.created(),
                alone.deleting(),
                revision,
                new RolloutSpec(
                        Optional.of(replicas),
                        selector,
                        template,
                        spec.minReadySeconds(),
                        spec.strategy(),
                        spec.revisionHistoryLimit(),
                        spec.paused(),
                        spec.progressDeadline(),
                        spec.progressDeadlineAbort(),
                        spec.restartAt(),
                        spec.rollbackWindow()),
                status);
    }
}
