/// The ports a third party may fill, and the clock the edge is handed. Nothing here does I/O.
///
/// Read [dev.sluice.spi.Time] for the clock, [dev.sluice.spi.MetricProvider] for a metric system.
package dev.sluice.spi;
