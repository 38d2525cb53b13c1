package dev.sluice.e2e.rollout;

import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// On the embedded cluster.
@Execution(ExecutionMode.CONCURRENT)
class EmbeddedTakeOverTest extends OnEmbedded implements TakeOverContract {}
