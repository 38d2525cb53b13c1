package dev.sluice.kube;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Leave;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One leader among several controllers, by a Lease.
///
/// ```
///                 taken (free, released, or unchanged for its duration)
///   candidate ───────────────────────────────────────────────────────────► leader ──┐ renewed
///       ▲                                                                     │ ▲   │
///       └───────────── taken by another, or not renewed in time ◄─────────────┘ └───┘
/// ```
///
/// Clocks of different machines are never compared. A candidate waits until the lease *as it sees it* has not changed
/// for the duration that the lease itself names. A leader counts from the moment before it *sent* the last renewal that
/// succeeded, and stops after `renewDeadline`, which is shorter: the difference (5 s) covers writes still on
/// their way (4.5 s, [Settings#inFlight]) and clocks that run at different rates (0.5 s). [Fence] is that rule,
/// asked when a write leaves; the gateway gives up a write that is under way for longer.
///
/// A call of its own is given up after 4 s ([Settings#patience]): one that hangs, on a connection that a
/// load balancer has dropped for instance, would else take the whole term with it, and the second try is
/// what keeps it.
///
/// Locking: one lock, not held during requests nor while the listener is called; calls of the listener come one at a
/// time and in order.
///
/// @see "Argo Rollouts, leader election: names and durations; client-go, tools/leaderelection: the algorithm"
public final class LeaderElection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderElection.class);
    /// Between two words about the same refusal.
    private static final Duration REMINDER = Duration.ofSeconds(30);
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    /// @param identity of this process, unlike any other's: `<hostname>_<uuid>`
    /// @param lease how long others wait for a leader that says nothing more; a fraction of a second,
    ///     which a Lease cannot hold, is cut off
    /// @param renewDeadline how long a leader may lead without a renewal; shorter than `lease`
    /// @param retry between two tries
    /// @param seed of the jitter between tries of candidates
    public record Settings(
            ObjectRef ref, String identity, Duration lease, Duration renewDeadline, Duration retry, long seed) {
        public Settings {
            lease = Duration.ofSeconds(lease.toSeconds());
            if (lease.compareTo(renewDeadline) <= 0 || renewDeadline.compareTo(retry) <= 0 || !retry.isPositive()) {
                throw new IllegalArgumentException("leader election: wants lease duration (" + lease
                        + ") > renew deadline (" + renewDeadline + ") > retry period (" + retry + ") > 0");
            }
            if (identity.isBlank()) throw new IllegalArgumentException("leader election: the identity is empty");
            if (lease.toSeconds() < 1) {
                throw new IllegalArgumentException("leader election: lease duration " + lease + " is below 1 s");
            }
        }

        /// How long after the end of its right to write a leader's last write may still arrive: 9/10 of what lies
        /// between that end and the beginning of another's. The rest is for clocks that run at different rates.
        public Duration inFlight() {
            return lease.minus(renewDeadline).multipliedBy(9).dividedBy(10);
        }

        /// How long one call may take. Two in a row, the first a period after the last renewal, end within the
        /// deadline.
        Duration patience() {
            return renewDeadline.minus(retry).dividedBy(2);
        }

        /// The Lease `argo-rollouts-controller-lock`, suffixed by a non-empty instance id; 15 s, 10 s, 2 s.
        public static Settings standard(String namespace, String instanceId, String identity, long seed) {
            var name = "argo-rollouts-controller-lock" + (instanceId.isEmpty() ? "" : "-" + instanceId);
            return new Settings(
                    ObjectRef.of(ResourceType.LEASES, namespace, name),
                    identity,
                    Duration.ofSeconds(15),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(2),
                    seed);
        }
    }

    /// Is told when a term begins and ends.
    public interface Listener {
        /// @param fence of the term that begins: give it to a [FencedGateway]
        void elected(Fence fence);

        /// The term has ended, not by [LeaderElection#close].
        void deposed(String why);
    }

    /// A lease as it was last seen, and since when it has been so.
    private record Seen(Json.Obj lease, Instant since) {
        String holder() {
            return lease.at("spec", "holderIdentity").string("");
        }

        String version() {
            return Store.version(lease);
        }

        Instant end(Duration otherwise) {
            return since.plus(lease.at("spec", "leaseDurationSeconds")
                    .asInt()
                    .map(Duration::ofSeconds)
                    .orElse(otherwise));
        }
    }

    private final Gateway gateway;
    private final Time time;
    private final Settings settings;
    private final Listener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Serial told = new Serial();
    private final RandomGenerator random;
    private Optional<Seen> seen = Optional.empty();
    private Optional<Fence> fence = Optional.empty();
    private Optional<String> trouble = Optional.empty();
    private Optional<String> complained = Optional.empty();
    private Instant complain = Instant.MIN;
    private Time.@Nullable Timer next;
    private Time.@Nullable Timer deadline;
    private long terms;
    private boolean closed;

    public LeaderElection(Gateway gateway, Time time, Settings settings, Listener listener) {
        this.gateway = gateway;
        this.time = time;
        this.settings = settings;
        this.listener = listener;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(settings.seed());
    }

    /// Becomes a candidate; returns at once.
    public void start() {
        time.soon(this::attempt);
    }

    /// Whether this process leads.
    public boolean leading() {
        lock.lock();
        try {
            return fence.filter(Fence::holds).isPresent();
        } finally {
            lock.unlock();
        }
    }

    /// Who leads, as last seen; empty when nobody does or it is not known yet.
    public Optional<String> leader() {
        lock.lock();
        try {
            return seen.map(Seen::holder).filter(holder -> !holder.isEmpty());
        } finally {
            lock.unlock();
        }
    }

    /// Why the last try failed, other than that somebody else leads.
    public Optional<String> trouble() {
        lock.lock();
        try {
            return trouble;
        } finally {
            lock.unlock();
        }
    }

    /// Ends the candidacy; a leader gives the lease back, so that another need not wait for it to lapse. Call it when
    /// nothing writes any more. The listener is not told.
    @Override
    public void close() {
        Optional<Json.Obj> release = Optional.empty();
        lock.lock();
        try {
            if (closed) return;
            closed = true;
            if (next != null) next.cancel();
            if (deadline != null) deadline.cancel();
            if (fence.isPresent() && seen.isPresent()) {
                fence.get().end();
                release = Optional.of(changed("", Duration.ofSeconds(1), seen.get(), time.now()));
            }
            fence = Optional.empty();
        } finally {
            lock.unlock();
        }
        release.ifPresent(body -> send(new Request.Replace(settings.ref(), body)));
    }

    private Reply send(Request request) {
        return gateway.send(request, () -> new Leave.Given(settings.patience()));
    }

    private void attempt() {
        var begun = time.now();
        try {
            if (!renewDirectly()) acquire();
        } catch (RuntimeException ours) {
            LOG.error("a try to lead crashed", ours);
            failed("crashed: " + ours);
        }
        told.run();
        lock.lock();
        try {
            if (closed) return;
            // Candidates spread out, a leader is regular: what a slow call has taken is not waited for again.
            var when = fence.isPresent()
                    ? begun.plus(settings.retry())
                    : time.now().plus(settings.retry()).plusNanos((long)
                            (settings.retry().toNanos() * 1.2 * random.nextDouble()));
            next = time.at(when, this::attempt);
        } finally {
            lock.unlock();
        }
    }

    /// A leader renews what it wrote last, without reading first.
    ///
    /// @return false when this was no leader, or somebody else has written the lease
    private boolean renewDirectly() {
        Seen mine;
        lock.lock();
        try {
            if (closed) return true;
            if (fence.isEmpty() || seen.isEmpty()) return false;
            mine = seen.get();
        } finally {
            lock.unlock();
        }
        return write(mine);
    }

    private void acquire() {
        switch (send(new Request.Get(settings.ref()))) {
            case Reply.Done(var lease) -> {
                Seen now;
                lock.lock();
                try {
                    if (closed) return;
                    now = observe(lease);
                    if (!now.holder().equals(settings.identity())) depose("the lease is held by " + now.holder());
                    boolean free = now.holder().isEmpty() || now.holder().equals(settings.identity());
                    if (!free && time.now().isBefore(now.end(settings.lease()))) {
                        trouble = Optional.empty();
                        return;
                    }
                } finally {
                    lock.unlock();
                }
                write(now);
            }
            case Reply.Refused refused
            when refused.notFound() -> {
                var sent = time.now();
                var body = lease(sent);
                taken(send(new Request.Create(settings.ref(), body)), sent);
            }
            case Reply.Refused(var code, var reason, var message, var _) ->
                refused("reading the lease " + settings.ref() + " was refused: " + code + " " + reason + ": "
                        + message);
            case Reply.Lost(var _, var why) -> failed("reading the lease: " + why);
        }
    }

    /// Writes the lease as ours, on the condition that it is still as it was seen.
    ///
    /// @return false when it was not
    private boolean write(Seen base) {
        var sent = time.now();
        var body = changed(settings.identity(), settings.lease(), base, sent);
        return taken(send(new Request.Replace(settings.ref(), body)), sent);
    }

    private boolean taken(Reply reply, Instant sent) {
        lock.lock();
        try {
            switch (reply) {
                case Reply.Done(var lease) -> {
                    if (closed) return true;
                    observe(lease);
                    hold(sent);
                }
                case Reply.Refused refused
                when refused.code() == 409 || refused.notFound() -> {
                    trouble = Optional.empty();
                    return false;
                }
                case Reply.Refused(var code, var reason, var message, var _) ->
                    refused("writing the lease " + settings.ref() + " was refused: " + code + " " + reason + ": "
                            + message);
                // It may have been written: then the version that we know is no longer the last, and the next try
                // reads it and finds itself.
                case Reply.Lost(var _, var why) -> failed("writing the lease: " + why);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private Seen observe(Json.Obj lease) {
        // Any change counts as a sign of life, so it is the version that is compared.
        if (seen.isEmpty() || !seen.get().version().equals(Store.version(lease))) {
            seen = Optional.of(new Seen(lease, time.now()));
        }
        return seen.get();
    }

    private void hold(Instant sent) {
        trouble = Optional.empty();
        var until = sent.plus(settings.renewDeadline());
        if (!time.now().isBefore(until)) {
            depose("the renewal took longer than " + settings.renewDeadline());
            return;
        }
        if (fence.isPresent()) {
            fence.get().renew(until);
        } else {
            var begun = new Fence(time, ++terms, until, settings.inFlight());
            fence = Optional.of(begun);
            LOG.info("leading: {} holds {}", settings.identity(), settings.ref());
            told.add(() -> listener.elected(begun));
        }
        if (deadline != null) deadline.cancel();
        deadline = time.at(until, () -> lapse(until));
    }

    private void lapse(Instant until) {
        lock.lock();
        try {
            if (closed || time.now().isBefore(until)) return;
            if (fence.filter(Fence::holds).isPresent()) return;
            depose("not renewed within " + settings.renewDeadline()
                    + trouble.map(why -> " (" + why + ")").orElse(""));
        } finally {
            lock.unlock();
        }
        told.run();
    }

    private void depose(String why) {
        if (fence.isEmpty()) return;
        fence.get().end();
        fence = Optional.empty();
        if (deadline != null) deadline.cancel();
        LOG.warn("no longer leading: {}", why);
        told.add(() -> listener.deposed(why));
    }

    /// An answer that will be the same until a human changes something: told at once and then now and then. That there
    /// is no answer is told by the gateway.
    private void refused(String why) {
        failed(why);
        lock.lock();
        try {
            boolean known = complained.filter(why::equals).isPresent();
            if (known && time.now().isBefore(complain)) return;
            complained = Optional.of(why);
            complain = time.now().plus(REMINDER);
        } finally {
            lock.unlock();
        }
        LOG.warn("cannot lead: {}; going on trying", why);
    }

    private void failed(String why) {
        lock.lock();
        try {
            trouble = Optional.of(why);
        } finally {
            lock.unlock();
        }
        LOG.debug("leader election: {}", why);
    }

    /// The lease as it was seen, with another holder or time. It is replaced, not patched: the roles that clusters have
    /// for leader election allow `update`, as client-go has it, and mostly no `patch`.
    private static Json.Obj changed(String holder, Duration lease, Seen base, Instant at) {
        boolean mine = base.holder().equals(holder);
        int transitions = base.lease().at("spec", "leaseTransitions").integer(0);
        var spec = base.lease()
                .at("spec")
                .obj()
                .with("holderIdentity", holder)
                .with("leaseDurationSeconds", lease.toSeconds())
                .with("renewTime", MICROS.format(at));
        if (!mine && !holder.isEmpty()) {
            spec = spec.with("acquireTime", MICROS.format(at)).with("leaseTransitions", transitions + 1);
        }
        return base.lease().with("spec", spec);
    }

    private Json.Obj lease(Instant at) {
        return Json.obj(
                "apiVersion",
                settings.ref().type().apiVersion(),
                "kind",
                settings.ref().type().kind(),
                "metadata",
                Json.obj(
                        "namespace",
                        settings.ref().namespace(),
                        "name",
                        settings.ref().name()),
                "spec",
                Json.obj(
                        "holderIdentity", settings.identity(),
                        "leaseDurationSeconds", settings.lease().toSeconds(),
                        "acquireTime", MICROS.format(at),
                        "renewTime", MICROS.format(at),
                        "leaseTransitions", 0));
    }
}
