/// The production control loop in a simulated world: a run is a function of its seed.
///
/// Read [dev.sluice.app.simulate.Simulation] first: it puts the embedded cluster, the controller, faults, users and the
/// invariants together under virtual time.
package dev.sluice.app.simulate;
