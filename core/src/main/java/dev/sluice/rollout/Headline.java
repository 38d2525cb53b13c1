package dev.sluice.rollout;

import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.format.Brief;
import dev.sluice.format.HumanDuration;
import dev.sluice.rollout.RolloutStatus.PauseCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// One Rollout in one sentence: state, why, what happens next and when, what a person can do. Every surface shows this
/// one.
///
/// `status.phase` stays Argo's; this explains it.
///
/// @param state such as `Paused at 20 %`
/// @param why what it waits for or what has happened, with the values
/// @param next what comes then; absent where nothing does by itself
/// @param acts what a person can do about it, the likeliest first, each as it is typed
public record Headline(String state, String why, Optional<String> next, List<String> acts) {
    /// An act that is no command.
    public static final String CORRECT = "correct the spec";

    private static final String CORRECT_TEMPLATE = "correct the template";

    private static final int LONGEST_CAUSE = 160;

    public Headline {
        acts = List.copyOf(acts);
    }

    /// The sentence without what can be done: `Paused at 20 % – waiting for you (3h20m). Next: 40 %.`
    public String sentence() {
        return state + " – " + Brief.sentence(why)
                + next.map(n -> " Next: " + Brief.sentence(n)).orElse("");
    }

    /// For a column: `waiting for you (3h20m), next 40 %`.
    public String brief() {
        return why + next.map(n -> ", next " + n).orElse("");
    }

    /// The same with a cause that is known besides, on one line and not longer than a terminal takes.
    public Headline besides(String cause) {
        return new Headline(state, why + "; " + cut(cause), next, acts);
    }

    /// The sentence, and behind an arrow what can be done.
    @Override
    public String toString() {
        return acts.isEmpty() ? sentence() : sentence() + " → " + String.join(" | ", acts);
    }

    /// @param now for how long something has been so, and how long it will be
    public static Headline of(Rollout rollout, Instant now) {
        return of(rollout, List.of(), now);
    }

    /// @param sets those of the Rollout, where they are known: an update that was overtaken may have pods yet
    public static Headline of(Rollout rollout, List<ReplicaSet> sets, Instant now) {
        return new Author(rollout, sets, now).write();
    }

    /// The phase as Argo's tools show it: that of the status, unless it is older than the spec or than what a
    /// person has commanded through the status. A command's effect is not to be taken for what was there before.
    public static Phase phase(Rollout rollout) {
        var status = rollout.status();
        if (!status.observedGeneration().equals(Long.toString(rollout.generation()))) {
            return new Phase("Progressing", "waiting for rollout spec update to be observed");
        }
        boolean paused = status.phase().equals("Paused") && !rollout.spec().paused();
        if (paused && status.pauseConditions().isEmpty()) {
            return new Phase("Progressing", "waiting for rollout to unpause");
        }
        if (!workloadSeen(rollout)) {
            return new Phase(
                    "Progressing", "waiting for rollout spec update to be observed for the reference workload");
        }
        if (paused && status.promoteFull()) {
            return new Phase("Progressing", "waiting for the full promotion to begin");
        }
        boolean aborted = status.degraded()
                .filter(why -> why.reason().equals(StatusSync.ABORTED))
                .isPresent();
        if (aborted && !status.abort()) {
            return new Phase("Progressing", "waiting for the retry to begin");
        }
        if (status.abort() && !status.phase().equals("Degraded") && !status.fullyPromoted()) {
            return new Phase("Progressing", "waiting for the abort to begin");
        }
        return new Phase(status.phase().isEmpty() ? "Unknown" : status.phase(), status.message());
    }

    /// Whether the status is of the workload as it is, where the template comes from one.
    private static boolean workloadSeen(Rollout rollout) {
        return rollout.spec().workloadRef().isEmpty()
                || rollout.workloadGeneration().equals(rollout.status().workloadObservedGeneration());
    }

