package dev.sluice.local.workload;

import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Writes down which pods stand behind a Service: address, and whether each is ready, serving or on its way out.
final class EndpointSliceController {
    static final String SERVICE = "kubernetes.io/service-name";
    private static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
    private static final String US = "endpointslice-controller.k8s.io";
    private static final String HEADLESS = "service.kubernetes.io/headless";
    /// As many as the API takes in one slice.
    private static final int MOST = 1000;

    private static final Duration SETTLE = Duration.ofMillis(10);

    private final World world;
    private final Cache services;
    private final Cache pods;
    private final Cache slices;
    private final Cache.Index slicesByService;
    private final Worker worker;

    EndpointSliceController(World world) {
        this.world = world;
        this.services = world.cache(ResourceType.SERVICES);
        this.pods = world.cache(ResourceType.PODS);
        this.slices = world.cache(ResourceType.ENDPOINT_SLICES);
        this.slicesByService = slices.index(slice ->
                List.of(Meta.namespace(slice) + "/" + Meta.labels(slice).getOrDefault(SERVICE, "")));
        this.worker = new Worker("endpointslice", world.time(), SETTLE, this::reconcile);
        services.listen(
                (before, after) -> worker.add(Key.of(after.or(() -> before).orElseThrow())));
        slices.listen((before, after) -> {
            var slice = after.or(() -> before).orElseThrow();
            var service = Meta.labels(slice).get(SERVICE);
            if (service != null) worker.add(new Key(Meta.namespace(slice), service));
        });
        pods.listen(this::podChanged);
    }

    Worker worker() {
        return worker;
    }

    private void podChanged(Optional<Json.Obj> before, Optional<Json.Obj> after) {
        var pod = after.or(() -> before).orElseThrow();
        // Most changes of a pod do not concern its endpoint.
        if (before.isPresent() && after.isPresent() && facts(before.get()).equals(facts(after.get()))) return;
        for (var service : services.in(Meta.namespace(pod))) {
            var selector = selector(service);
            if (selector.isEmpty()) continue;
            if (Stream.of(before, after).flatMap(Optional::stream).anyMatch(selector.get()::matches)) {
                worker.add(Key.of(service));
            }
        }
    }

    private static List<Object> facts(Json pod) {
        return List.of(
                Meta.uid(pod),
                Meta.labels(pod),
                pod.at("status", "podIP"),
                Pods.ready(pod),
                Pods.finished(pod),
                Meta.deleting(pod),
                pod.at("spec", "nodeName"));
    }

    private static Optional<LabelSelector> selector(Json service) {
        var labels = service.at("spec", "selector").strings();
        if (labels.isEmpty() || service.at("spec", "type").string("").equals("ExternalName")) return Optional.empty();
        return Optional.of(LabelSelector.of(labels));
    }

    private Outcome reconcile(Key key) {
        if (!services.synced() || !pods.synced() || !slices.synced()) {
            return new Outcome.Again(world.now().plus(Duration.ofMillis(20)));
        }
        var found = services.get(key);
        // Slices of a Service that has gone are the garbage collector's.
        if (found.isEmpty() || Meta.deleting(found.get())) return Outcome.settled();
        var service = found.get();
        var selector = selector(service);
        if (selector.isEmpty()) return Outcome.settled();
        var wanted = wanted(service, selector.get());
        var mine = slicesByService.get(key.toString()).stream()
                .filter(slice -> Meta.labels(slice).getOrDefault(MANAGED_BY, "").equals(US))
                .filter(slice -> !Meta.deleting(slice))
                .toList();
        return write(service, wanted, mine);
    }

    /// The slices there should be: one for each set of ports, more where there are very many endpoints.
    private List<Json.Obj> wanted(Json.Obj service, LabelSelector selector) {
        var byPorts = new TreeMap<String, List<Json>>();
        var ports = new TreeMap<String, Json.Arr>();
        boolean early = service.at("spec", "publishNotReadyAddresses").bool(false);
        for (var pod : pods.in(Meta.namespace(service))) {
            var address = pod.at("status", "podIP").string("");
            if (address.isEmpty() || Pods.finished(pod) || !selector.matches(pod)) continue;
            var resolved = ports(service, pod);
            byPorts.computeIfAbsent(resolved.text(), _ -> new ArrayList<>()).add(endpoint(pod, address, early));
            ports.put(resolved.text(), resolved);
        }
        // Without pods there is still a slice, which says so.
        if (byPorts.isEmpty()) {
            byPorts.put("", List.of());
            ports.put("", Json.Arr.EMPTY);
        }
        var wanted = new ArrayList<Json.Obj>();
        byPorts.forEach((name, endpoints) -> {
            for (int from = 0; from == 0 || from < endpoints.size(); from += MOST) {
                var some = endpoints.subList(from, Math.min(endpoints.size(), from + MOST));
                wanted.add(Json.obj(
                        "addressType", "IPv4", "endpoints", some, "ports", Objects.requireNonNull(ports.get(name))));
            }
        });
        return wanted;
    }

