package dev.sluice.local.traffic;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The Services of the cluster and the endpoints behind each of their ports, as the EndpointSlices have them.
///
/// A slice counts for the Service that its label names, not for its owner; what endpoints there are is not
/// computed here. Ready endpoints take traffic; where none is ready, those that end but still serve (as
/// kube-proxy does it).
///
/// @see "Kubernetes API: discovery.k8s.io/v1 EndpointSlice; KEP-1669 proxy terminating endpoints"
final class Services implements AutoCloseable {
    private static final String SERVICE_OF = "kubernetes.io/service-name";

    private final Mirror services;
    private final Mirror slices;
    private final Map<String, Json.Obj> known = new ConcurrentHashMap<>();
    private final Map<String, Map<String, Json.Obj>> slicesOf = new TreeMap<>();
    private final Map<String, String> serviceOf = new TreeMap<>();
    private final Map<String, Map<Integer, Backend>> backends = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new ArrayList<>();
    private final Consumer<Endpoint> gone;

    /// @param gone told of each endpoint that a Service no longer has
    Services(Gateway cluster, Consumer<Endpoint> gone) {
        this.gone = gone;
        services = new Mirror(cluster, ResourceType.SERVICES, new Mirror.Listener() {
            @Override
            public void put(String key, Json.Obj object) {
                known.put(key, object);
                refresh(key);
            }

            @Override
            public void removed(String key) {
                known.remove(key);
                refresh(key);
            }
        });
        slices = new Mirror(cluster, ResourceType.ENDPOINT_SLICES, new Mirror.Listener() {
            @Override
            public void put(String key, Json.Obj object) {
                slice(key, Optional.of(object));
            }

            @Override
            public void removed(String key) {
                slice(key, Optional.empty());
            }
        });
    }

    /// Adds a listener of changes to a Service itself, by `namespace/name`; before [#start] only.
    void onChange(Consumer<String> listener) {
        listeners.add(listener);
    }

    void start(Duration atMost) throws InterruptedException {
        services.start();
        slices.start();
        services.awaitListed(atMost);
        slices.awaitListed(atMost);
    }

    /// The Service, where there is one of that name.
    Optional<Json.Obj> find(String key) {
        return Optional.ofNullable(known.get(key));
    }

    /// The backend of a Service's port; empty where Service or port do not exist.
    Optional<Backend> backend(String namespace, String name, int port) {
        var ports = backends.get(namespace + "/" + name);
        return ports == null ? Optional.empty() : Optional.ofNullable(ports.get(port));
    }

    /// The backends of a Service, by port.
    Map<Integer, Backend> backends(String key) {
        return backends.getOrDefault(key, Map.of());
    }

    private void slice(String key, Optional<Json.Obj> slice) {
        Optional<String> before;
        Optional<String> after = slice.map(
                        object -> object.at("metadata", "labels", SERVICE_OF).string(""))
                .filter(name -> !name.isEmpty())
                .map(name -> key.substring(0, key.indexOf('/') + 1) + name);
        synchronized (this) {
            before = Optional.ofNullable(serviceOf.remove(key));
            before.ifPresent(service -> {
                var those = slicesOf.get(service);
                if (those == null) return;
                those.remove(key);
                if (those.isEmpty()) slicesOf.remove(service);
            });
            if (after.isPresent() && slice.isPresent()) {
                serviceOf.put(key, after.get());
                slicesOf.computeIfAbsent(after.get(), _ -> new TreeMap<>()).put(key, slice.get());
            }
        }
        before.filter(service -> !Optional.of(service).equals(after)).ifPresent(this::endpoints);
        after.ifPresent(this::endpoints);
    }

    private void refresh(String key) {
        endpoints(key);
        listeners.forEach(listener -> listener.accept(key));
    }

    /// Gives the backends of a Service the endpoints they have now.
    private synchronized void endpoints(String key) {
        var service = known.get(key);
        var old = backends.getOrDefault(key, Map.of());
        if (service == null) {
            backends.remove(key);
            for (var backend : old.values()) become(backend, List.of(), false);
            return;
        }
        int slash = key.indexOf('/');
        boolean sticky = service.at("spec", "sessionAffinity").string("").equals("ClientIP");
        var now = new TreeMap<Integer, Backend>();
        for (var port : service.at("spec", "ports").items()) {
            if (!port.at("protocol").string("TCP").equals("TCP")) continue;
            int number = port.at("port").integer(0);
            var backend = old.get(number);
            if (backend == null) backend = new Backend(key.substring(0, slash), key.substring(slash + 1), number);
            now.put(number, backend);
            become(backend, endpoints(key, port.at("name").string("")), sticky);
        }
        backends.put(key, Map.copyOf(now));
        old.forEach((number, backend) -> {
            if (!now.containsKey(number)) become(backend, List.of(), false);
        });
    }

    private void become(Backend backend, List<Endpoint> now, boolean sticky) {
        var before = backend.endpoints();
        backend.become(now, sticky);
        for (var endpoint : before) {
            if (!now.contains(endpoint)) gone.accept(endpoint);
        }
    }

    private List<Endpoint> endpoints(String key, String portName) {
        var ready = new TreeSet<Endpoint>();
        var ending = new TreeSet<Endpoint>();
        for (var slice : slicesOf.getOrDefault(key, Map.of()).values()) {
            for (var port : slice.at("ports").items()) {
                if (!port.at("name").string("").equals(portName)) continue;
                int number = port.at("port").integer(0);
                if (number > 0) collect(slice, number, ready, ending);
            }
        }
        return List.copyOf(ready.isEmpty() ? ending : ready);
    }

    private static void collect(Json slice, int port, Set<Endpoint> ready, Set<Endpoint> ending) {
        for (var item : slice.at("endpoints").items()) {
            var conditions = item.at("conditions");
            var address = item.at("addresses").at(0).string("");
            // Nothing outside this machine is ever connected to.
            if (!address.startsWith("127.")) continue;
            var endpoint =
                    new Endpoint(address, port, item.at("targetRef", "name").string(""));
            boolean isReady = conditions.at("ready").bool(true);
            if (isReady) {
                ready.add(endpoint);
            } else if (conditions.at("serving").bool(false)
                    && conditions.at("terminating").bool(false)) {
                ending.add(endpoint);
            }
        }
    }

    @Override
    public void close() {
        services.close();
        slices.close();
    }
}
