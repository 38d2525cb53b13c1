package dev.sluice.e2e.rollout;

/// On the embedded cluster.
class EmbeddedFaultRunTest extends OnEmbedded implements FaultRunContract {}
