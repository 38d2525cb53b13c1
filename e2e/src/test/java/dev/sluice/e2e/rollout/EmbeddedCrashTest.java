package dev.sluice.e2e.rollout;

/// On the embedded cluster.
class EmbeddedCrashTest extends OnEmbedded implements CrashContract {}
