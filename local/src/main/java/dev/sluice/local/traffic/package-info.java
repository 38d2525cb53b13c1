/// The data plane of the embedded cluster: pods as HTTP servers on addresses of their own, Services as
/// listeners in front of them, a gateway that honours `HTTPRoute`, and the numbers all of them produce.
///
/// Real sockets on 127.0.0.0/8 and real time; not a part of the simulation. Knows the cluster only through
/// [dev.sluice.cluster.Gateway] and the pods through [dev.sluice.local.pod.PodRuntime]; knows no controllers
/// and no rollouts. Read [dev.sluice.local.traffic.TrafficPlane] first.
///
/// ```
///   client ──► HttpGateway ──(weights)──┐
///   client ──► ServiceListeners ────────┴─► Backend ──(turn by turn)──► RealPod
/// ```
@NullMarked
package dev.sluice.local.traffic;

import org.jspecify.annotations.NullMarked;
