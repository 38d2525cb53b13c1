package dev.sluice.app.simulate;

import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Names;
import dev.sluice.rollout.RolloutStatus;
import dev.sluice.strategy.RoutedCanary;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What must hold after every event, whatever the controller, the users and the faults do.
///
/// Those that need the whole run (`Quiescent`, `CrashAgnostic`) or the writer (`OneWriter`, `Explained`) are
/// checked by [Simulation] and [Reasons]; they are listed in [#NAMES] with the rest.
public final class Invariants {
    /// The names under which violations are reported.
    public static final List<String> NAMES = List.of(
            "WeightsAddUp",
            "NoTrafficToEmpty",
            "NeverAheadOfStep",
            "CapacityKept",
            "RetreatIsMonotone",
            "FailedStaysOut",
            "Quiescent",
            "CrashAgnostic",
            "OneWriter",
            "Explained");

    private Invariants() {}

    /// One invariant on the true state.
    interface Invariant {
        String name();

        /// What is wrong after this change, if anything.
        Optional<String> violated(Model model, Model.Change change);
    }

    static List<Invariant> of(Scenario scenario) {
        return List.of(
                new WeightsAddUp(scenario),
                new NoTrafficToEmpty(scenario),
                new NeverAheadOfStep(scenario),
                new CapacityKept(scenario),
                new RetreatIsMonotone(),
                new FailedStaysOut(scenario));
    }

    private static Optional<String> wrongIf(boolean wrong, String what, Object... values) {
        return wrong ? Optional.of(what.formatted(values)) : Optional.empty();
    }

    /// Served weights sum to the maximum. The pods of a pair are its weights: both sides together are
    /// never given more than its size and surge. Where the other side is between two templates there may be
    /// one more: which pods it would give up is not known, and an available one must not be the price.
    static final class WeightsAddUp implements Invariant {
        private final Scenario scenario;

        WeightsAddUp(Scenario scenario) {
            this.scenario = scenario;
        }

        @Override
        public String name() {
            return "WeightsAddUp";
        }

        @Override
        public Optional<String> violated(Model model, Model.Change change) {
            if (scenario.kind() != Scenario.Kind.PAIR) {
                int sum = model.asked.canary() + model.asked.stable();
                return wrongIf(sum != 100, "weights %s add up to %d", model.asked, sum);
            }
            if (!(change instanceof Model.Change.ReplicaSetChanged(var old, var now, var _, var _))
                    || old.fields().isEmpty()
                    || Model.wanted(now) <= Model.wanted(old)) return Optional.empty();
            int replicas = Math.max(model.replicas(), model.knownReplicas);
            int surge = scenario.limits(replicas).surge();
            int most = replicas + surge + (surge > 0 && model.mixedBeside(now) ? 1 : 0);
            return wrongIf(
                    model.wantedPods() > most, "%d pods of both, at most %d are allowed", model.wantedPods(), most);
        }
    }

    /// No weight, and no active selector, on a revision without available pods.
    ///
    /// A Service that somebody deletes reaches nobody. What the controller cannot help is not its fault: what
    /// was on the canary Service when it was deleted, until it is taken away once (that the first pass that sees
    /// it does so is checked by [Simulation]); a stable or an active one that is gone.
    ///
    /// The same goes for a ReplicaSet that somebody deletes: a Service that selects it, or is pointed at it by who
    /// cannot know yet, is excused until it reaches pods again, or until no weight is on it.
    static final class NoTrafficToEmpty implements Invariant {
        private final Scenario scenario;
        private boolean begun;
        /// The canary Service is gone, and the weight that was on it then is still there.
        private boolean stranded;
        /// Services that select what was deleted, and have not reached a pod since.
        private final Set<String> emptied = new TreeSet<>();

        NoTrafficToEmpty(Scenario scenario) {
            this.scenario = scenario;
        }

        @Override
        public String name() {
            return "NoTrafficToEmpty";
        }