    /// What is wrong, where the controller has found the spec invalid: without whose it is, which whoever looks at it
    /// knows.
    public static Optional<String> problems(Rollout rollout) {
        return rollout.status().invalid().map(condition -> Invalidity.problems(rollout, condition.message()));
    }

    /// Whether a sentence has all that the message of a status says.
    public static boolean tells(String sentence, RolloutStatus status) {
        var message = status.message();
        if (message.isEmpty()) return true;
        return status.degraded()
                .map(why -> switch (why.reason()) {
                    case StatusSync.ABORTED ->
                        Author.cause(why.message())
                                .filter(cause -> !sentence.contains(cause))
                                .isEmpty();
                    // Of which the sentence has the numbers.
                    case "ProgressDeadlineExceeded" -> true;
                    default -> sentence.contains(why.message());
                })
                .orElse(sentence.contains(message));
    }

    /// Phase and message in Argo's words.
    public record Phase(String phase, String message) {}

    /// What a canary asks of its traffic at this moment, in per cent of it: the weight last asked of the router, else
    /// that of the last `setWeight` behind it; 100 once all steps are done. Empty for blue-green.
    public static Optional<Integer> askedWeight(Rollout rollout) {
        if (!(rollout.spec().strategy() instanceof Strategy.Canary canary)) return Optional.empty();
        var status = rollout.status();
        if (status.abort() || status.stableRS().isEmpty()) return Optional.of(status.abort() ? 0 : 100);
        if (status.fullyPromoted() || canary.steps().isEmpty()) return Optional.of(100);
        int index = status.currentStepIndex().orElse(0);
        if (index >= canary.steps().size()) return Optional.of(100);
        return Optional.of(percent(canary.weightAt(index).orElse(0), canary.maxWeight()));
    }

    private static int percent(int weight, int maximum) {
        return maximum == 100 ? weight : Math.round(weight * 100f / maximum);
    }

    private static String cut(String text) {
        return Brief.of(text, LONGEST_CAUSE);
    }

    /// Finds the words. One method for each state; the first that applies has it.
    private static final class Author {
        private static final String AND_RESTARTING = " and restarting";

        private final Rollout rollout;
        private final RolloutStatus status;
        private final List<ReplicaSet> sets;
        private final Instant now;

        Author(Rollout rollout, List<ReplicaSet> sets, Instant now) {
            this.rollout = rollout;
            this.status = rollout.status();
            this.sets = sets;
            this.now = now;
        }

        Headline write() {
            if (rollout.deleting()) return told("Going", "it is being deleted with all that it owns", "");
            if (status.observedGeneration().isEmpty()) {
                return told("Not begun", "no controller has seen it yet", "");
            }
            if (!status.observedGeneration().equals(Long.toString(rollout.generation()))) {
                return told("Changed", "the controller has not yet seen the newest spec", "", "wait");
            }
            if (!workloadSeen(rollout)) {
                var workload = rollout.spec().workloadRef().orElseThrow();
                return told("Changed", "the controller has not yet seen the newest state of " + workload, "", "wait");
            }
            if (status.invalid().isPresent()) {
                return invalid(
                        cut(Invalidity.first(rollout, status.invalid().get().message())));
            }
            if (status.refused().isPresent())
                return refused(cut(status.refused().get()));
            if (status.stableLost()) return noWayBack();
            if (status.abort()) return aborted();
            var command = phase(rollout);
            if (command.phase().equals("Progressing") && !command.message().equals(status.message())) {
                return told("Told to go on", command.message(), "", "wait");
            }
            boolean stuck = status.condition("Progressing")
                    .filter(c -> c.reason().equals("ProgressDeadlineExceeded"))
                    .isPresent();
            if (stuck) return stuck();
            if (rollout.spec().paused()) {
                return told(
                        "Paused by hand" + at(),
                        "nothing moves until it is resumed",
                        next(),
                        UserAct.RESUME,
                        UserAct.ABORT);
            }
            if (!status.pauseConditions().isEmpty())
                return paused(status.pauseConditions().getFirst());
            if (status.phase().equals("Healthy")) {
                if (rollout.replicas() == 0) {
                    return told("Healthy", "scaled to 0 pods, so that nothing serves", "", UserAct.UNDO);
                }
                return told(
                        "Healthy",
                        "all traffic is on %s (%s)".formatted(newest(), available()),
                        "",
                        UserAct.RESTART,
                        UserAct.UNDO);
            }
            if (!restarting()) return moving();
            if (status.fullyPromoted() || status.stableRS().isEmpty()) return restart();
            // In the middle of an update that is what matters.
            var update = moving();
            return new Headline(update.state() + AND_RESTARTING, update.why(), update.next(), update.acts());
        }

