/// The embedded cluster: API server, workloads, traffic, virtual time.
package dev.sluice.local;
