package dev.sluice.local.api;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Gives Services their addresses, as a cluster's API server does: each its own of one range of loopback addresses, so
/// that whoever listens for it needs no privileges and reaches nothing outside this machine.
final class Placement {
    private static final int FIRST = 1;
    private static final int LAST = 65_534;
    private static final int FIRST_NODE_PORT = 30_000;
    private static final int LAST_NODE_PORT = 32_767;
    private final Store store;
    private final int octet;
    private int next = FIRST;

    /// @param octet the second one: addresses are of 127.`octet`.0.0/16
    Placement(Store store, int octet) {
        if (octet < 1 || octet > 254) throw new IllegalArgumentException("the octet is 1 to 254, not " + octet);
        this.store = store;
        this.octet = octet;
    }

    Json.Obj created(Served served, Json.Obj object) {
        if (!served.is(ResourceType.SERVICES)) return object;
        var spec = object.at("spec").obj();
        var address = spec.at("clusterIP").string("");
        var type = spec.at("type").string("ClusterIP");
        if (type.equals("ExternalName")) return object;
        if (address.isEmpty()) {
            address = free();
            spec = spec.with("clusterIP", address);
        }
        spec = spec.with("clusterIPs", List.of(address));
        // Without addresses of its own and without a selector, a Service may be of any family.
        boolean any = address.equals("None") && spec.at("selector").obj().isEmpty();
        if (!spec.has("ipFamilies")) {
            spec = spec.with("ipFamilies", any ? List.of("IPv4", "IPv6") : List.of("IPv4"));
        }
        if (!spec.has("ipFamilyPolicy")) {
            spec = spec.with("ipFamilyPolicy", any ? "RequireDualStack" : "SingleStack");
        }
        return object.with("spec", withNodePorts(spec, type));
    }

    /// Ports on the nodes, for the types that have them. Nobody listens there; clients show them.
    private Json.Obj withNodePorts(Json.Obj spec, String type) {
        boolean wanted = type.equals("NodePort")
                || type.equals("LoadBalancer")
                        && spec.at("allocateLoadBalancerNodePorts").bool(true);
        if (!wanted) return spec;
        var taken = new TreeSet<Integer>();
        for (var service : store.objects("services").values()) {
            for (var port : service.at("spec", "ports").items())
                taken.add(port.at("nodePort").integer(0));
        }
        var ports = new ArrayList<Json>();
        int free = FIRST_NODE_PORT;
        for (var port : spec.at("ports").items()) {
            if (port.at("nodePort").integer(0) != 0) {
                ports.add(port);
                continue;
            }
            while (!taken.add(free)) {
                if (++free > LAST_NODE_PORT) {
                    throw Failure.internal("no node port is left for one more Service of type " + type
                            + "; delete some, or make it a ClusterIP");
                }
            }
            ports.add(port.obj().with("nodePort", free));
        }
        return spec.with("ports", ports);
    }

    /// An update that leaves the address out keeps it.
    Json.Obj updated(Served served, Json.Obj object, Json.Obj old) {
        if (!served.is(ResourceType.SERVICES)) return object;
        var spec = object.at("spec").obj();
        for (var field : List.of("ipFamilies", "ipFamilyPolicy")) {
            var before = old.at("spec", field);
            if (!spec.has(field) && !before.isNull()) spec = spec.with(field, before);
        }
        var kept = object.with("spec", spec);
        if (!spec.at("clusterIP").string("").isEmpty()
                || old.at("spec", "clusterIP").string("").isEmpty()
                || spec.at("type").string("").equals("ExternalName")) {
            return kept;
        }
        return kept.with(
                "spec",
                spec.with("clusterIP", old.at("spec", "clusterIP")).with("clusterIPs", old.at("spec", "clusterIPs")));
    }

    /// What is wrong with an address that a manifest asks for.
    ///
    /// @param read the object before it was placed
    List<Failure.Cause> problems(Served served, Json.Obj read) {
        if (!served.is(ResourceType.SERVICES)) return List.of();
        var asked = read.at("spec", "clusterIP").string("");
        if (asked.isEmpty() || asked.equals("None")) return List.of();
        if (!asked.startsWith("127." + octet + ".")) {
            return List.of(refused(
                    asked,
                    "the provided IP (" + asked + ") is not in the valid range. The range of valid IPs is " + range()));
        }
        return taken().contains(asked) ? List.of(refused(asked, "provided IP is already allocated")) : List.of();
    }

    private static Failure.Cause refused(String address, String why) {
        return Failure.Cause.invalid(
                "spec.clusterIPs", Json.arr(address), "failed to allocate IP " + address + ": " + why);
    }

    private String range() {
        return "127." + octet + ".0.0/16";
    }

    private Set<String> taken() {
        var taken = new TreeSet<String>();
        store.objects("services")
                .values()
                .forEach(service -> taken.add(service.at("spec", "clusterIP").string("")));
        return taken;
    }

    private String free() {
        var taken = taken();
        for (int tried = FIRST; tried <= LAST; tried++) {
            int at = next;
            next = next == LAST ? FIRST : next + 1;
            var address = "127." + octet + "." + (at >> 8) + "." + (at & 255);
            if (!taken.contains(address)) return address;
        }
        throw Failure.internal("no address is left in " + range() + " for one more Service; delete some");
    }
}