        @Override
        public Optional<String> violated(Model model, Model.Change change) {
            noteDeletions(model);
            return switch (scenario.kind()) {
                case BASIC -> Optional.empty();
                case PAIR -> promotedEmpty(model, change);
                case ROUTED -> {
                    begun |= model.reached("web-stable") > 0
                            && !model.selected("web-stable").isEmpty();
                    if (!begun) yield Optional.empty();
                    noteLoss(model, change);
                    if (!stranded && model.served.canary() > 0 && empty(model, "web-canary")) {
                        yield Optional.of("the router sends %d to the canary service, which reaches no pod"
                                .formatted(model.served.canary()));
                    }
                    yield wrongIf(
                            model.exists("web-stable") && model.served.stable() > 0 && empty(model, "web-stable"),
                            "the router sends %d to the stable service, which reaches no pod",
                            model.served.stable());
                }
                case BLUE_GREEN -> {
                    begun |= !model.selected("web").isEmpty() && model.reached("web") > 0;
                    yield wrongIf(
                            begun && model.exists("web") && empty(model, "web"), "the active service reaches no pod");
                }
            };
        }

        private boolean empty(Model model, String service) {
            return model.reached(service) == 0 && !emptied.contains(service);
        }

        private void noteDeletions(Model model) {
            boolean unknown = model.losses.stream().anyMatch(loss -> !loss.known());
            emptied.removeIf(service -> model.reached(service) > 0 && !model.loses());
            // What was asked for before the loss was known may be programmed only now.
            boolean left = model.served.canary() == 0 && model.asked.canary() == 0 && model.programmed();
            if (!unknown && left) emptied.remove("web-canary");
            for (var loss : model.losses) {
                if (loss.known()) continue;
                // Also one that is gone at the moment: made again it reaches all pods, and those are gone, too.
                for (var service : Simulation.SERVICES) {
                    var selected = model.selected(service);
                    if (selected.isEmpty() || selected.equals(loss.hash())) emptied.add(service);
                }
            }
        }

        private void noteLoss(Model model, Model.Change change) {
            boolean lost = change instanceof Model.Change.ServiceChanged(var old, var now)
                    && now.fields().isEmpty()
                    && old.at("metadata", "name").string("").equals("web-canary");
            if (lost) stranded = true;
            if (model.served.canary() == 0 && model.asked.canary() == 0 || model.exists("web-canary")) stranded = false;
        }

        /// The Service of a pair has all pods; what can be empty is the side that is said to serve.
        private static Optional<String> promotedEmpty(Model model, Model.Change change) {
            if (!(change instanceof Model.Change.RolloutChanged(var old, var _))) return Optional.empty();
            var before = old.at("status", "serving").string("");
            var now = model.rollout.at("status", "serving").string("");
            return wrongIf(
                    !before.isEmpty() && !now.equals(before) && model.availableOf(now) == 0,
                    "%s is said to serve and has no pod",
                    now);
        }
    }

    /// The weight is not raised above the current step's, unless everything was promoted.
    static final class NeverAheadOfStep implements Invariant {
        private final Scenario scenario;

        NeverAheadOfStep(Scenario scenario) {
            this.scenario = scenario;
        }

        @Override
        public String name() {
            return "NeverAheadOfStep";
        }

        @Override
        public Optional<String> violated(Model model, Model.Change change) {
            var status = model.status;
            if (status.promoteFull() || status.fullyPromoted()) return Optional.empty();
            // What there is serves, as far as it goes.
            if (model.stableLost()) return Optional.empty();
            if (scenario.kind() == Scenario.Kind.BLUE_GREEN) return unproven(model, change);
            int index = status.currentStepIndex().orElse(scenario.steps().size());
            if (index >= scenario.steps().size() || status.stableRS().isEmpty()) return Optional.empty();
            // A user's promote while a decision is on its way: that one was made for the step before.
            int allowed = 0;
            for (int i = Math.min(index, model.knownIndex.orElse(index)); i <= index; i++) {
                allowed = Math.max(allowed, weightUpTo(i));
            }
            if (change instanceof Model.Change.RouteAsked(var before)) {
                return wrongIf(
                        model.asked.canary() > before.canary() && model.asked.canary() > allowed,
                        "weight raised to %d at step %d, which asks for %d",
                        model.asked.canary(),
                        index,
                        allowed);
            }
            if (change instanceof Model.Change.ServiceChanged(var old, var now)
                    && !now.fields().isEmpty()
                    && !status.abort()
                    && Model.selects(now).equals(status.currentPodHash())
                    && !Model.selects(old).equals(Model.selects(now))) {
                return wrongIf(
                        now.at("metadata", "name").string("").equals("web-canary") && model.served.canary() > allowed,
                        "the canary service moves to %s with a weight of %d at step %d, which asks for %d",
                        status.currentPodHash(),
                        model.served.canary(),
                        index,
                        allowed);
            }
            if (scenario.kind() == Scenario.Kind.ROUTED
                    || !(change instanceof Model.Change.ReplicaSetChanged(var old, var now, var hash, var _)))
                return Optional.empty();
            int pods = Model.wanted(now);
            if (serves(model, now, hash) || old.fields().isEmpty() || pods <= Model.wanted(old)) {
                return Optional.empty();
            }
            // The nearest ratio rounds up to a whole pod, and may use one of surge.
            int replicas = Math.max(model.replicas(), model.knownReplicas);
            int most = Math.ceilDiv((replicas + 1) * allowed, 100);
            return wrongIf(
                    pods > most && !status.currentPodHash().isEmpty(),
                    "%d canary pods at step %d, which asks for %d %% of %d",
                    pods,
                    index,
                    allowed,
                    replicas);
        }

