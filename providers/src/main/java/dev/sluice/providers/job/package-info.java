/// A Kubernetes Job as a metric: what it ends with is the verdict. Read [dev.sluice.providers.job.JobProvider].
@NullMarked
package dev.sluice.providers.job;

import org.jspecify.annotations.NullMarked;
