/// Calls to metric systems over HTTP: bounded in time, size and redirects, and silent about secrets.
///
/// Read [dev.sluice.providers.http.HttpEdge] first.
@NullMarked
package dev.sluice.providers.http;

import org.jspecify.annotations.NullMarked;
