/// Clients: makes requests at a pace and accounts for every one of them: who answered, how, how fast, and what
/// failed and why.
///
/// Knows HTTP and nothing of the cluster. Read [dev.sluice.local.traffic.load.LoadGenerator] first.
@NullMarked
package dev.sluice.local.traffic.load;

import org.jspecify.annotations.NullMarked;
