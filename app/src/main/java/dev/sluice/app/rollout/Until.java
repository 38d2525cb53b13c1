package dev.sluice.app.rollout;

import dev.sluice.app.Exit;
import dev.sluice.app.Words;
import dev.sluice.rollout.Headline;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.RolloutStatus.PauseReason;
import dev.sluice.rollout.Step;
import dev.sluice.rollout.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a command waits for, and what it means when it comes to something else.
///
/// @param goals `healthy`, `paused`, `degraded`, `step=4`, `weight=50`; any of them is enough
record Until(List<Goal> goals) {
    sealed interface Goal {
        record Phase(String phase) implements Goal {}

        record AtStep(int step) implements Goal {}

        record AtWeight(int weight) implements Goal {}
    }

    static final Until HEALTHY = new Until(List.of(new Goal.Phase("Healthy")));

    /// @throws dev.sluice.app.Complaint.Failure for a goal that there is not
    static Until parse(String text) {
        var goals = new ArrayList<Goal>();
        for (var word : text.toLowerCase(Locale.ROOT).split(",", -1)) {
            switch (word.strip()) {
                case "healthy" -> goals.add(new Goal.Phase("Healthy"));
                case "paused" -> goals.add(new Goal.Phase("Paused"));
                case "degraded" -> goals.add(new Goal.Phase("Degraded"));
                case String goal
                when goal.matches("step=[0-9]{1,6}") -> goals.add(new Goal.AtStep(Integer.parseInt(goal.substring(5))));
                case String goal
                when goal.matches("weight=[0-9]{1,6}") ->
                    goals.add(new Goal.AtWeight(weight(Integer.parseInt(goal.substring(7)))));
                case String other ->
                    throw Words.usage(
                                    "--until: \"" + other + "\" is no goal",
                                    "use healthy, paused, degraded, step=N, weight=N; several with commas")
                            .failure();
            }
        }
        return new Until(goals);
    }

    private static int weight(int weight) {
        if (weight <= 100) return weight;
        throw Words.usage("--until: weight=" + weight + " can never be", "use weight=0 … weight=100, in per cent")
                .failure();
    }

    /// Refuses a goal that this Rollout can never reach: waiting for it would only end with the time.
    ///
    /// @throws dev.sluice.app.Complaint.Failure that says what can be waited for
    void check(Rollout rollout) {
        for (var goal : goals) {
            switch (goal) {
                case Goal.Phase _ -> {}
                case Goal.AtStep(var step) -> {
                    int steps = rollout.spec().strategy() instanceof Strategy.Canary canary
                            ? canary.steps().size()
                            : 0;
                    if (step > steps) {
                        throw Words.usage(
                                        "--until: step=%d can never be: %s %s has %s"
                                                .formatted(
                                                        step,
                                                        Words.kind(rollout),
                                                        rollout.name(),
                                                        steps == 0 ? "no steps" : steps + " steps"),
                                        steps == 0
                                                ? "use healthy, paused or degraded"
                                                : "use step=0 … step=%d; at the last all of them are done"
                                                        .formatted(steps))
                                .failure();
                    }
                }
                case Goal.AtWeight(var weight) -> {
                    if (!(rollout.spec().strategy() instanceof Strategy.Canary)) {
                        throw Words.usage(
                                        "--until: weight=%d can never be: %s %s is no canary"
                                                .formatted(weight, Words.kind(rollout), rollout.name()),
                                        "use healthy, paused or degraded")
                                .failure();
                    }
                }
            }
        }
    }

    boolean reached(Rollout rollout) {
        var phase = Headline.phase(rollout).phase();
        return goals.stream().anyMatch(goal -> switch (goal) {
            case Goal.Phase(var wanted) -> phase.equals(wanted);
            case Goal.AtStep(var step) ->
                seen(rollout) && rollout.status().currentStepIndex().orElse(0) >= step;
            case Goal.AtWeight(var weight) ->
                seen(rollout)
                        && Headline.askedWeight(rollout)
                                .filter(asked -> asked >= weight)
                                .isPresent();
        });
    }

    private static boolean seen(Rollout rollout) {
        return rollout.status().observedGeneration().equals(Long.toString(rollout.generation()));
    }

    /// How it ends, if this is an end: the goal is reached, it failed, it waits for a person, or for nothing.
    Optional<Exit> end(Rollout rollout) {
        if (reached(rollout)) return Optional.of(Exit.DONE);
        return switch (Headline.phase(rollout).phase()) {
            case "Degraded" -> Optional.of(Exit.DEGRADED);
            case "Paused" -> waitsForAPerson(rollout) ? Optional.of(Exit.WAITING) : Optional.empty();
            case "Healthy" -> idle(rollout) ? Optional.of(Exit.IDLE) : Optional.empty();
            default -> Optional.empty();
        };
    }

    /// Whether nothing is under way and all goals are places on the way of an update. A Rollout may become
    /// degraded without one. Of a DeploymentCanary it is not known: its update begins with another object, the
    /// canary Deployment.
    private boolean idle(Rollout rollout) {
        boolean over =
                rollout.kind() == Rollout.Kind.ROLLOUT && rollout.status().fullyPromoted();
        return over
                && goals.stream().allMatch(goal -> switch (goal) {
                    case Goal.Phase(var wanted) -> wanted.equals("Paused");
                    case Goal.AtStep _, Goal.AtWeight _ -> true;
                });
    }

    /// A pause that ends by itself is no end.
    static boolean waitsForAPerson(Rollout rollout) {
        if (rollout.spec().paused()) return true;
        var pauses = rollout.status().pauseConditions();
        if (pauses.isEmpty()) return false;
        return switch (rollout.spec().strategy()) {
            case Strategy.BlueGreen blueGreen ->
                pauses.getFirst().reason() != PauseReason.BLUE_GREEN
                        || blueGreen.autoPromotionAfter().isEmpty();
            case Strategy.Canary canary -> {
                int index = rollout.status().currentStepIndex().orElse(0);
                boolean timed = pauses.getFirst().reason() == PauseReason.CANARY_STEP
                        && index < canary.steps().size()
                        && canary.steps().get(index) instanceof Step.Pause(var limit)
                        && limit.isPresent();
                yield !timed;
            }
        };
    }
}
