/// Judging a release by measurements: when to measure, what counts, what the verdict is.
///
/// Read [AnalysisEngine] first: one observation of an AnalysisRun in, one decision out. The way of a run:
///
/// - [Templates] merges AnalysisTemplates and arguments into the `spec` of a run;
/// - [Arguments] and [Placeholders] fill `{{args.x}}` in a metric; [Metric] is the outcome, checked;
/// - `Schedule` says which metric is measured now, `Assessment` what the numbers so far mean;
/// - [Measured] is one measurement as it is stored, made from what a provider brought and the metric's conditions.
///
/// Knows no metric system and no cluster: providers are asked by the edge, as the effect of an [AnalysisAction].
package dev.sluice.analysis;
