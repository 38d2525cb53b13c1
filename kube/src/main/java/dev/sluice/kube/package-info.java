/// The edge to Kubernetes: what stands between the API server and a decision.
///
/// ```
/// watch ─► ObjectCache ─► WorkQueue ─► Workers ─► (a pass) ─► LearningGateway ─► FencedGateway ─► Gateway
///              ▲                                                    │ what the server answered
///              └────────────────────────────────────────────────────┘
/// ```
///
/// Everything here waits through [dev.sluice.spi.Time] and speaks through [dev.sluice.cluster.Gateway]: in production
/// on virtual threads against a real API server ([dev.sluice.kube.client]), in the simulator as events of one thread.
/// Knows nothing of rollouts. Read [ObjectCache] first, then [WorkQueue].
@NullMarked
package dev.sluice.kube;

import org.jspecify.annotations.NullMarked;
