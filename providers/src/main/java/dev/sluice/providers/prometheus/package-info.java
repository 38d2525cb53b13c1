/// Prometheus, and what speaks its HTTP API (Thanos, Mimir, VictoriaMetrics), as a metric. Read
/// [dev.sluice.providers.prometheus.PrometheusProvider].
@NullMarked
package dev.sluice.providers.prometheus;

import org.jspecify.annotations.NullMarked;
