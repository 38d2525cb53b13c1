package dev.sluice.app;

import dev.sluice.spi.TrafficRouter;
import dev.sluice.traffic.GatewayApiRouter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The routers of this program, by the name under which they stand in `trafficRouting`.
public final class Routers {
    private Routers() {}

    public static Map<String, TrafficRouter> all() {
        var routers = new LinkedHashMap<String, TrafficRouter>();
        for (TrafficRouter router : List.of(new GatewayApiRouter())) routers.put(router.name(), router);
        return routers;
    }
}