        private boolean restarting() {
            return rollout.spec()
                    .restartAt()
                    .filter(at -> now.isAfter(at) && !status.restartedAt().equals(Optional.of(at)))
                    .isPresent();
        }

        private Headline restart() {
            int missing = Math.max(0, rollout.replicas() - status.availableReplicas());
            if (missing == 0) {
                return told("Restarting", "the old pods are being replaced (%s)".formatted(available()), "", "wait");
            }
            return told("Restarting", unavailable(missing, rollout.replicas()), "", "wait", UserAct.UNDO);
        }

        private static String unavailable(int missing, int of) {
            return "%d of %s %s not available".formatted(missing, count(of), missing == 1 ? "is" : "are");
        }

        private Headline invalid(String problem) {
            if (!status.abort()) {
                return told(
                        "Invalid",
                        "nothing moves until the spec is corrected: " + problem,
                        "",
                        CORRECT,
                        UserAct.ABORT,
                        UserAct.UNDO);
            }
            var left = left();
            if (left.isPresent() && status.condition(StatusSync.ABORT_HELD).isPresent()) {
                return told(
                        "Aborted", "it goes back once the spec is corrected: " + problem, "", CORRECT, UserAct.UNDO);
            }
            return told(
                    left.isPresent() ? "Rolling back" : "Rolled back",
                    left.orElse("all traffic is on the stable version")
                            + "; beyond that nothing moves until the spec is corrected: "
                            + problem,
                    "",
                    CORRECT,
                    UserAct.UNDO);
        }

        private Headline refused(String answer) {
            var cause = "the API server refuses the ReplicaSet of the new template: " + answer;
            if (!status.abort()) {
                boolean update = !status.stableRS().isEmpty() && !status.fullyPromoted();
                return told(
                        "Refused",
                        (update ? "the update before stays where it is; " : "") + cause,
                        "",
                        CORRECT_TEMPLATE,
                        UserAct.ABORT,
                        UserAct.UNDO);
            }
            var left = left();
            return told(
                    left.isPresent() ? "Rolling back" : "Rolled back",
                    left.orElse("all traffic is on the stable version") + "; " + cause,
                    "",
                    CORRECT_TEMPLATE,
                    UserAct.UNDO);
        }

        private Headline noWayBack() {
            return told(
                    "No way back" + at(),
                    "the ReplicaSet of the stable revision was deleted; everybody is on %s (%s)"
                            .formatted(newest(), available()),
                    status.pauseConditions().isEmpty() ? "" : next(),
                    status.pauseConditions().isEmpty() ? "wait" : UserAct.PROMOTE,
                    UserAct.RETRY,
                    UserAct.UNDO);
        }

        private Headline aborted() {
            var cause = status.condition("Progressing")
                    .filter(c -> c.reason().equals("RolloutAborted"))
                    .map(Condition::message)
                    .flatMap(Author::cause)
                    .map(text -> " (" + cut(text) + ")")
                    .orElse("");
            var left = left();
            if (left.isPresent()) {
                return told("Rolling back", left.get() + cause, "all traffic back on the stable version", "wait");
            }
            boolean healthy = status.availableReplicas() >= rollout.replicas();
            return told(
                    healthy ? "Rolled back" : "Rolling back",
                    (healthy
                                    ? "all traffic is on the stable version, which is healthy"
                                    : "all traffic is on the stable version (%s)".formatted(available()))
                            + "; the spec still asks for " + newest() + cause,
                    "",
                    UserAct.RETRY,
                    UserAct.UNDO);
        }

