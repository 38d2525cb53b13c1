/// The one program: its commands, how they are wired, what they print and with which code they end.
///
/// Read [dev.sluice.app.Main] first, then [dev.sluice.app.Commands]: every command and where it lives.
/// Policy is the core's, here is wiring and words. Short commands are judged by how fast they start: a
/// command's class, the Kubernetes client and the logging framework are loaded when they are used and
/// not before.
@NullMarked
package dev.sluice.app;

import org.jspecify.annotations.NullMarked;
