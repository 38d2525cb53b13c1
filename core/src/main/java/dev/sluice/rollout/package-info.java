/// What a Rollout is and how it moves: observation in, decision out.
///
/// Read [dev.sluice.rollout.RolloutEngine] first, then [dev.sluice.rollout.Observation] and
/// [dev.sluice.rollout.Decision]. Knows no client, clock, log or exception of the world; whatever must happen in order
/// is ordered by what the next observation shows.
package dev.sluice.rollout;
