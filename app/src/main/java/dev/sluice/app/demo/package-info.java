/// `sluice demo`: the mission's stories, played on live traffic in this process.
///
/// The controller, its analysis and its routers are the product; the API server, the pods and the visitors are
/// stand-ins from [dev.sluice.local]. Read [dev.sluice.app.demo.Story] first, then any of its stories.
///
/// ```
/// DemoCommand ─► Stage (cluster, pods, data plane, controllers) ─► Story.play(Scene) ─► Playbill (the table)
///                                                                     └─ Visitors: real requests, all accounted for
/// ```
@NullMarked
package dev.sluice.app.demo;

import org.jspecify.annotations.NullMarked;
