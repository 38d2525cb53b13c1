package dev.sluice.local.traffic;

import dev.sluice.json.Json;
import dev.sluice.local.traffic.http.HttpListener;
import dev.sluice.local.traffic.http.Limits;
import dev.sluice.local.traffic.http.Watchdog;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A listener for every TCP port of every Service: on its `clusterIP` where that is a loopback address, as the
/// embedded API server gives them, else (the plane may follow any API server) on an address of 127.160.0.0/16. Headless
/// and ExternalName Services have none.
///
/// An address that cannot be had is a [#problems] of that one Service and is tried again on every round of the
/// watchdog.
final class ServiceListeners implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ServiceListeners.class);
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Services services;
    private final Forwarder forwarder;
    private final PodDirectory directory;
    private final Watchdog watchdog;
    private final Map<Door, HttpListener> open = new TreeMap<>();
    private final Map<Door, String> problems = new TreeMap<>();
    private final Map<String, String> addresses = new TreeMap<>();
    private boolean closed;

    private record Door(String service, String address, int port) implements Comparable<Door> {
        @Override
        public int compareTo(Door other) {
            return toString().compareTo(other.toString());
        }

        @Override
        public String toString() {
            return service + " on " + address + ":" + port;
        }
    }

    ServiceListeners(Services services, Forwarder forwarder, PodDirectory directory, Watchdog watchdog) {
        this.services = services;
        this.forwarder = forwarder;
        this.directory = directory;
        this.watchdog = watchdog;
        services.onChange(this::changed);
        watchdog.onRound(this::again);
    }

    private void changed(String key) {
        var old = new ArrayList<HttpListener>();
        synchronized (this) {
            if (closed) return;
            var wanted = new TreeSet<Door>();
            services.find(key)
                    .flatMap(service -> address(key, service))
                    .ifPresent(address ->
                            services.backends(key).keySet().forEach(port -> wanted.add(new Door(key, address, port))));
            problems.keySet().removeIf(door -> door.service.equals(key) && !wanted.contains(door));
            for (var door : List.copyOf(open.keySet())) {
                if (!door.service.equals(key) || wanted.contains(door)) continue;
                var listener = open.remove(door);
                if (listener != null) old.add(listener);
            }
            for (var door : wanted) {
                if (!open.containsKey(door)) tryOpen(door);
            }
            if (wanted.isEmpty()) addresses.remove(key);
        }
        for (var listener : old) Thread.ofVirtual().name("close-service").start(() -> finish(listener));
    }

    private static void finish(HttpListener listener) {
        try {
            listener.finish(GRACE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void again() {
        if (!closed) List.copyOf(problems.keySet()).forEach(this::tryOpen);
    }

    private void tryOpen(Door door) {
        try {
            int slash = door.service.indexOf('/');
            var namespace = door.service.substring(0, slash);
            var name = door.service.substring(slash + 1);
            var entry = new Entry(Entry.Kind.SERVICE, namespace, name, "");
            var listener = directory.listen(
                    door.address,
                    door.port,
                    Limits.SHARED,
                    watchdog,
                    request -> services.backend(namespace, name, door.port)
                            .map(backend -> forwarder.forward(entry, backend, request, Forwarder.RESPONSE))
                            .orElseGet(() -> forwarder.answer(entry, 503, "service " + door.service + " has gone")));
            open.put(door, listener);
            if (problems.remove(door) != null) log.info("service {}: listening at last", door);
        } catch (IOException | IllegalArgumentException cannot) {
            var why = String.valueOf(cannot.getMessage());
            if (!why.equals(problems.put(door, why))) log.warn("service {}: {}", door, why);
        }
    }

    private Optional<String> address(String key, Json service) {
        var spec = service.at("spec");
        var given = spec.at("clusterIP").string("");
        if (given.equals("None") || spec.at("type").string("").equals("ExternalName")) return Optional.empty();
        if (given.startsWith("127.")) {
            addresses.put(key, given);
            return Optional.of(given);
        }
        var own = addresses.get(key);
        if (own == null || !own.startsWith("127.160.")) {
            own = free(key);
            addresses.put(key, own);
        }
        return Optional.of(own);
    }

    /// The same address for the same name, unless two names collide.
    private String free(String key) {
        int hash = key.hashCode();
        for (int i = 0; i < 65_000; i++) {
            int at = Math.floorMod(hash + i, 65_000) + 1;
            var address = "127.160." + (at >> 8) + "." + (at & 255);
            if (!addresses.containsValue(address)) return address;
        }
        throw new IllegalStateException("no address is left in 127.160.0.0/16");
    }

    /// Where to connect to for a Service's port; empty while nothing listens.
    synchronized Optional<InetSocketAddress> at(String key, int port) {
        for (var door : open.entrySet()) {
            if (door.getKey().service.equals(key) && door.getKey().port == port) {
                return Optional.of(door.getValue().address());
            }
        }
        return Optional.empty();
    }

    synchronized List<String> problems() {
        var list = new ArrayList<String>();
        problems.forEach((door, why) -> list.add("service " + door + ": " + why));
        return list;
    }

    @Override
    public void close() {
        List<HttpListener> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(open.values());
            open.clear();
        }
        all.forEach(HttpListener::close);
    }
}