        /// What an abort has not undone yet.
        private Optional<String> left() {
            if (!status.phase().equals("Degraded")) return Optional.of("the controller has not begun yet");
            return switch (rollout.spec().strategy()) {
                case Strategy.Canary canary
                when canary.routed() ->
                    status.weights()
                            .map(weights -> percent(weights.canary().weight(), maximum()))
                            .filter(weight -> weight > 0)
                            .map(weight -> weight + " % of the traffic is still asked for the new version");
                case Strategy.Canary _ -> stillUp();
                case Strategy.BlueGreen _ ->
                    status.blueGreen().activeSelector().equals(status.stableRS())
                            ? Optional.empty()
                            : Optional.of("the active Service is not back on the stable version");
            };
        }

        /// Pods of whatever is not the stable version.
        private Optional<String> stillUp() {
            int updated = status.updatedReplicas();
            var up = new ArrayList<String>();
            if (updated > 0) up.add(count(updated) + " of the new version");
            var others = switch (rollout.kind()) {
                case ROLLOUT ->
                    sets.stream()
                            .filter(set -> set.current() > 0)
                            .filter(set -> !set.hash().equals(status.stableRS()))
                            .filter(set -> !set.hash().equals(status.currentPodHash()))
                            .toList();
                case DEPLOYMENT_CANARY -> List.<ReplicaSet>of();
            };
            for (var set : others) up.add(count(set.current()) + " of revision " + set.revision());
            if (up.isEmpty()) return Optional.empty();
            int all = updated + others.stream().mapToInt(ReplicaSet::current).sum();
            return Optional.of(String.join(" and ", up) + (all == 1 ? " is" : " are") + " still up");
        }

        private static String count(int pods) {
            return pods + (pods == 1 ? " pod" : " pods");
        }

        /// `Rollout aborted update to revision 3: <cause>`
        private static Optional<String> cause(String message) {
            int colon = message.indexOf(": ");
            return colon < 0 ? Optional.empty() : Optional.of(message.substring(colon + 2));
        }

        private Headline stuck() {
            int missing = Math.max(0, rollout.replicas() - status.availableReplicas());
            return told(
                    "Stuck" + at() + (restarting() ? AND_RESTARTING : ""),
                    "no progress within %s, %s (%s)"
                            .formatted(
                                    HumanDuration.text(rollout.spec().progressDeadline()),
                                    missing == 0
                                            ? "the update waits"
                                            : count(missing) + (missing == 1 ? " is missing" : " are missing"),
                                    available()),
                    "",
                    UserAct.ABORT,
                    UserAct.UNDO);
        }

        /// A pause does not look at pods, and a human's promotion may have passed the step that does: where
        /// some are not available, that is what a person should know before promoting.
        private Headline atPause(String state, String sentence, String next, Object... acts) {
            int missing = Math.max(0, status.replicas() - status.availableReplicas());
            // Of blue-green the two figures count different pods.
            if (missing == 0 || rollout.spec().strategy() instanceof Strategy.BlueGreen) {
                return told(state, sentence, next, acts);
            }
            var known = unavailable(missing, status.replicas()) + "; ";
            var abortFirst = Stream.concat(
                    Stream.<Object>of(UserAct.ABORT), Stream.of(acts).filter(act -> act != UserAct.ABORT));
            return told(state, known + sentence, next, abortFirst.toArray());
        }