        /// Of blue-green: everybody is sent to a new side only when it has proven itself, where it is asked to. One
        /// that
        /// served before, and that it goes back to, has.
        private Optional<String> unproven(Model model, Model.Change change) {
            var hash = model.status.currentPodHash();
            if (!scenario.judgedBefore()
                    || model.status.stableRS().isEmpty()
                    || !(change instanceof Model.Change.ServiceChanged(var old, var now))
                    || !now.at("metadata", "name").string("").equals("web")
                    || !Model.selects(now).equals(hash)
                    || Model.selects(old).equals(hash)
                    || model.goesBack()) return Optional.empty();
            boolean proven = model.runs.values().stream()
                    .filter(run -> run.at("metadata", "labels", "rollout-type")
                            .string("")
                            .equals("PrePromotion"))
                    .filter(run ->
                            run.at("metadata", "labels", Names.HASH).string("").equals(hash))
                    .anyMatch(run -> run.at("status", "phase").string("").equals("Successful"));
            return wrongIf(!proven, "the active service went to %s, which nobody has found good", hash);
        }

        /// Of a pair the names say it, once the status is about the two that the spec names.
        private boolean serves(Model model, Json.Obj workload, String hash) {
            if (scenario.kind() == Scenario.Kind.BASIC) return hash.equals(model.status.stableRS());
            var canary = model.rollout.at("spec", "canary").string("");
            return !canary.equals(workload.at("metadata", "name").string(""))
                    || !canary.equals(model.rollout.at("status", "canary").string(""));
        }

        private int weightUpTo(int index) {
            int weight = 0;
            for (int i = 0; i <= index; i++) {
                weight = scenario.steps().get(i).at("setWeight").asInt().orElse(weight);
            }
            return weight;
        }
    }

    /// Available pods never fall below what the strategy promises.
    ///
    /// While a restart replaces pods, and until those are available, it promises less where a router or an
    /// active Service shares the traffic: what the weight of the stable side needs, without what may be
    /// unavailable, and one pod at least.
    ///
    /// Pods that went with a ReplicaSet which somebody deleted are not promised until there are enough again. Where
    /// it was the stable one, who is sent to the stable Service is served by what that reaches.
    static final class CapacityKept implements Invariant {
        private final Scenario scenario;
        private boolean reached;
        private boolean restarting;
        /// Least weight of the stable side during the restart: what has just come back has its pods a little later.
        private int carried = 100;
        /// Deletions that had to do with what is counted, since it was last enough.
        private final Set<Model.Loss> deleted = new LinkedHashSet<>();
        /// The stable ReplicaSet was deleted, and no stable revision has been whole since.
        private boolean replaced;

        CapacityKept(Scenario scenario) {
            this.scenario = scenario;
        }

        @Override
        public String name() {
            return "CapacityKept";
        }

        @Override
        public Optional<String> violated(Model model, Model.Change change) {
            if (change instanceof Model.Change.RolloutChanged(var old, var _)
                    && old.at("spec", "replicas").integer(1) < model.replicas()) {
                reached = false;
            }
            noteDeletions(model);
            int has = serving(model);
            noteRestart(model, has);
            if (!reached) {
                // A size that no pass has seen is promised by nobody.
                reached = has >= model.replicas() && model.seenReplicas == model.replicas();
                return Optional.empty();
            }
            int promised = promised(model);
            if (has >= promised && !model.loses()) deleted.removeIf(Model.Loss::known);
            promised -= deleted.stream().mapToInt(loss -> loss.pods().size()).sum();
            return wrongIf(has < promised, "%d pods available, %d promised", has, promised);
        }

