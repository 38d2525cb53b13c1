package dev.sluice.explain;

import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.RolloutStatus.PauseReason;
import dev.sluice.rollout.Strategy;
import java.util.Optional;

/// The share that the new version shall have at this moment, from the Rollout alone.
///
/// @param weight of `max`
/// @param whyNoMore why it is not more, where that is nobody's fault
public record Asked(int weight, int max, Optional<String> whyNoMore) {
    /// @param newest hash of the template as it stands in the spec
    public static Asked of(Rollout rollout, String newest) {
        var status = rollout.status();
        return switch (rollout.spec().strategy()) {
            case Strategy.Canary canary -> {
                int max = canary.maxWeight();
                if (status.stableRS().isEmpty() || status.stableRS().equals(newest)) yield all(max);
                if (status.abort()) yield none(max, "the rollout was aborted, so all traffic is back on stable");
                boolean seen = status.currentPodHash().equals(newest);
                yield status.promoteFull() && seen ? all(max) : ofSteps(rollout, canary, seen);
            }
            case Strategy.BlueGreen blueGreen -> {
                if (status.stableRS().isEmpty() || status.stableRS().equals(newest)) yield all(100);
                if (status.abort()) yield none(100, "the rollout was aborted, so the active Service stays on stable");
                if (status.blueGreen().activeSelector().equals(newest) || status.promoteFull()) yield all(100);
                if (status.paused(PauseReason.BLUE_GREEN)) {
                    yield none(100, "the rollout is paused before the switch and waits to be promoted");
                }
                if (!blueGreen.autoPromotionEnabled()) {
                    yield none(100, "autoPromotionEnabled is false: the switch waits to be promoted");
                }
                yield all(100);
            }
        };
    }

    private static Asked ofSteps(Rollout rollout, Strategy.Canary canary, boolean seen) {
        var steps = canary.steps();
        int max = canary.maxWeight();
        int index = seen ? rollout.status().currentStepIndex().orElse(0) : 0;
        if (index >= steps.size()) return all(max);
        var last = canary.weightAt(index);
        var place = "step %d of %d (%s)"
                .formatted(index + 1, steps.size(), steps.get(index).text());
        boolean paused =
                rollout.spec().paused() || !rollout.status().pauseConditions().isEmpty();
        if (last.isEmpty()) return none(max, "the rollout is at " + place + ", before its first setWeight");
        if (last.get() == 0) return none(max, "the rollout is at " + place + ", and the weight asked for is 0");
        var why = paused ? Optional.of("the rollout is paused at " + place) : Optional.<String>empty();
        return new Asked(last.get(), max, why);
    }

    private static Asked all(int max) {
        return new Asked(max, max, Optional.empty());
    }

    private static Asked none(int max, String why) {
        return new Asked(0, max, Optional.of(why));
    }

    public double percent() {
        return 100.0 * weight / max;
    }
}
