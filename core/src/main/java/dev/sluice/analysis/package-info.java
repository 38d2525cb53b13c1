/// Judging a release by measurements: when to measure, what counts, what the verdict is. Knows no metric system.
package dev.sluice.analysis;
