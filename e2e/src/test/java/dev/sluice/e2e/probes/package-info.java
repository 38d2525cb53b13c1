/// The same requests to the embedded API server and to a real one, and every difference between the answers.
///
/// A [dev.sluice.e2e.probes.Probe] is a name and a few requests; what differs by nature (uids, times, addresses) is
/// masked by [dev.sluice.e2e.probes.Masks], all else is compared: status, media type, warnings, body. A difference is
/// a fault of ours until [dev.sluice.e2e.probes.Difference] names it with a reason. Read
/// [dev.sluice.e2e.probes.ProbesTest] first, then any of the classes that hold probes.
@NullMarked
package dev.sluice.e2e.probes;

import org.jspecify.annotations.NullMarked;