        private Headline paused(PauseCondition pause) {
            var since = HumanDuration.text(Duration.between(pause.since(), now));
            return switch (pause.reason()) {
                case CANARY_STEP -> {
                    var end = step().flatMap(step ->
                            step instanceof Step.Pause(var limit) ? limit.map(pause.since()::plus) : Optional.empty());
                    yield end.isEmpty()
                            ? atPause(
                                    "Paused" + at(),
                                    "waiting for you (" + since + ")",
                                    next(),
                                    UserAct.PROMOTE,
                                    UserAct.ABORT)
                            : atPause(
                                    "Paused" + at(),
                                    "goes on by itself in " + HumanDuration.text(Duration.between(now, end.get())),
                                    next(),
                                    "wait",
                                    UserAct.PROMOTE,
                                    UserAct.ABORT);
                }
                case BLUE_GREEN -> {
                    var end = rollout.spec().strategy() instanceof Strategy.BlueGreen blueGreen
                            ? blueGreen.autoPromotionAfter().map(pause.since()::plus)
                            : Optional.<Instant>empty();
                    yield atPause(
                            "Preview ready",
                            end.map(at -> "promotes itself in " + HumanDuration.text(Duration.between(now, at)))
                                    .orElse("waiting for you (" + since + ")"),
                            "the active Service switches to revision " + rollout.revision(),
                            UserAct.PROMOTE,
                            UserAct.ABORT);
                }
                case INCONCLUSIVE_ANALYSIS ->
                    atPause(
                            "Paused" + at(),
                            "the analysis%s came to no verdict; waiting for you (%s)"
                                    .formatted(
                                            status.runs()
                                                    .filter(run -> run.phase() == AnalysisPhase.INCONCLUSIVE)
                                                    .findFirst()
                                                    .map(run -> " " + run.name())
                                                    .orElse(""),
                                            since),
                            next(),
                            UserAct.PROMOTE,
                            UserAct.ABORT);
                case INCONCLUSIVE_EXPERIMENT ->
                    atPause(
                            "Paused" + at(),
                            "the experiment came to no verdict; waiting for you (" + since + ")",
                            next(),
                            UserAct.PROMOTE,
                            UserAct.ABORT);
            };
        }

        private Headline moving() {
            if (status.stableRS().isEmpty()) {
                return told("Starting", "first revision, %s".formatted(available()), "", "wait");
            }
            if (status.fullyPromoted() && status.availableReplicas() == 0 && rollout.replicas() > 0) {
                return told(
                        "Down",
                        "none of %s is available".formatted(count(rollout.replicas())),
                        "",
                        "wait",
                        UserAct.UNDO);
            }
            return switch (rollout.spec().strategy()) {
                case Strategy.BlueGreen _
                when judging().isPresent() -> judged(judging().get());
                case Strategy.BlueGreen _ ->
                    told(
                            status.fullyPromoted() ? "Finishing" : "Preparing " + newest(),
                            status.message().isEmpty() || restarting() ? available() : status.message(),
                            "",
                            "wait",
                            UserAct.ABORT);
                case Strategy.Canary _ -> {
                    if (status.fullyPromoted()) {
                        yield told("Finishing", "all traffic is on %s; %s".formatted(newest(), reason()), "", "wait");
                    }
                    yield step().map(this::stepping)
                            .orElseGet(() -> told("Going to 100 %", reason(), "", "wait", UserAct.ABORT));
                }
            };
        }

        /// The analysis that a blue-green update waits for.
        private Optional<RolloutStatus.RunStatus> judging() {
            var sides = status.blueGreen();
            var run = sides.activeSelector().equals(status.currentPodHash()) ? sides.postRun() : sides.preRun();
            return run.filter(r -> !status.fullyPromoted() && !r.phase().completed());
        }

        private Headline judged(RolloutStatus.RunStatus run) {
            boolean serves = status.blueGreen().activeSelector().equals(status.currentPodHash());
            return told(
                    serves ? "Checking %s, which serves".formatted(newest()) : "Checking " + newest(),
                    analysis(run),
                    serves ? newest() + " becomes the stable one" : "",
                    "wait",
                    UserAct.ABORT);
        }

