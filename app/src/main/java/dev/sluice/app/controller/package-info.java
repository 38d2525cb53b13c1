/// The controller as a process: what is wired to what, how it leads, what it tells of itself.
///
/// Read [dev.sluice.app.controller.Wiring] first: one method makes the whole controller.
@NullMarked
package dev.sluice.app.controller;

import org.jspecify.annotations.NullMarked;