    private static Json.Obj endpoint(Json pod, String address, boolean early) {
        boolean serving = Pods.ready(pod);
        boolean terminating = Meta.deleting(pod);
        var endpoint = Json.obj(
                "addresses", List.of(address),
                "conditions",
                        Json.obj(
                                "ready", early || serving && !terminating,
                                "serving", serving,
                                "terminating", terminating),
                "targetRef", Meta.reference(ResourceType.PODS, pod));
        var node = pod.at("spec", "nodeName");
        return node.isNull() ? endpoint : endpoint.with("nodeName", node);
    }

    /// The ports as numbers of this pod: a `targetPort` may be a name that each pod explains for itself.
    private static Json.Arr ports(Json service, Json pod) {
        var ports = new ArrayList<Json>();
        for (var port : service.at("spec", "ports").items()) {
            var protocol = port.at("protocol").string("TCP");
            var target = port.at("targetPort");
            Optional<Integer> number = target.asString().isPresent()
                    ? named(pod, target.string(""), protocol)
                    : target.asInt().filter(n -> n > 0).or(() -> port.at("port").asInt());
            if (number.isEmpty()) continue;
            var resolved = Json.obj(
                    "name", port.at("name").string(""),
                    "port", number.get(),
                    "protocol", protocol);
            var application = port.at("appProtocol");
            ports.add(application.isNull() ? resolved : resolved.with("appProtocol", application));
        }
        return new Json.Arr(ports);
    }

    private static Optional<Integer> named(Json pod, String name, String protocol) {
        for (var container : pod.at("spec", "containers").items()) {
            for (var port : container.at("ports").items()) {
                if (port.at("name").string("").equals(name)
                        && port.at("protocol").string("TCP").equals(protocol))
                    return port.at("containerPort").asInt();
            }
        }
        return Optional.empty();
    }

    /// Makes the slices there are those that are wanted; one with the same ports is kept and changed.
    private Outcome write(Json.Obj service, List<Json.Obj> wanted, List<Json.Obj> mine) {
        var left = new ArrayList<>(mine);
        Outcome outcome = Outcome.settled();
        for (var content : wanted) {
            var kept = left.stream()
                    .filter(slice ->
                            slice.at("ports").items().equals(content.at("ports").items()))
                    .findFirst()
                    .or(() -> left.stream().findFirst());
            if (kept.isPresent()) {
                left.remove(kept.get());
                outcome = outcome.and(change(service, kept.get(), content));
            } else {
                outcome = outcome.and(create(service, content));
            }
        }
        for (var surplus : left) {
            outcome = outcome.and(Outcome.of(world.delete(ResourceType.ENDPOINT_SLICES, surplus, "Background")));
        }
        return outcome;
    }

    private Outcome change(Json.Obj service, Json.Obj slice, Json.Obj content) {
        var changed = slice;
        for (var field : List.of("endpoints", "ports")) {
            if (!items(slice, field).equals(items(content, field))) {
                changed = changed.with(field, content.at(field));
            }
        }
        var labels = labels(service);
        if (!Meta.labels(slice).equals(labels)) {
            changed = changed.withAt(List.of("metadata", "labels"), labels);
        }
        return Outcome.of(world.update(ResourceType.ENDPOINT_SLICES, slice, changed));
    }

    private static List<Json> items(Json slice, String field) {
        return slice.at(field).items();
    }

    private Outcome create(Json.Obj service, Json.Obj content) {
        int existing = slicesByService
                .get(Meta.namespace(service) + "/" + Meta.name(service))
                .size();
        var name = world.seed()
                .name(Meta.name(service) + "-", "slice", Meta.uid(service), existing + Meta.stamp(world.now()));
        var slice = Json.obj(
                "apiVersion", "discovery.k8s.io/v1",
                "kind", "EndpointSlice",
                "metadata",
                        Json.obj(
                                "name", name,
                                "generateName", Meta.name(service) + "-",
                                "namespace", Meta.namespace(service),
                                "labels", labels(service),
                                "ownerReferences", Json.arr(Meta.ownerReference(ResourceType.SERVICES, service))));
        for (var field : content.fields().entrySet()) slice = slice.with(field.getKey(), field.getValue());
        return Outcome.of(world.create(ResourceType.ENDPOINT_SLICES, slice));
    }

    /// A slice carries the labels of its Service, and who it belongs to.
    private static Map<String, String> labels(Json service) {
        var labels = new LinkedHashMap<String, String>(Meta.labels(service));
        if (service.at("spec", "clusterIP").string("").equals("None")) labels.put(HEADLESS, "");
        labels.put(SERVICE, Meta.name(service));
        labels.put(MANAGED_BY, US);
        return labels;
    }
}
