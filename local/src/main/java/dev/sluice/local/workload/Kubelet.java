package dev.sluice.local.workload;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.local.pod.PodBehaviour;
import dev.sluice.local.pod.PodLog;
import dev.sluice.local.pod.PodRuntime;
import dev.sluice.local.workload.PodStatus.End;
import dev.sluice.local.workload.PodStatus.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// Runs the pods of its nodes: one `PodRuntime.Running` each, and tells the API server how they do.
///
/// ```
///   scheduled ──(start delay)──► running ──► ready
///                                   │ exits
///                                   ├─ restart policy says no ──► Succeeded / Failed
///                                   └─ says yes ──► at once, then after 10 s, 20 s … ──► running
///   deleted ──► preStop ──► drain ──(exit, or grace is over)──► kill ──(stop delay)──► gone
/// ```
///
/// The order on deletion matters: the API server has marked the pod before its process hears of it, and
/// the process goes on answering while it drains, so that whoever routes to it has time to stop.
final class Kubelet {
    private static final Duration SETTLE = Duration.ofMillis(1);
    private static final Duration FIRST_RESTART = Duration.ofMillis(500);
    private static final int LOG_LINES = 1000;
    private static final java.util.regex.Pattern SLEEP = java.util.regex.Pattern.compile("\\bsleep\\s+([0-9]{1,5})\\b");

    private final World world;
    private final PodRuntime runtime;
    private final PodTiming timing;
    private final TreeSet<String> nodes;
    private final String hostAddress;
    private final Addresses addresses;
    private final Cache pods;
    private final Events events;
    private final Worker worker;
    private final Map<Key, Slot> slots = new TreeMap<>();

    /// One pod on this node. Only the worker of its key touches it, but for its log.
    private final class Slot {
        private final Key key;
        private final String uid;
        private final Instant startTime;
        private final Instant startAt;
        private String image = "";
        private PodBehaviour.Reading reading = new PodBehaviour.Reading.Bad(List.of());
        private Stage stage = new Stage.Creating();
        private Optional<PodRuntime.Running> running = Optional.empty();
        private String address = "";
        private String containerId = "";
        private Instant began = Instant.EPOCH;
        private Instant answersSince = Instant.EPOCH;
        private boolean answers;
        /// The look of the probe that will notice what it has not noticed yet.
        private Optional<Instant> look = Optional.empty();
        private int restarts;
        private int crashesInARow;
        private int pulls;
        private Instant next = Instant.EPOCH;
        private Optional<End> last = Optional.empty();
        private Optional<Instant> signalAt = Optional.empty();
        private Optional<Instant> killAt = Optional.empty();
        private boolean signalled;
        private Optional<Instant> removeAt = Optional.empty();
        private boolean removed;
        private PodLog log = new PodLog(LOG_LINES);
        private Optional<PodLog> previous = Optional.empty();

        Slot(Key key, String uid) {
            this.key = key;
            this.uid = uid;
            this.startTime = world.now();
            this.startAt = startTime.plus(world.seed()
                    .between(timing.startLeast(), timing.startMost(), "start", key.namespace(), key.name()));
        }

        /// Ends the process and gives the address back, in this order.
        private void release() {
            running.ifPresent(PodRuntime.Running::kill);
            running = Optional.empty();
            log.end();
            if (!address.isEmpty()) addresses.release(address);
            address = "";
        }
    }

    Kubelet(World world, PodRuntime runtime, PodTiming timing, List<String> nodes, int lane) {
        this.world = world;
        this.runtime = runtime;
        this.timing = timing;
        this.nodes = new TreeSet<>(nodes);
        this.hostAddress = "127." + lane + ".0.1";
        this.addresses = new Addresses(lane);
        this.pods = world.cache(ResourceType.PODS);
        this.events = new Events(world, "kubelet");
        this.worker = new Worker("kubelet", world.time(), SETTLE, this::reconcile);
        pods.listen((before, after) -> {
            var pod = after.or(() -> before).orElseThrow();
            if (nodes.contains(pod.at("spec", "nodeName").string(""))) worker.add(Key.of(pod));
        });
    }

    Worker worker() {
        return worker;
    }

    String hostAddress() {
        return hostAddress;
    }

    /// The log of a pod's main container, or of its last incarnation.
    Optional<PodLog> log(String namespace, String name, boolean previous) {
        return slot(new Key(namespace, name))
                .filter(slot -> !slot.containerId.isEmpty())
                .flatMap(slot -> previous ? slot.previous : Optional.of(slot.log));
    }

    /// Ends every process; nothing of this node is left.
    void close() {
        worker.close();
        List<Slot> all;
        synchronized (slots) {
            all = List.copyOf(slots.values());
            slots.clear();
        }
        all.forEach(Slot::release);
    }