        private void noteDeletions(Model model) {
            if (model.available(model.status.stableRS()) >= model.replicas() && !model.loses()) replaced = false;
            if (model.stableLost()) replaced = true;
            for (var loss : model.losses) {
                // One that nobody knows of yet may also become what serves.
                if (!loss.known() && counts(model, loss.hash())) deleted.add(loss);
            }
        }

        private boolean counts(Model model, String hash) {
            return switch (scenario.kind()) {
                case BASIC, PAIR -> true;
                case ROUTED ->
                    replaced
                            ? selects(model, "web-stable", hash)
                            : model.status.stableRS().equals(hash);
                case BLUE_GREEN -> selects(model, "web", hash);
            };
        }

        private static boolean selects(Model model, String service, String hash) {
            var selected = model.selected(service);
            return selected.isEmpty() || selected.equals(hash);
        }

        private int serving(Model model) {
            return switch (scenario.kind()) {
                case BASIC, PAIR -> model.available();
                case ROUTED -> {
                    if (!replaced) yield model.available(model.status.stableRS());
                    yield model.exists("web-stable") ? model.reached("web-stable") : model.available();
                }
                // One that is gone, or was just made again, selects no revision.
                case BLUE_GREEN ->
                    model.selected("web").isEmpty() && reached
                            ? model.available()
                            : model.available(model.selected("web"));
            };
        }

        private void noteRestart(Model model, int has) {
            if (!restarting) carried = 100;
            restarting = model.restarting() || restarting && has < model.replicas();
            carried = Math.min(carried, Math.min(model.asked.stable(), model.served.stable()));
        }

        private int promised(Model model) {
            int replicas = model.replicas();
            return switch (scenario.kind()) {
                case BASIC, PAIR -> replicas - scenario.limits(replicas).unavailable();
                case ROUTED ->
                    restarting ? restarted(replicas, RoutedCanary.carrying(carried, 100, replicas)) : replicas;
                case BLUE_GREEN -> restarting ? restarted(replicas, replicas) : replicas;
            };
        }

        /// @param needed pods that the traffic needs
        private int restarted(int replicas, int needed) {
            return Math.max(1, needed - scenario.missing(replicas));
        }
    }

    /// From the moment an abort is acknowledged the canary's share never rises.
    static final class RetreatIsMonotone implements Invariant {
        @Override
        public String name() {
            return "RetreatIsMonotone";
        }

        @Override
        public Optional<String> violated(Model model, Model.Change change) {
            var status = model.status;
            // Full promotion is a human's word, and it takes the abort back.
            if (!status.abort() || status.abortedAt().isEmpty() || status.fullyPromoted() || status.promoteFull()) {
                return Optional.empty();
            }
            // There is nothing to go back to: what there is serves.
            if (model.stableLost()) return Optional.empty();
            return switch (change) {
                case Model.Change.RouteAsked(var before) ->
                    wrongIf(
                            model.asked.canary() > before.canary(),
                            "weight rose from %d to %d after an abort",
                            before.canary(),
                            model.asked.canary());
                case Model.Change.ReplicaSetChanged(var old, var now, var hash, var _) ->
                    wrongIf(
                            hash.equals(status.currentPodHash()) && Model.wanted(now) > Model.wanted(old),
                            "canary grew from %d to %d after an abort",
                            Model.wanted(old),
                            Model.wanted(now));
                case Model.Change.ServiceChanged(var old, var now) ->
                    wrongIf(
                            now.at("metadata", "name").string("").equals("web")
                                    && selects(now).equals(status.currentPodHash())
                                    && !selects(old).equals(selects(now)),
                            "the active service went to the aborted revision");
                case Model.Change.RolloutChanged _,
                        Model.Change.PodChanged _,
                        Model.Change.RouteServed _,
                        Model.Change.RunChanged _,
                        Model.Change.ReplicaSetLost _,
                        Model.Change.ActBegun _ -> Optional.empty();
            };
        }

        private static String selects(Json.Obj service) {
            return service.at("spec", "selector", Names.HASH).string("");
        }
    }

