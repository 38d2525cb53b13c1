/// Commands about Rollouts: what they are doing, why, and what people tell them to do.
///
/// [dev.sluice.app.rollout.Report] is everything that is read about one Rollout, [dev.sluice.app.rollout.Writes] what
/// each act writes. No policy: the sentence about a Rollout and the acts that make sense are the core's.
@NullMarked
package dev.sluice.app.rollout;

import org.jspecify.annotations.NullMarked;
