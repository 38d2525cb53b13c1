/// Measured numbers and questions about them: counters and histograms, their recent past in memory, and the
/// subset of PromQL that release checks use.
///
/// Answers in the shapes of Prometheus' HTTP API, so that the real metric provider can ask here. Knows nothing
/// of HTTP or of what is measured. Read [dev.sluice.local.traffic.promql.Prometheus] first, then
/// [dev.sluice.local.traffic.promql.Registry].
@NullMarked
package dev.sluice.local.traffic.promql;

import org.jspecify.annotations.NullMarked;
