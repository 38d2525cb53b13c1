package dev.sluice.e2e.rollout;

import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// On a real API server with its own controllers and simulated nodes.
@Execution(ExecutionMode.CONCURRENT)
class RealTakeOverTest extends OnReal implements TakeOverContract {}
