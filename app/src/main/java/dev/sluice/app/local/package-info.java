/// `sluice local`: a cluster on this machine that stays up between commands, with the controller inside.
///
/// [dev.sluice.app.local.LocalNode] is the cluster assembled, [dev.sluice.app.local.LocalState] what is written down
/// about the one that runs, so that the next command finds it.
@NullMarked
package dev.sluice.app.local;

import org.jspecify.annotations.NullMarked;
