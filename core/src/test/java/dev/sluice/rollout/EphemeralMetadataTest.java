package dev.sluice.rollout;

import static dev.sluice.rollout.World.canary;
import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.routed;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.format.IntOrPercent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Labels and annotations that pods have for what their revision is at the moment, and the term that keeps them off the
/// nodes of another.
class EphemeralMetadataTest {
    private static final Map<String, String> NEW = Map.of("role", "new");
    private static final Map<String, String> SERVING = Map.of("role", "serving", "tier", "1");
    private static final Additions ROLES = roles(Optional.empty());

    private static Additions roles(Optional<Additions.AntiAffinity> antiAffinity) {
        return new Additions(PodMetadata.of(NEW, Map.of()), PodMetadata.of(SERVING, Map.of()), antiAffinity);
    }

    private static Strategy.BlueGreen blueGreen(Additions additions) {
        return new Strategy.BlueGreen(
                "web",
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                new IntOrPercent.Percent(25),
                Optional.of(Duration.ofSeconds(30)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                additions);
    }

    /// Each stops in the middle of an update.
    static List<Strategy> strategies() {
        return List.of(
                World.adding(canary(weight(50), pause()), ROLES),
                World.adding(routed(weight(50), pause()), ROLES),
                blueGreen(ROLES));
    }

    /// Until nothing is due within half a minute.
    private static World calm(World world) {
        for (int i = 0; i < 4; i++) world.settle().pass(Duration.ofSeconds(11));
        return world.settle();
    }

    private static void podsHave(World world, String version, Map<String, String> labels) {
        assertThat(world.labels(version)).containsExactly(labels);
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void theFirstRevisionHasTheMetadataOfTheStableOneFromTheBeginning(Strategy strategy) {
        var world = calm(new World(strategy));
        podsHave(world, "v1", SERVING);
        assertThat(world.log).noneMatch(move -> move.startsWith("SetMetadata"));
        assertThat(world.listed).isZero();
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void inAnUpdateEachSideHasItsOwnAndThePromotedOneChangesIt(Strategy strategy) {
        var world = calm(new World(strategy));
        calm(world.deploy("v2"));
        podsHave(world, "v2", NEW);
        podsHave(world, "v1", SERVING);
        assertThat(world.log).noneMatch(move -> move.startsWith("SetMetadata"));

        calm(world.command(World.StatusEdit::promoteFull));
        assertThat(world.status.stableRS()).isEqualTo("v2");
        podsHave(world, "v2", SERVING);
        calm(world.pass(Duration.ofMinutes(2)));
        assertThat(world.replicaSets.get("v1").added()).isEqualTo(Additions.Of.NOBODY);
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void anAbortedUpdateKeepsTheMetadataOfAnUpdate(Strategy strategy) {
        var world = calm(new World(strategy));
        calm(world.deploy("v2"));
        calm(world.command(status -> status.abort(true)));
        podsHave(world, "v1", SERVING);
        assertThat(world.replicaSets.get("v2").added().metadata().labels()).isEqualTo(NEW);
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void podsAreListedWhileTheyMayLackTheirMetadataAndNeverAfter(Strategy strategy) {
        var world = calm(new World(strategy));
        calm(world.deploy("v2"));
        calm(world.command(World.StatusEdit::promoteFull).pass(Duration.ofMinutes(2)));
        int before = world.listed;
        assertThat(before).isPositive();
        calm(world.pass(Duration.ofMinutes(2)));
        assertThat(world.listed).isEqualTo(before);
    }

    @Test
    void metadataThatIsTakenOutOfTheSpecLeavesThePodsToo() {
        var plain = canary(weight(50), pause());
        var world = calm(new World(World.adding(plain, ROLES)));
        calm(world.edit(plain));
        podsHave(world, "v1", Map.of());
        assertThat(world.replicaSets.get("v1").added()).isEqualTo(Additions.Of.NOBODY);
        calm(world.edit(World.adding(plain, ROLES)));
        podsHave(world, "v1", SERVING);
    }

    @Test
    void podsThatCannotBeChangedHoldUpNothingAndAreTriedAgain() {
        var world = calm(new World(World.adding(canary(weight(50), pause()), ROLES)));
        calm(world.deploy("v2"));
        world.podsRefused = true;
        world.command(World.StatusEdit::promoteFull);
        for (int i = 0; i < 100; i++) world.tick();
        assertThat(world.status.stableRS()).isEqualTo("v2");
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.labels("v2")).contains(NEW);
        assertThat(RolloutEngine.decide(world.observe()).wakeAt()).contains(world.now.plus(Pass.RECHECK));

        world.podsRefused = false;
        calm(world);
        podsHave(world, "v2", SERVING);
    }

    /// Evictions wait until a pass has nothing else to do, which may not be said of pods that cannot be changed.
    @Test
    void podsThatCannotBeChangedDoNotHoldUpARestart() {
        var world = calm(new World(World.adding(canary(weight(50), pause()), ROLES)));
        world.podsRefused = true;
        world.strategy = World.adding(canary(weight(50), pause()), Additions.NONE);
        world.restartAt = Optional.of(world.now);
        world.generation++;
        var asked = world.now;
        for (int i = 0; i < 100; i++) world.tick();
        assertThat(world.created("v1")).allMatch(created -> created.isAfter(asked));
    }

    @Test
    void whileThePodsCannotBeListedNoneIsTakenForRight() {
        var world = calm(new World(World.adding(canary(), ROLES)));
        world.strategy = canary();
        world.generation++;
        world.tick();
        var decision = RolloutEngine.decide(world.unlisted());
        assertThat(decision.actions()).noneMatch(Action.ConfirmMetadata.class::isInstance);
        assertThat(decision.wakeAt()).contains(world.now.plus(Pass.RECHECK));
    }

    /// Before its controller has seen the new template, it may still make a pod of the old one.
    @Test
    void aReplicaSetThatItsControllerHasNotSeenIsNotTakenForRight() {
        var world = calm(new World(World.adding(canary(), ROLES)));
        world.strategy = canary();
        world.generation++;
        world.tick();
        world.unobserved("v1");
        assertThat(RolloutEngine.decide(world.observe()).actions())
                .noneMatch(action -> action instanceof Action.ConfirmMetadata || action instanceof Action.UpdatePod);
    }

    // ── anti-affinity ────────────────────────────────────────────────────────────────────────────────────────────

    @Test
    void theNewestKeepsAwayFromTheStableOneAsLongAsAnUpdateIsUnderWay() {
        var required = roles(Optional.of(new Additions.AntiAffinity(OptionalInt.empty())));
        for (var strategy : List.of(World.adding(canary(weight(50), pause()), required), blueGreen(required))) {
            var world = calm(new World(strategy));
            assertThat(apart(world, "v1")).isEmpty();
            calm(world.deploy("v2"));
            assertThat(apart(world, "v2")).contains(new Apart("v1", OptionalInt.empty()));
            assertThat(apart(world, "v1")).isEmpty();
            assertThat(world.log).noneMatch("SyncReplicaSet (AntiAffinity)"::equals);

            calm(world.command(World.StatusEdit::promoteFull));
            assertThat(apart(world, "v2")).isEmpty();
            assertThat(world.log.stream().filter("SyncReplicaSet (AntiAffinity)"::equals))
                    .hasSize(1);

            calm(world.deploy("v1"));
            assertThat(apart(world, "v1")).contains(new Apart("v2", OptionalInt.empty()));
        }
    }

    @Test
    void anotherWeightOfThePreferenceReachesTheNewestReplicaSet() {
        var world = calm(new World(World.adding(canary(weight(50), pause()), preferring(10))));
        calm(world.deploy("v2"));
        calm(world.edit(World.adding(canary(weight(50), pause()), preferring(70))));
        assertThat(apart(world, "v2")).contains(new Apart("v1", OptionalInt.of(70)));
    }

    private static Additions preferring(int weight) {
        return roles(Optional.of(new Additions.AntiAffinity(OptionalInt.of(weight))));
    }

    private static Optional<Apart> apart(World world, String version) {
        return world.replicaSets.get(version).added().apart();
    }
}
