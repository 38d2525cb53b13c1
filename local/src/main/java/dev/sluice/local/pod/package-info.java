/// What a pod of the embedded cluster does: its behaviour, read from image tag and environment, and the port that runs
/// it.
///
/// Knows nothing of controllers, services or the API server. Read [dev.sluice.local.pod.PodBehaviour] first, then
/// [dev.sluice.local.pod.PodRuntime].
@NullMarked
package dev.sluice.local.pod;

import org.jspecify.annotations.NullMarked;
