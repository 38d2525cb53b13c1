/// Gathers what [dev.sluice.explain.TrafficExplanation] needs from a cluster; reads only, and each kind once.
@org.jspecify.annotations.NullMarked
package dev.sluice.kube.explain;
