package dev.sluice.local.pod;

import dev.sluice.json.Json;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;

/// Runs the main container of a pod. The kubelet decides when; how is this port's: real HTTP servers on loopback
/// addresses, or, under virtual time, nothing but the behaviour itself.
public interface PodRuntime {
    /// Starts one container process and returns without waiting for it to be ready.
    ///
    /// Never throws for what the world does: a port that cannot be bound is an [State.Exited] with the reason in
    /// `message` and in the log.
    Running start(Launch launch);

    /// No sockets: the behaviour alone decides when the container is ready, ends or crashes.
    PodRuntime VIRTUAL = VirtualPod::start;

    /// Everything a container process is told.
    ///
    /// @param pod the pod as read from the API server when the process starts: ports, labels, environment
    /// @param address the pod's own address, 127.x.y.z; it stays its own until [Running#kill], also over restarts
    /// @param restarts how often this container ran before
    /// @param seed of this process' own randomness: errors, latency jitter
    /// @param log where its output goes; the kubelet ends it
    /// @param changed to be called after every change of [Running#state], on any thread, as often as one likes
    record Launch(
            Json.Obj pod,
            PodBehaviour behaviour,
            String address,
            int restarts,
            long seed,
            Time time,
            PodLog log,
            Runnable changed) {
        public String namespace() {
            return pod.at("metadata", "namespace").string("");
        }

        public String name() {
            return pod.at("metadata", "name").string("");
        }
    }

    /// Where a process stands.
    ///
    /// ```
    ///   Starting ──► Serving ⇄ NotServing
    ///      │            │          │
    ///      └────────────┴──────────┴──► Exited
    /// ```
    sealed interface State {
        /// The process runs; its readiness probe fails, and has never succeeded.
        record Starting() implements State {}

        /// The readiness probe succeeds.
        record Serving() implements State {}

        /// The readiness probe fails again; `why` is what it would answer.
        record NotServing(String why) implements State {}

        /// The process has ended.
        ///
        /// @param code 0 for success, 137 for killed
        /// @param reason `Completed`, `Error`, `OOMKilled`, as in a pod's status
        record Exited(int code, String reason, String message, Instant at) implements State {
            public static Exited of(int code, Instant at) {
                return new Exited(code, code == 0 ? "Completed" : "Error", "", at);
            }
        }
    }

    /// A process under way. Every method may be called by any thread and more than once.
    interface Running {
        State state();

        /// The signal to end (SIGTERM). Goes on answering for the drain time, at most for `grace`, asks clients
        /// to close, and ends by itself: with code 0, or with 143 where it was to run to an end of its own
        /// and has been cut off. The kubelet has already told the endpoints.
        void drain(Duration grace);

        /// Ends the process at once (SIGKILL) and frees address and ports before it returns; no effect on an ended one
        /// but to free what is left.
        void kill();
    }
}
