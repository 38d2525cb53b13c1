package dev.sluice.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Leave;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class LeaderElectionTest {
    private static final ObjectRef LEASE =
            ObjectRef.of(ResourceType.LEASES, "argo-rollouts", "argo-rollouts-controller-lock");
    private static final Request WRITE =
            new Request.Create(ObjectRef.of(ResourceType.REPLICA_SETS, "shop", ""), Json.Obj.EMPTY);
    private static final Request READ = new Request.Get(LEASE);

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final VirtualTime time = new VirtualTime();
    private final FakeCluster cluster = new FakeCluster(time);

    /// A controller behind a wire of its own that can be cut.
    private final class Candidate implements LeaderElection.Listener, Gateway {
        final String name;
        final List<String> told = new ArrayList<>();
        final LeaderElection election;
        boolean cutBefore;
        boolean cutAfter;
        /// Calls that get no answer and no error, until whoever waits gives them up.
        int hanging;
        /// How long an answer takes.
        Duration slow = Duration.ZERO;
        Optional<Fence> fence = Optional.empty();

        Candidate(String name, long seed) {
            this.name = name;
            election = new LeaderElection(
                    this, time, LeaderElection.Settings.standard("argo-rollouts", "", name, seed), this);
        }

        Candidate started() {
            election.start();
            time.settle();
            return this;
        }

        /// As the real one has it: no call takes longer than 10 s, nor than its leave.
        @Override
        public Reply send(Request request, Leave leave) {
            if (!(leave.ask() instanceof Leave.Given(var within))) throw new AssertionError("without leave");
            var longest = within.compareTo(TIMEOUT) < 0 ? within : TIMEOUT;
            boolean hangs = hanging > 0;
            if (hangs) hanging--;
            if (!hangs && slow.compareTo(longest) <= 0) {
                time.block(slow);
                return send(request);
            }
            time.block(longest);
            return new Reply.Lost("no answer within " + longest);
        }

        @Override
        public Reply send(Request request) {
            if (cutBefore) return new Reply.Lost("cut");
            var reply = cluster.send(request);
            return cutAfter ? new Reply.Lost("cut on the way back") : reply;
        }

        @Override
        public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void elected(Fence begun) {
            told.add("elected");
            fence = Optional.of(begun);
        }

        @Override
        public void deposed(String why) {
            told.add("deposed: " + why);
        }

        boolean mayWrite() {
            return fence.filter(Fence::holds).isPresent();
        }
    }

    private Json spec() {
        return cluster.get(LEASE).orElseThrow().at("spec");
    }

    @Test
    void theFirstMakesTheLeaseAndRenewsItEveryTwoSeconds() {
        var a = new Candidate("a_1", 1).started();
        assertThat(a.told).containsExactly("elected");
        assertThat(a.election.leading()).isTrue();
        assertThat(spec().text())
                .isEqualTo("{\"holderIdentity\":\"a_1\",\"leaseDurationSeconds\":15,"
                        + "\"acquireTime\":\"2026-01-01T00:00:00.000000Z\",\"renewTime\":\"2026-01-01T00:00:00.000000Z\","
                        + "\"leaseTransitions\":0}");
        time.advance(Duration.ofSeconds(5));
        assertThat(spec().at("renewTime").string("")).isEqualTo("2026-01-01T00:00:04.000000Z");
        assertThat(spec().at("acquireTime").string("")).isEqualTo("2026-01-01T00:00:00.000000Z");
        time.advance(Duration.ofHours(1));
        assertThat(a.told).containsExactly("elected");
    }

    @Test
    void aSecondWaitsUntilTheFirstHasBeenSilentForTheWholeLease() {
        var a = new Candidate("a", 1).started();
        var b = new Candidate("b", 2).started();
        time.advance(Duration.ofMinutes(5));
        assertThat(b.told).isEmpty();
        assertThat(b.election.leader()).contains("a");
        a.cutBefore = true;
        var from = time.now();
        time.until(Duration.ofMinutes(1), () -> b.election.leading());
        assertThat(Duration.between(from, time.now())).isBetween(Duration.ofSeconds(13), Duration.ofSeconds(22));
        assertThat(a.told).hasSize(2).last().isEqualTo("deposed: not renewed within PT10S (writing the lease: cut)");
        assertThat(spec().at("leaseTransitions").integer(0)).isEqualTo(1);
        a.cutBefore = false;
        time.advance(Duration.ofMinutes(5));
        assertThat(a.election.leader()).contains("b");
        assertThat(a.told).hasSize(2);
    }

    @Test
    void aLeaderThatIsCutOffStopsWritingBeforeAnotherMayStart() {
        var a = new Candidate("a", 1).started();
        time.advance(Duration.ofSeconds(1));
        a.cutBefore = true;
        var gateway = new FencedGateway(cluster, a.fence.orElseThrow());
        time.advance(Duration.ofMillis(8_999));
        assertThat(gateway.send(WRITE)).isInstanceOf(Reply.Done.class);
        time.advance(Duration.ofMillis(1));
        assertThat(gateway.send(WRITE)).isInstanceOfSatisfying(Reply.Refused.class, refused -> {
            assertThat(refused.reason()).isEqualTo(FencedGateway.NOT_LEADER);
            assertThat(refused.conflict()).isFalse();
            assertThat(refused.message())
                    .isEqualTo("create was not sent: term 1 of this controller's leadership is over");
        });
        assertThat(gateway.send(READ)).isInstanceOf(Reply.Done.class);
    }

    /// How long a write of the candidate may be under way if it leaves now, as the gateway is told.
    private Optional<Duration> leave(Candidate one) {
        var given = new AtomicReference<Optional<Duration>>(Optional.empty());
        var wire = new Gateway() {
            @Override
            public Reply send(Request request) {
                throw new AssertionError("a write without leave");
            }

            @Override
            public Reply send(Request request, Leave leave) {
                if (leave.ask() instanceof Leave.Given(var within)) given.set(Optional.of(within));
                return new Reply.Lost("nowhere");
            }

            @Override
            public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
                throw new UnsupportedOperationException();
            }
        };
        new FencedGateway(wire, one.fence.orElseThrow()).send(WRITE);
        return given.get();
    }

    @Test
    void whateverLeavesIsGivenUpBeforeAnotherMayLead() {
        var start = time.now();
        var a = new Candidate("a", 1).started();
        var b = new Candidate("b", 2).started();
        time.advance(Duration.ofMillis(2_500));
        a.cutBefore = true;
        var arrives = Instant.MIN;
        for (int step = 0; !b.election.leading(); step++) {
            assertThat(step).isLessThan(10_000);
            var last = leave(a).map(time.now()::plus).orElse(Instant.MIN);
            if (last.isAfter(arrives)) arrives = last;
            time.advance(Duration.ofMillis(10));
        }
        // Renewed 2 s after the start: 10 s to write, 4.5 s to arrive, and half a second until another might lead.
        assertThat(Duration.between(start, arrives)).isEqualTo(Duration.ofMillis(16_500));
        assertThat(Duration.between(arrives, time.now())).isGreaterThanOrEqualTo(Duration.ofMillis(500));
    }

    @Test
    void aRenewalWhoseAnswerWasLostIsFoundAgain() {
        var a = new Candidate("a", 1).started();
        a.cutAfter = true;
        time.advance(Duration.ofSeconds(7));
        a.cutAfter = false;
        time.advance(Duration.ofSeconds(60));
        assertThat(a.told).containsExactly("elected");
        assertThat(a.mayWrite()).isTrue();
    }

    @Test
    void aRenewalThatHangsCostsNoTerm() {
        var a = new Candidate("a", 1).started();
        time.advance(Duration.ofMillis(500));
        a.hanging = 1;
        time.advance(Duration.ofSeconds(30));
        assertThat(a.told).containsExactly("elected");
        assertThat(a.mayWrite()).isTrue();
    }

    @Test
    void twoThatHangDo() {
        var a = new Candidate("a", 1).started();
        a.hanging = 2;
        time.advance(Duration.ofSeconds(11));
        assertThat(a.told)
                .element(1)
                .asString()
                .startsWith("deposed: not renewed within PT10S (writing the lease: no answer within PT4S)");
    }

    @Test
    void aServerThatIsSlowKeepsItsLeader() {
        var a = new Candidate("a", 1).started();
        a.slow = Duration.ofMillis(3_900);
        time.advance(Duration.ofMinutes(30));
        assertThat(a.told).containsExactly("elected");
    }

    @Test
    void aTermThatEndedDoesNotComeBackWithTheNext() {
        var a = new Candidate("a", 1).started();
        var first = a.fence.orElseThrow();
        a.cutBefore = true;
        time.advance(Duration.ofSeconds(20));
        a.cutBefore = false;
        time.advance(Duration.ofSeconds(20));
        assertThat(a.told)
                .containsExactly("elected", "deposed: not renewed within PT10S (writing the lease: cut)", "elected");
        assertThat(first.holds()).isFalse();
        assertThat(a.fence.orElseThrow().term()).isEqualTo(2);
        assertThat(a.mayWrite()).isTrue();
    }

    @Test
    void aLeaseTakenByForceDeposesAtOnce() {
        var a = new Candidate("a", 1).started();
        cluster.put(
                ResourceType.LEASES,
                cluster.get(LEASE).orElseThrow().withAt(List.of("spec", "holderIdentity"), "thief"));
        time.advance(Duration.ofSeconds(2));
        assertThat(a.told).containsExactly("elected", "deposed: the lease is held by thief");
        assertThat(a.mayWrite()).isFalse();
    }

    @Test
    void aDeletedLeaseIsMadeAnew() {
        var a = new Candidate("a", 1).started();
        cluster.remove(LEASE);
        time.advance(Duration.ofSeconds(10));
        assertThat(spec().at("holderIdentity").string("")).isEqualTo("a");
        assertThat(a.told).containsExactly("elected");
    }

    @Test
    void whoStopsGivesTheLeaseBack() {
        var a = new Candidate("a", 1).started();
        var b = new Candidate("b", 2).started();
        a.election.close();
        assertThat(a.mayWrite()).isFalse();
        assertThat(spec().at("holderIdentity").string("x")).isEmpty();
        time.advance(Duration.ofSeconds(5));
        assertThat(b.told).containsExactly("elected");
        assertThat(a.told).containsExactly("elected");
        b.election.close();
        assertThat(time.pending()).isZero();
    }

    @Test
    void aClockThatGoesBackVoidsTheFenceUntilTheNextRenewal() {
        var clock = new VirtualTime();
        var back = new dev.sluice.spi.Time() {
            Duration shift = Duration.ZERO;

            @Override
            public java.time.Instant now() {
                return clock.now().plus(shift);
            }

            @Override
            public Timer at(java.time.Instant when, Runnable task) {
                return clock.at(when, task);
            }
        };
        var fence = new Fence(back, 1, back.now().plusSeconds(10), Duration.ZERO);
        assertThat(fence.holds()).isTrue();
        back.shift = Duration.ofSeconds(-5);
        assertThat(fence.holds()).isFalse();
        back.shift = Duration.ZERO;
        assertThat(fence.holds()).isFalse();
        fence.renew(back.now().plusSeconds(10));
        assertThat(fence.holds()).isTrue();
        assertThat(Fence.open(back).holds()).isTrue();
    }

    @Test
    void durationsThatWouldAllowTwoLeadersAreRefused() {
        assertThatThrownBy(() -> new LeaderElection.Settings(
                        LEASE, "a", Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(2), 1))
                .hasMessageContaining("wants lease duration");
    }

    @Test
    void aFractionOfASecondThatALeaseCannotHoldDoesNotCount() {
        assertThatThrownBy(() -> new LeaderElection.Settings(
                        LEASE, "a", Duration.ofMillis(10_900), Duration.ofMillis(10_500), Duration.ofSeconds(2), 1))
                .hasMessageContaining("wants lease duration (PT10S) > renew deadline (PT10.5S)");
    }

    @Test
    void theInstanceIdIsPartOfTheName() {
        assertThat(LeaderElection.Settings.standard("ns", "blue", "a", 1).ref().name())
                .isEqualTo("argo-rollouts-controller-lock-blue");
    }

    @Test
    void whateverIsCutNeverMayTwoWriteAtOnceAndInTheEndOneLeads() {
        for (long seed = 0; seed < 200; seed++) {
            var test = new LeaderElectionTest();
            test.cutAndCheck(seed);
        }
    }

    private void cutAndCheck(long seed) {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        var all = List.of(
                new Candidate("a", seed).started(),
                new Candidate("b", seed + 1).started(),
                new Candidate("c", seed + 2).started());
        for (int i = 0; i < 100; i++) {
            var one = all.get(random.nextInt(3));
            one.cutBefore = random.nextInt(2) == 0;
            one.cutAfter = random.nextInt(3) == 0;
            for (int step = random.nextInt(12); step > 0; step--) {
                time.advance(Duration.ofMillis(random.nextInt(2_000)));
                assertThat(all.stream().filter(Candidate::mayWrite).count())
                        .as("writers, seed %d at %s", seed, time.now())
                        .isLessThanOrEqualTo(1);
            }
        }
        for (var one : all) {
            one.cutBefore = false;
            one.cutAfter = false;
        }
        time.advance(Duration.ofMinutes(1));
        assertThat(all.stream().filter(Candidate::mayWrite).count())
                .as("seed %d", seed)
                .isEqualTo(1);
    }
}