    /// Addresses given to pods at this moment.
    int addressesTaken() {
        return addresses.taken();
    }

    private Optional<Slot> slot(Key key) {
        synchronized (slots) {
            return Optional.ofNullable(slots.get(key));
        }
    }

    private Outcome reconcile(Key key) {
        var pod = pods.get(key);
        var slot = slot(key);
        if (slot.isPresent()
                && pod.filter(p -> Meta.uid(p).equals(slot.get().uid)).isEmpty()) {
            slot.get().release();
            synchronized (slots) {
                slots.remove(key);
            }
        }
        if (pod.isEmpty() || !nodes.contains(pod.get().at("spec", "nodeName").string(""))) return Outcome.settled();
        Slot mine;
        synchronized (slots) {
            mine = slots.computeIfAbsent(key, _ -> new Slot(key, Meta.uid(pod.get())));
        }
        if (mine.removed) return Outcome.settled();
        // Finished before this kubelet began: nothing to run, only perhaps to remove.
        boolean before = mine.containerId.isEmpty() && Pods.finished(pod.get());
        if (!before) advance(mine, pod.get());
        return Meta.deleting(pod.get()) ? end(mine, pod.get(), before) : report(mine, pod.get(), before);
    }

    /// Takes the container as far as the clock allows.
    private void advance(Slot slot, Json.Obj pod) {
        var container = PodBehaviour.mainContainer(pod);
        var images = new StringBuilder();
        for (var one : pod.at("spec", "containers").items())
            images.append(one.at("image").string("")).append(' ');
        if (!images.toString().equals(slot.image)) {
            boolean first = slot.image.isEmpty();
            slot.image = images.toString();
            slot.reading = PodBehaviour.of(pod);
            // A new image is tried anew; a container that runs is replaced.
            if (!first) replaced(slot, pod, container);
        }
        if (slot.running.isPresent()) observe(slot, pod, container);
        if (slot.running.isPresent() || Meta.deleting(pod) || slot.stage instanceof Stage.Over) return;
        var due = slot.restarts == 0 && slot.pulls == 0 ? slot.startAt : slot.next;
        if (world.now().isBefore(due)) return;
        switch (slot.reading) {
            case PodBehaviour.Reading.Good(var behaviour) -> launch(slot, pod, container, behaviour);
            case PodBehaviour.Reading.NoImage missing -> pullFailed(slot, pod, missing);
            case PodBehaviour.Reading.Bad bad -> {
                if (!(slot.stage instanceof Stage.Waiting)) {
                    events.warning(ResourceType.PODS, pod, "Failed", "Error: " + bad.message());
                }
                slot.stage = new Stage.Waiting("CreateContainerConfigError", bad.message());
            }
        }
    }

    private void replaced(Slot slot, Json.Obj pod, Json container) {
        if (slot.running.isEmpty()) {
            slot.stage = slot.restarts == 0 ? new Stage.Creating() : slot.stage;
            slot.pulls = 0;
            slot.next = world.now();
            return;
        }
        events.normal(
                ResourceType.PODS,
                pod,
                "Killing",
                "Container " + container.at("name").string("") + " definition changed, will be restarted");
        slot.running.get().kill();
        exited(slot, pod, container, PodRuntime.State.Exited.of(137, world.now()), true);
    }

    private void pullFailed(Slot slot, Json.Obj pod, PodBehaviour.Reading.NoImage missing) {
        boolean tried =
                slot.stage instanceof Stage.Waiting waiting && waiting.reason().equals("ErrImagePull");
        if (tried) {
            var message = "Back-off pulling image \"" + missing.image() + "\"";
            slot.stage = new Stage.Waiting("ImagePullBackOff", message + ": " + missing.message());
            events.normal(ResourceType.PODS, pod, "BackOff", message);
            slot.next = world.now().plus(PodTiming.backoff(timing.pullBase(), timing.pullMost(), slot.pulls));
        } else {
            slot.pulls++;
            events.normal(ResourceType.PODS, pod, "Pulling", "Pulling image \"" + missing.image() + "\"");
            events.warning(
                    ResourceType.PODS,
                    pod,
                    "Failed",
                    "Failed to pull image \"" + missing.image() + "\": " + missing.message());
            slot.stage = new Stage.Waiting("ErrImagePull", missing.message());
            slot.next = world.now().plus(Duration.ofSeconds(1));
        }
    }

