/// Given/when/then suites on the embedded cluster and on a real API server.
package dev.sluice.e2e;
