package dev.sluice.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BasicCanaryTest {
    @ParameterizedTest(name = "{0} pods, weight {1}, surge {2}: {3} canary, {4} stable")
    @CsvSource({
        "10, 10, 1, 1, 9",
        "10, 30, 3, 3, 7",
        "10, 30, 0, 3, 7",
        "1, 5, 1, 1, 1",
        "1, 5, 0, 0, 1",
        "1, 99, 0, 1, 0",
        "4, 25, 1, 1, 3",
        "3, 10, 1, 1, 3",
        "3, 50, 1, 2, 2",
        "5, 50, 1, 3, 3",
        "5, 50, 0, 3, 2",
        "10, 99, 0, 9, 1",
        "10, 1, 0, 1, 9",
        "0, 50, 1, 0, 0",
        "10, 0, 1, 0, 10",
        "10, 100, 1, 10, 0"
    })
    void theNearestRatioIsChosen(int replicas, int weight, int surge, int canary, int stable) {
        assertThat(BasicCanary.ideal(replicas, weight, 100, surge)).isEqualTo(new Share(canary, stable));
    }

    @Test
    void withoutRoomNothingGrowsBeforeSomethingGives() {
        var next = BasicCanary.next(
                10, 30, 100, new Limits(0, 5), Optional.of(new Size(0, 0)), Optional.of(new Size(10, 10)), 0);
        assertThat(next).isEqualTo(new Share(0, 7));
    }

    @Test
    void surgeGrowsFirstAndTheStableSideGivesWayAfterwards() {
        var limits = new Limits(3, 0);
        var first =
                BasicCanary.next(10, 30, 100, limits, Optional.of(new Size(0, 0)), Optional.of(new Size(10, 10)), 0);
        assertThat(first).isEqualTo(new Share(3, 10));
        var second =
                BasicCanary.next(10, 30, 100, limits, Optional.of(new Size(3, 3)), Optional.of(new Size(10, 10)), 0);
        assertThat(second).isEqualTo(new Share(3, 7));
    }

    @Test
    void aSideWhoseUnavailablePodsEndFirstGivesThemUpAtOnce() {
        assertThat(back(new Size(5, 4), new Size(3, 2))).isEqualTo(new Share(4, 3));
    }

    @Test
    void aSideBetweenTwoTemplatesGivesOnlyWhatAllOfItsPodsMayBeWorth() {
        var six = new Size(5, 1, Optional.of(4));
        assertThat(back(six, new Size(3, 2))).isEqualTo(new Share(5, 3));
        assertThat(back(six, new Size(3, 3))).isEqualTo(new Share(4, 3));
    }

    @Test
    void aBrokenSideBetweenTwoTemplatesGivesOneAtATimeWhereThereIsNoRoomToGrowFirst() {
        var limits = new Limits(0, 1);
        var broken = new Size(3, 0, Optional.of(2));
        var next = BasicCanary.next(5, 0, 100, limits, Optional.of(broken), Optional.of(new Size(2, 2)), 0);
        assertThat(next).isEqualTo(new Share(2, 2));
        var waits = BasicCanary.next(5, 0, 100, limits, Optional.of(broken), Optional.of(new Size(2, 1)), 0);
        assertThat(waits).isEqualTo(new Share(3, 2));
        var atItsShare =
                BasicCanary.next(5, 43, 100, new Limits(2, 0), Optional.of(broken), Optional.of(new Size(3, 3)), 0);
        assertThat(atItsShare).as("a pod of surge may stay").isEqualTo(new Share(3, 3));
    }

    /// Three of its pods are available, and nobody can tell whether one of those would end.
    @Test
    void withAFullHouseABrokenMixtureGivesOnlyAfterTheOtherSideHasOnePodAboveTheSurge() {
        var broken = new Size(4, 3, Optional.of(3));
        assertThat(backToFour(broken, new Size(1, 1))).isEqualTo(new Share(4, 2));
        assertThat(backToFour(broken, new Size(2, 1))).as("it has to come up").isEqualTo(new Share(4, 2));
        assertThat(backToFour(broken, new Size(2, 2))).isEqualTo(new Share(3, 2));
    }

    @Test
    void oneAboveTheSurgeIsAllThereIsAndABrokenMixtureStillEnds() {
        var worse = new Size(4, 1, Optional.of(1));
        assertThat(backToFour(worse, new Size(1, 1))).isEqualTo(new Share(4, 2));
        assertThat(backToFour(worse, new Size(2, 2))).isEqualTo(new Share(3, 2));
    }

    /// On the way back to four stable pods, one of surge, none may be missing.
    private static Share backToFour(Size canary, Size stable) {
        return BasicCanary.next(4, 0, 100, new Limits(1, 0), Optional.of(canary), Optional.of(stable), 0);
    }

    /// On the way back to six stable pods, two of surge, none may be missing.
    private static Share back(Size canary, Size stable) {
        return BasicCanary.next(6, 0, 100, new Limits(2, 0), Optional.of(canary), Optional.of(stable), 0);
    }

    @Test
    void otherRevisionsGoBeforeTheseTwo() {
        var next = BasicCanary.next(
                4, 50, 100, new Limits(1, 1), Optional.of(new Size(0, 0)), Optional.of(new Size(4, 4)), 1);
        assertThat(next).isEqualTo(new Share(0, 4));
    }

    /// From any healthy state the sizes reach the ideal ones, and no step on the way breaks a promise.
    @Test
    void everyPathKeepsThePromisesAndArrives() {
        var random = new Random(7);
        for (int run = 0; run < 20_000; run++) {
            int replicas = random.nextInt(1, 12);
            var limits = new Limits(random.nextInt(0, 4), random.nextInt(0, replicas + 1));
            if (limits.surge() == 0 && limits.unavailable() == 0) limits = new Limits(0, 1);
            int weight = random.nextInt(0, 101);
            int canary = random.nextInt(0, replicas + 1);
            var at = new Share(canary, replicas - canary);
            var story = "replicas %d weight %d %s from %s".formatted(replicas, weight, limits, at);
            for (int step = 0; ; step++) {
                assertThat(step).as(story).isLessThan(100);
                var next = BasicCanary.next(
                        replicas,
                        weight,
                        100,
                        limits,
                        Optional.of(new Size(at.canary(), at.canary())),
                        Optional.of(new Size(at.stable(), at.stable())),
                        0);
                int available = Math.min(at.canary(), next.canary()) + Math.min(at.stable(), next.stable());
                assertThat(available)
                        .as(story + " at " + at + " next " + next)
                        .isGreaterThanOrEqualTo(Math.min(replicas - limits.unavailable(), at.canary() + at.stable()));
                assertThat(next.canary() + next.stable()).as(story).isLessThanOrEqualTo(replicas + limits.surge());
                if (next.equals(at)) break;
                at = next;
            }
        }
    }

    @Test
    void unhealthyPodsOfOthersGoFirstTheRestWithinTheBudget() {
        assertThat(BasicCanary.drainOthers(List.of(new Size(3, 1), new Size(4, 4)), 11, 9))
                .containsExactly(0, 3);
        assertThat(BasicCanary.drainOthers(List.of(new Size(3, 0)), 5, 9)).containsExactly(0);
    }
}