    private void launch(Slot slot, Json.Obj pod, Json container, PodBehaviour behaviour) {
        var name = container.at("name").string("");
        if (slot.address.isEmpty()) slot.address = addresses.take();
        if (!slot.containerId.isEmpty()) {
            slot.previous = Optional.of(slot.log);
            slot.log = new PodLog(LOG_LINES);
        }
        slot.containerId = "%016x%016x"
                .formatted(
                        world.seed().derive("container", slot.uid, name, String.valueOf(slot.restarts)),
                        world.seed().derive("container-tail", slot.uid, name, String.valueOf(slot.restarts)));
        if (slot.stage instanceof Stage.Restarting(var end, var _)) slot.last = Optional.of(end);
        slot.began = world.now();
        slot.answersSince = slot.began;
        slot.answers = false;
        slot.stage = new Stage.Running(slot.began, false, false);
        for (var one : pod.at("spec", "containers").items()) {
            if (slot.restarts > 0 && !one.equals(container)) continue;
            var each = one.at("name").string("");
            events.normal(
                    ResourceType.PODS,
                    pod,
                    "Pulled",
                    "Container image \"" + one.at("image").string("") + "\" already present on machine");
            events.normal(ResourceType.PODS, pod, "Created", "Created container: " + each);
            events.normal(ResourceType.PODS, pod, "Started", "Started container " + each);
        }
        slot.running = Optional.of(runtime.start(new PodRuntime.Launch(
                pod,
                behaviour,
                slot.address,
                slot.restarts,
                world.seed().derive("process", slot.key.namespace(), slot.key.name(), String.valueOf(slot.restarts)),
                world.time(),
                slot.log,
                () -> worker.add(slot.key))));
        observe(slot, pod, container);
    }

    /// Reads the process, and decides what its probes have noticed by now.
    private void observe(Slot slot, Json.Obj pod, Json container) {
        var now = world.now();
        var state = slot.running.orElseThrow().state();
        boolean answers = state instanceof PodRuntime.State.Serving;
        switch (state) {
            case PodRuntime.State.Exited exited -> {
                exited(slot, pod, container, exited, false);
                return;
            }
            case PodRuntime.State.Starting _, PodRuntime.State.Serving _ -> {}
            case PodRuntime.State.NotServing(var why) -> {
                if (slot.answers) {
                    events.warning(ResourceType.PODS, pod, "Unhealthy", "Readiness probe failed: " + why);
                }
            }
        }
        if (answers != slot.answers) {
            slot.answers = answers;
            slot.answersSince = now;
        }
        boolean was = slot.stage instanceof Stage.Running running && running.ready();
        var noticed = Readiness.of(container).noticed(slot.began, slot.answersSince, answers);
        slot.look = Optional.of(noticed).filter(at -> at.isAfter(now));
        boolean ready = slot.look.isPresent() ? was : answers;
        boolean started = container.at("startupProbe").isNull() || ready || answers;
        slot.stage = new Stage.Running(slot.began, ready, started);
    }

    /// @param wanted the kubelet itself has ended it: no crash
    private void exited(Slot slot, Json.Obj pod, Json container, PodRuntime.State.Exited exited, boolean wanted) {
        var end = End.of(exited, slot.began, slot.containerId);
        slot.running.ifPresent(PodRuntime.Running::kill);
        slot.running = Optional.empty();
        slot.log.end();
        var policy = pod.at("spec", "restartPolicy").string("Always");
        boolean again = !Meta.deleting(pod)
                && (wanted || policy.equals("Always") || policy.equals("OnFailure") && end.code() != 0);
        if (!again) {
            slot.stage = new Stage.Over(end);
            return;
        }
        if (!Duration.between(end.began(), end.at())
                .minus(timing.crashMost().multipliedBy(2))
                .isNegative()) {
            slot.crashesInARow = 0;
        }
        slot.restarts++;
        var wait = wanted || slot.crashesInARow == 0
                ? FIRST_RESTART
                : PodTiming.backoff(timing.crashBase(), timing.crashMost(), slot.crashesInARow);
        if (!wanted) slot.crashesInARow++;
        slot.next = world.now().plus(wait);
        Optional<Stage.Waiting> waiting = Optional.empty();
        if (wait.compareTo(FIRST_RESTART) > 0) {
            var name = container.at("name").string("");
            var who = name + " in pod " + slot.key.name() + "_" + slot.key.namespace() + "(" + slot.uid + ")";
            waiting = Optional.of(new Stage.Waiting(
                    "CrashLoopBackOff",
                    "back-off " + dev.sluice.format.GoDuration.text(wait) + " restarting failed container=" + who));
            events.warning(ResourceType.PODS, pod, "BackOff", "Back-off restarting failed container " + who);
        }
        slot.stage = new Stage.Restarting(end, waiting);
    }

    // --- reporting ---

    private PodStatus.Facts facts(Slot slot) {
        // The restart that is awaited does not count yet.
        int restarts = slot.stage instanceof Stage.Restarting ? slot.restarts - 1 : slot.restarts;
        return new PodStatus.Facts(
                slot.stage, slot.address, hostAddress, slot.startTime, restarts, slot.last, slot.containerId);
    }

