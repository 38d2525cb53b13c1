/// What Kubernetes' controller manager, scheduler and kubelet do, for the embedded cluster.
///
/// Each controller watches objects through [dev.sluice.cluster.Gateway], compares what is wanted with
/// what is seen and writes the difference back the same way; it knows neither who serves the objects
/// nor whether the clock is real. Nothing here opens a socket: what a pod really does is behind
/// [dev.sluice.local.pod.PodRuntime].
///
/// Read [dev.sluice.local.workload.Controllers] first (who runs), then `Worker` and `Cache` (how all of them run), then
/// any one controller.
@NullMarked
package dev.sluice.local.workload;

import org.jspecify.annotations.NullMarked;
