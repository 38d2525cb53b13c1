/// The edge to everything that is not a Kubernetes cluster: metric systems.
///
/// One package for each provider, found through `ServiceLoader`; [dev.sluice.providers.http] is what those that speak
/// HTTP share. Knows no rollouts and decides nothing: conditions and limits are the core's.
@NullMarked
package dev.sluice.providers;

import org.jspecify.annotations.NullMarked;