    private Outcome report(Slot slot, Json.Obj pod, boolean before) {
        if (before) return Outcome.settled();
        if (slot.stage instanceof Stage.Over) slot.release();
        var status = PodStatus.of(pod, facts(slot), world.now());
        return Outcome.of(world.updateStatus(ResourceType.PODS, pod, status)).and(Outcome.at(wake(slot)));
    }

    /// When the clock alone will change something. An instant that has passed meanwhile is still to be looked at: the
    /// report before this took its time, and nothing else will ask.
    private Optional<Instant> wake(Slot slot) {
        if (slot.running.isPresent()) return slot.look;
        return switch (slot.stage) {
            case Stage.Creating _ -> Optional.of(slot.startAt);
            case Stage.Waiting waiting when waiting.reason().equals("CreateContainerConfigError") -> Optional.empty();
            case Stage.Waiting _, Stage.Restarting _ -> Optional.of(slot.next);
            case Stage.Running _, Stage.Over _ -> Optional.empty();
        };
    }

    // --- ending ---

    private Outcome end(Slot slot, Json.Obj pod, boolean before) {
        var now = world.now();
        var container = PodBehaviour.mainContainer(pod);
        var grace = Duration.ofSeconds(
                Math.max(0, pod.at("metadata", "deletionGracePeriodSeconds").integer(30)));
        if (slot.killAt.isEmpty()) {
            if (slot.running.isPresent()) {
                for (var one : pod.at("spec", "containers").items()) {
                    events.normal(
                            ResourceType.PODS,
                            pod,
                            "Killing",
                            "Stopping container " + one.at("name").string(""));
                }
            }
            var hook = preStop(container);
            slot.signalAt = Optional.of(now.plus(hook.compareTo(grace) < 0 ? hook : grace));
        }
        // A second deletion may shorten the grace, never lengthen it.
        var latest = now.plus(grace);
        if (slot.killAt.filter(at -> at.isBefore(latest)).isEmpty()) slot.killAt = Optional.of(latest);
        var killAt = slot.killAt.orElseThrow();
        if (slot.running.isPresent() && !now.isBefore(killAt)) {
            slot.running.get().kill();
            exited(slot, pod, container, PodRuntime.State.Exited.of(137, now), false);
        }
        if (slot.running.isPresent()) {
            var signalAt = slot.signalAt.orElse(now);
            if (!slot.signalled && !now.isBefore(signalAt)) {
                slot.signalled = true;
                slot.running.get().drain(Duration.between(now, killAt));
                observe(slot, pod, container);
            }
        }
        if (slot.running.isPresent()) {
            var status = PodStatus.of(pod, facts(slot), now);
            var next = slot.signalled ? killAt : slot.signalAt.orElse(killAt);
            return Outcome.of(world.updateStatus(ResourceType.PODS, pod, status))
                    .and(new Outcome.Again(next));
        }
        return remove(slot, pod, before);
    }

    /// The containers have ended: says so, frees the address, and after a moment lets the object go.
    private Outcome remove(Slot slot, Json.Obj pod, boolean before) {
        var now = world.now();
        if (slot.removeAt.isEmpty()) {
            slot.removeAt = Optional.of(now.plus(world.seed()
                    .between(timing.stopLeast(), timing.stopMost(), "stop", slot.key.namespace(), slot.key.name())));
            slot.release();
        }
        if (now.isBefore(slot.removeAt.get())) {
            Outcome told = Outcome.settled();
            if (!before && slot.stage instanceof Stage.Over) {
                told = Outcome.of(world.updateStatus(ResourceType.PODS, pod, PodStatus.of(pod, facts(slot), now)));
            }
            return told.and(new Outcome.Again(slot.removeAt.get()));
        }
        var deleted = Outcome.of(world.delete(ResourceType.PODS, pod, "Background", Optional.of(Duration.ZERO)));
        if (!deleted.failed()) slot.removed = true;
        return deleted;
    }

    /// How long the preStop hook takes: a sleep, given as such or as a command.
    private static Duration preStop(Json container) {
        var hook = container.at("lifecycle", "preStop");
        var seconds = hook.at("sleep", "seconds").asLong();
        if (seconds.isPresent()) return Duration.ofSeconds(Math.max(0, seconds.get()));
        var command = new StringBuilder();
        for (var part : hook.at("exec", "command").items())
            command.append(part.string("")).append(' ');
        var sleep = SLEEP.matcher(command);
        return sleep.find() ? Duration.ofSeconds(Long.parseLong(sleep.group(1))) : Duration.ZERO;
    }
}
