package dev.sluice.local.pod;

import dev.sluice.spi.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A process without sockets: its behaviour, played on a clock.
final class VirtualPod implements PodRuntime.Running {
    /// Ended by SIGTERM: 128 + 15.
    private static final int CUT_OFF = 143;

    private final PodRuntime.Launch launch;
    private final List<Time.Timer> timers = new ArrayList<>();
    private PodRuntime.State state = new PodRuntime.State.Starting();
    private boolean draining;

    private VirtualPod(PodRuntime.Launch launch) {
        this.launch = launch;
    }

    static PodRuntime.Running start(PodRuntime.Launch launch) {
        var pod = new VirtualPod(launch);
        var behaviour = launch.behaviour();
        pod.say("starting version " + behaviour.version()
                + (behaviour.differences().isEmpty() ? "" : " with ") + behaviour.differences());
        if (!behaviour.neverReady()) pod.after(behaviour.startUp(), pod::serve);
        behaviour.run().ifPresent(run -> pod.after(run.time(), () -> pod.exit(run.exitCode())));
        behaviour.crashAfter().ifPresent(after -> pod.after(after, () -> pod.exit(1)));
        return pod;
    }

    @Override
    public synchronized PodRuntime.State state() {
        return state;
    }

    @Override
    public synchronized void drain(Duration grace) {
        if (draining || ended()) return;
        draining = true;
        var drain = launch.behaviour().drain();
        say("asked to end");
        int code = launch.behaviour().run().isPresent() ? CUT_OFF : 0;
        after(drain.compareTo(grace) < 0 ? drain : grace, () -> exit(code));
    }

    @Override
    public synchronized void kill() {
        timers.forEach(Time.Timer::cancel);
        timers.clear();
        if (!ended()) move(PodRuntime.State.Exited.of(137, launch.time().now()));
    }

    private synchronized void serve() {
        if (state instanceof PodRuntime.State.Starting) {
            say("ready");
            move(new PodRuntime.State.Serving());
        }
    }

    private synchronized void exit(int code) {
        if (ended()) return;
        say("ended with code " + code);
        timers.forEach(Time.Timer::cancel);
        timers.clear();
        move(PodRuntime.State.Exited.of(code, launch.time().now()));
    }

    private boolean ended() {
        return state instanceof PodRuntime.State.Exited;
    }

    private void move(PodRuntime.State next) {
        state = next;
        launch.changed().run();
    }

    private synchronized void after(Duration delay, Runnable task) {
        timers.add(launch.time().at(launch.time().now().plus(delay), task));
    }

    private void say(String text) {
        launch.log().add(launch.time().now(), text);
    }
}
