/// The arithmetic behind an update: how many pods each side may have, given what exists. Numbers in, numbers out.
///
/// Read [dev.sluice.strategy.BasicCanary] first. Knows neither Rollouts nor clusters.
package dev.sluice.strategy;
