package dev.sluice.e2e.rollout;

/// On a real API server with its own controllers and simulated nodes.
class RealCrashTest extends OnReal implements CrashContract {}
