/// Why traffic goes where it goes: the way of a request, hop by hop, and every cause found on it.
///
/// Read [dev.sluice.explain.TrafficExplanation] first. Pure: what was seen comes in as a
/// [dev.sluice.explain.TrafficObservation], nothing is asked of a cluster here.
package dev.sluice.explain;
