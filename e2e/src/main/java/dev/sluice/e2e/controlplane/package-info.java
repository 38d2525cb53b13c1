/// A real Kubernetes for tests: etcd, kube-apiserver, kube-controller-manager, kube-scheduler and
/// simulated nodes (KWOK) as processes on loopback, ready in a few seconds.
///
/// Read [dev.sluice.e2e.controlplane.ControlPlane] first. `e2e/controlplane/build` makes the programs.
/// Nothing here knows Sluice: what runs against it, and what it should show, is for the suites.
package dev.sluice.e2e.controlplane;
