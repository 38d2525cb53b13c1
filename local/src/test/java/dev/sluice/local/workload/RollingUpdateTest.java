package dev.sluice.local.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import dev.sluice.local.workload.RollingUpdate.Room;
import dev.sluice.local.workload.RollingUpdate.Set;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RollingUpdateTest {
    @Test
    void surgeIsRoundedUpAndUnavailableDown() {
        assertThat(room("25%", "25%", 10)).isEqualTo(new Room(3, 2));
        assertThat(room(0, 0, 10)).isEqualTo(new Room(0, 1));
        assertThat(room("1%", "1%", 1)).isEqualTo(new Room(1, 0));
        assertThat(room(0, "10%", 3)).isEqualTo(new Room(0, 1));
    }

    @Test
    void theNewSetTakesWhatTheSurgeLeaves() {
        var old = new Set("old", 10, 10);
        assertThat(RollingUpdate.grow(new Set("new", 0, 0), List.of(old), 10, new Room(3, 2)))
                .isEqualTo(3);
        assertThat(RollingUpdate.grow(new Set("new", 3, 3), List.of(old, new Set("new", 3, 3)), 10, new Room(3, 2)))
                .isEqualTo(3);
    }

    @Test
    void oldPodsThatNobodyMissesGoFirst() {
        var shrunk = RollingUpdate.shrink(
                List.of(new Set("sick", 4, 0), new Set("well", 6, 6)), new Set("new", 3, 0), 10, new Room(3, 2));
        // 13 pods, 8 must stay available, 3 new ones are not yet: two of the sick may go, and none of the well.
        assertThat(shrunk).containsExactly(new Set("sick", 2, 0), new Set("well", 6, 6));
    }

    /// Whatever the state: never above the surge, never below what is promised.
    @Test
    void noStepBreaksAPromise() {
        var random = new Seed(4).of("rolling update");
        for (int i = 0; i < 20_000; i++) {
            int replicas = random.nextInt(1, 30);
            var room = new Room(random.nextInt(0, 6), random.nextInt(0, replicas + 1));
            var old = List.of(any(random, "a"), any(random, "b"));
            var fresh = any(random, "new");
            int available =
                    fresh.available() + old.stream().mapToInt(Set::available).sum();
            var shrunk = RollingUpdate.shrink(old, fresh, replicas, room);
            int left = fresh.available();
            for (int o = 0; o < 2; o++) {
                assertThat(shrunk.get(o).wanted()).isBetween(0, old.get(o).wanted());
                left += Math.min(shrunk.get(o).wanted(), old.get(o).available());
            }
            assertThat(left).isGreaterThanOrEqualTo(Math.min(available, replicas - room.unavailable()));
            int grown = RollingUpdate.grow(fresh, List.of(old.get(0), old.get(1), fresh), replicas, room);
            int total = grown + old.get(0).wanted() + old.get(1).wanted();
            if (grown > fresh.wanted()) assertThat(total).isLessThanOrEqualTo(replicas + room.surge());
        }
    }

    @Test
    void aNewSizeIsSharedOutCompletely() {
        var random = new Seed(5).of("spread");
        for (int i = 0; i < 20_000; i++) {
            var sets = List.of(any(random, "a"), any(random, "b"), any(random, "new"));
            int before = sets.stream().mapToInt(Set::wanted).sum();
            if (before == 0) continue;
            int replicas = random.nextInt(0, 40);
            var spread = RollingUpdate.spread(sets, before, replicas, new Room(2, 1));
            int wanted = replicas > 0 ? replicas + 2 : 0;
            assertThat(spread.stream().mapToInt(Set::wanted).sum()).isEqualTo(wanted);
            assertThat(spread).allSatisfy(set -> assertThat(set.wanted()).isNotNegative());
        }
    }

    private static Set any(RandomGenerator random, String name) {
        int wanted = random.nextInt(0, 12);
        return new Set(name, wanted, random.nextInt(0, wanted + 1));
    }

    private static Room room(Object surge, Object unavailable, int replicas) {
        return Room.of(
                Json.obj(
                        "type",
                        "RollingUpdate",
                        "rollingUpdate",
                        Json.obj("maxSurge", surge, "maxUnavailable", unavailable)),
                replicas);
    }
}
