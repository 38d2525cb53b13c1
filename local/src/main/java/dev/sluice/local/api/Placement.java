package dev.sluice.local.api;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.util.List;
import java.util.TreeSet;

/// Gives Services their addresses, as a cluster's API server does: each its own of 127.96.0.0/16, so that whoever
/// listens
/// for it needs no privileges and reaches nothing outside this machine.
final class Placement {
    private static final int FIRST = 1;
    private static final int LAST = 65_534;
    private final Store store;
    private int next = FIRST;

    Placement(Store store) {
        this.store = store;
    }

    Json.Obj created(Served served, Json.Obj object) {
        if (!served.is(ResourceType.SERVICES)) return object;
        var spec = object.at("spec").obj();
        var address = spec.at("clusterIP").string("");
        if (spec.at("type").string("ClusterIP").equals("ExternalName")) return object;
        if (address.isEmpty()) {
            address = free();
            spec = spec.with("clusterIP", address);
        }
        return object.with("spec", spec.with("clusterIPs", List.of(address)));
    }

    /// An update that leaves the address out keeps it.
    Json.Obj updated(Served served, Json.Obj object, Json.Obj old) {
        if (!served.is(ResourceType.SERVICES)) return object;
        var spec = object.at("spec").obj();
        if (!spec.at("clusterIP").string("").isEmpty()
                || old.at("spec", "clusterIP").string("").isEmpty()
                || spec.at("type").string("").equals("ExternalName")) {
            return object;
        }
        return object.with(
                "spec",
                spec.with("clusterIP", old.at("spec", "clusterIP")).with("clusterIPs", old.at("spec", "clusterIPs")));
    }

    private String free() {
        var taken = new TreeSet<String>();
        store.objects("services")
                .values()
                .forEach(service -> taken.add(service.at("spec", "clusterIP").string("")));
        for (int tried = FIRST; tried <= LAST; tried++) {
            int at = next;
            next = next == LAST ? FIRST : next + 1;
            var address = "127.96." + (at >> 8) + "." + (at & 255);
            if (!taken.contains(address)) return address;
        }
        throw Failure.internal("no address is left in 127.96.0.0/16 for one more Service; delete some");
    }
}
