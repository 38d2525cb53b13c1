/// AnalysisRuns at the edge: observe, decide, execute, and ask the metric systems.
///
/// ```
/// watch ─► ObjectCache ─► WorkQueue ─► AnalysisEngine.decide ─► status written ─► Calls ─► MetricProvider
///                             ▲                                                     │
///                             └───────────────────── answer ────────────────────────┘
/// ```
///
/// Read [dev.sluice.kube.analysis.AnalysisController] first: one pass is as short as that of a Rollout. What is special
/// here is that some actions take long and come back: [dev.sluice.kube.analysis.Calls] keeps them apart from passes.
/// [dev.sluice.kube.analysis.TemplatesAnalysisRunMaker] makes the runs that Rollouts ask for. When to measure and what
/// counts is the core's; which metric systems there are is known to nobody here, only [dev.sluice.spi.MetricProvider].
@NullMarked
package dev.sluice.kube.analysis;

import org.jspecify.annotations.NullMarked;
