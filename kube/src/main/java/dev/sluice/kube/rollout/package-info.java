/// Rollouts at the edge: decode, observe, execute, remember.
///
/// One pass is `Observer.observe`, `RolloutEngine.decide`, `Executor.run`; read
/// [dev.sluice.kube.rollout.RolloutController] first. Policy is the core's, every write is the executor's.
package dev.sluice.kube.rollout;