    /// What failed gets no new traffic, and its step is not passed, without a human or a new spec.
    ///
    /// A revision is out as soon as the status says so: the run that counts has failed, or the
    /// update is aborted, by a deadline as by hand. It stays out whatever the status says later,
    /// also while other revisions come and go, until somebody retries it, promotes it fully, or
    /// asks for its template anew.
    static final class FailedStaysOut implements Invariant {
        private final Scenario scenario;
        /// The share of each revision that is out, as it was last seen.
        private final Map<String, Integer> out = new TreeMap<>();

        FailedStaysOut(Scenario scenario) {
            this.scenario = scenario;
        }

        @Override
        public String name() {
            return "FailedStaysOut";
        }

        @Override
        public Optional<String> violated(Model model, Model.Change change) {
            return switch (change) {
                case Model.Change.ActBegun(var act) -> {
                    boolean again = act instanceof Scenario.Act.Retry || act instanceof Scenario.Act.PromoteFully;
                    if (again) out.remove(model.status.currentPodHash());
                    yield Optional.empty();
                }
                case Model.Change.RolloutChanged(var old, var before) -> {
                    var wanted = Model.image(model.rollout);
                    if (scenario.kind() != Scenario.Kind.PAIR && !wanted.equals(Model.image(old))) {
                        out.keySet().removeIf(hash -> model.image(hash).equals(wanted));
                    }
                    var passed = passed(model, before);
                    if (failed(model.status) && !failed(before) || acknowledged(model.status, before)) {
                        var hash = model.status.currentPodHash();
                        if (!model.status.fullyPromoted()) out.put(hash, share(model, hash));
                    }
                    yield passed.or(() -> back(model));
                }
                case Model.Change.ReplicaSetChanged(var _, var _, var hash, var renamed) -> {
                    // A Deployment has got the template again.
                    if (renamed && scenario.kind() == Scenario.Kind.PAIR) out.remove(hash);
                    yield back(model);
                }
                case Model.Change.ServiceChanged _, Model.Change.RouteAsked _ -> back(model);
                case Model.Change.PodChanged _,
                        Model.Change.RouteServed _,
                        Model.Change.RunChanged _,
                        Model.Change.ReplicaSetLost _ -> Optional.empty();
            };
        }

        private Optional<String> back(Model model) {
            for (var revision : out.entrySet()) {
                int had = revision.getValue();
                int has = share(model, revision.getKey());
                revision.setValue(has);
                // With the stable ReplicaSet deleted it is all that can serve.
                if (has > had && !model.stableLost()) {
                    return Optional.of("%s had failed, and its share rose from %d to %d"
                            .formatted(model.image(revision.getKey()), had, has));
                }
            }
            return Optional.empty();
        }

        /// What of the traffic is asked for a revision: pods, weight, or the active side.
        private int share(Model model, String hash) {
            return switch (scenario.kind()) {
                case BASIC, PAIR -> model.wantedPods(hash);
                case ROUTED ->
                    (model.selected("web-canary").equals(hash) ? model.asked.canary() : 0)
                            + (model.selected("web-stable").equals(hash) ? model.asked.stable() : 0);
                case BLUE_GREEN -> model.selected("web").equals(hash) ? 1 : 0;
            };
        }

        private static boolean failed(RolloutStatus status) {
            return status.runs()
                    .anyMatch(run -> run.phase() == AnalysisPhase.FAILED || run.phase() == AnalysisPhase.ERROR);
        }

        /// Only the controller writes the time of an abort; `abort` alone may be a user's wish.
        private static boolean acknowledged(RolloutStatus now, RolloutStatus before) {
            return now.abort()
                    && now.abortedAt().isPresent()
                    && !now.abortedAt().equals(before.abortedAt());
        }

        private static Optional<String> passed(Model model, RolloutStatus before) {
            var now = model.status;
            boolean advanced = now.currentPodHash().equals(before.currentPodHash())
                    && now.currentStepIndex().orElse(0)
                            == before.currentStepIndex().orElse(0) + 1
                    && !now.promoteFull()
                    // A user's promote moves the index as well; the controller's own step clears the run of the step.
                    && before.stepRun().isPresent()
                    && now.stepRun().isEmpty();
            if (!advanced) return Optional.empty();
            var run = model.runs.get(before.stepRun().get().name());
            return wrongIf(
                    run != null
                            && List.of("Failed", "Error")
                                    .contains(run.at("status", "phase").string("")),
                    "step %s was passed although its analysis failed",
                    before.currentStepIndex());
        }
    }
}