        private static String analysis(RolloutStatus.RunStatus run) {
            return "analysis " + run.name() + " is " + run.phase().toString().toLowerCase(Locale.ROOT);
        }

        private Headline stepping(Step step) {
            return switch (step) {
                case Step.SetWeight(var weight) ->
                    told("Going to " + percent(weight, maximum()) + " %", reason(), next(), "wait", UserAct.ABORT);
                case Step.Analyse _ ->
                    told(
                            "Checking" + at(),
                            status.stepRun().map(Author::analysis).orElse("the analysis is about to start"),
                            next(),
                            "wait",
                            "promote (skips the check)",
                            UserAct.ABORT);
                case Step.Pause _ -> told("Pausing" + at(), "the pause is about to begin", next(), UserAct.ABORT);
                case Step.SetCanaryScale _,
                        Step.RunExperiment _,
                        Step.SetHeaderRoute _,
                        Step.SetMirrorRoute _,
                        Step.RunPlugin _ ->
                    told("At step " + step.text() + at(), reason(), next(), "wait", UserAct.ABORT);
            };
        }

        private String reason() {
            // Of the two things that it does at once, the message tells the restart.
            return status.message().isEmpty() || restarting()
                    ? available()
                    : "%s (%s)".formatted(status.message(), available());
        }

        /// The step it is at.
        private Optional<Step> step() {
            return step(status.currentStepIndex().orElse(0));
        }

        private Optional<Step> step(int index) {
            return rollout.spec().strategy() instanceof Strategy.Canary canary ? canary.step(index) : Optional.empty();
        }

        /// What the next step brings that can be noticed.
        private String next() {
            if (!(rollout.spec().strategy() instanceof Strategy.Canary canary) || status.fullyPromoted()) return "";
            int index = status.currentStepIndex().orElse(0) + 1;
            return step(index)
                    .map(step -> switch (step) {
                        case Step.SetWeight(var weight) -> percent(weight, maximum()) + " %";
                        case Step.Pause(var limit) ->
                            limit.map(l -> "a pause of " + HumanDuration.text(l))
                                    .orElse("a pause for you");
                        case Step.Analyse _ -> "a check";
                        case Step.SetCanaryScale _,
                                Step.RunExperiment _,
                                Step.SetHeaderRoute _,
                                Step.SetMirrorRoute _,
                                Step.RunPlugin _ -> step.text();
                    })
                    .orElse(canary.steps().isEmpty() ? "" : "100 %");
        }

        private String at() {
            return askedWeight(rollout)
                    .filter(_ -> !status.fullyPromoted())
                    .map(weight -> " at " + weight + " %")
                    .orElse("");
        }

        private int maximum() {
            return rollout.spec().strategy() instanceof Strategy.Canary canary ? canary.maxWeight() : 100;
        }

        private String available() {
            int available = status.availableReplicas();
            // As long as a surge lasts, they are no part of what is asked for.
            return available > rollout.replicas()
                    ? "%s available, %d asked for".formatted(count(available), rollout.replicas())
                    : "%d of %s available".formatted(available, count(rollout.replicas()));
        }

        private String newest() {
            return switch (rollout.kind()) {
                case ROLLOUT -> "revision " + rollout.revision();
                case DEPLOYMENT_CANARY -> "the canary Deployment";
            };
        }

        /// Acts are offered only where they are allowed; words that are none, such as `wait`, always.
        private Headline told(String state, String why, String next, Object... acts) {
            var offered = Arrays.stream(acts)
                    .filter(act -> !(act instanceof UserAct user)
                            || user.permission(rollout).allowed())
                    .map(Object::toString)
                    .toList();
            return new Headline(state, why, next.isEmpty() ? Optional.empty() : Optional.of(next), offered);
        }
    }
}
