package dev.sluice.local.workload;

import java.time.Duration;

/// How long things take on a node that are not the container's own doing. Each time is drawn from the seed, per pod.
///
/// @param startLeast from being scheduled until the container's process starts: image, sandbox, network
/// @param startMost the longest
/// @param stopLeast from the end of the last container until the pod has gone
/// @param stopMost the longest
/// @param crashBase wait before the second restart of a container that crashes; doubled with each
/// @param crashMost the longest wait; a container that ran for twice this time starts anew at the beginning
/// @param pullBase wait after the first image that could not be pulled; doubled with each
/// @param pullMost the longest
public record PodTiming(
        Duration startLeast,
        Duration startMost,
        Duration stopLeast,
        Duration stopMost,
        Duration crashBase,
        Duration crashMost,
        Duration pullBase,
        Duration pullMost) {
    /// As on a warm node with the image present, somewhat faster; back-offs as a kubelet has them.
    public static final PodTiming USUAL = new PodTiming(
            Duration.ofMillis(300),
            Duration.ofMillis(800),
            Duration.ofMillis(30),
            Duration.ofMillis(120),
            Duration.ofSeconds(10),
            Duration.ofMinutes(5),
            Duration.ofSeconds(10),
            Duration.ofMinutes(5));

    public PodTiming withStart(Duration least, Duration most) {
        return new PodTiming(least, most, stopLeast, stopMost, crashBase, crashMost, pullBase, pullMost);
    }

    public PodTiming withStop(Duration least, Duration most) {
        return new PodTiming(startLeast, startMost, least, most, crashBase, crashMost, pullBase, pullMost);
    }

    /// Backing off from crashes and missing images sooner, for demonstrations.
    public PodTiming withBackoff(Duration base, Duration most) {
        return new PodTiming(startLeast, startMost, stopLeast, stopMost, base, most, base, most);
    }

    /// The wait before the n-th retry, n from 1.
    static Duration backoff(Duration base, Duration most, int n) {
        var wait = base.multipliedBy(1L << Math.min(Math.max(0, n - 1), 20));
        return wait.compareTo(most) < 0 ? wait : most;
    }
}
