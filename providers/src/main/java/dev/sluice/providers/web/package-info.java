/// Any HTTP service as a metric: a call, and a JSONPath into its answer. Read
/// [dev.sluice.providers.web.WebProvider].
@NullMarked
package dev.sluice.providers.web;

import org.jspecify.annotations.NullMarked;
