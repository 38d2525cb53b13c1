/// What a cluster is to Sluice: names of objects, requests, replies and watches as values.
///
/// [dev.sluice.cluster.Gateway] is the one port through which anything is read or written. Production reaches a real
/// API server through it, the demo and the simulator the embedded one; a fault injector is one more of them.
/// Knows nothing of rollouts. Read `Gateway` first.
package dev.sluice.cluster;
