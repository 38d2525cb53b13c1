/// Routers as pure editors: they say which objects they read, what weights these hold, and how they look with others.
package dev.sluice.traffic;
