/// Measures what the project promises in figures, on the program as its users start it. Knows `./sluice local up`, the
/// process behind it and what the system says of that process; asserts nothing, for a figure belongs to a machine.
/// Read [Bench] first; `bench/README.md` has the commands and what they printed.
@NullMarked
package dev.sluice.e2e.bench;

import org.jspecify.annotations.NullMarked;
