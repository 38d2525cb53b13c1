package dev.sluice.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutedCanaryTest {
    @ParameterizedTest
    @CsvSource({"0, 100, 10, 0", "1, 100, 10, 1", "25, 100, 4, 1", "26, 100, 4, 2", "100, 100, 7, 7", "1, 1000000, 3, 1"
    })
    void asManyPodsAsCarryTheWeight(int weight, int max, int replicas, int pods) {
        assertThat(RoutedCanary.podsFor(weight, max, replicas, 0)).isEqualTo(pods);
    }

    @Test
    void theFinestScaleOfTheLargestRolloutStillHasPods() {
        for (int replicas : new int[] {2_147, 2_148, 100_000, Integer.MAX_VALUE}) {
            assertThat(RoutedCanary.podsFor(1_000_000, 1_000_000, replicas, 0)).isEqualTo(replicas);
            assertThat(RoutedCanary.podsFor(1, 1_000_000, replicas, 0)).isPositive();
        }
    }

    @Test
    void aSideThatServesKeepsItsLeastNumberOfPods() {
        assertThat(RoutedCanary.podsFor(5, 100, 10, 2)).isEqualTo(2);
        assertThat(RoutedCanary.podsFor(0, 100, 10, 2)).isZero();
    }
}
