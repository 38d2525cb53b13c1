/// The edge to everything else: metric systems.
package dev.sluice.providers;
