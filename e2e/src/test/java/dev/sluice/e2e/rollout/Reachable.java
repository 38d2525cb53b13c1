package dev.sluice.e2e.rollout;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/// Looks all the time whether whoever is sent somewhere finds a pod that is ready there: a Service that had one keeps
/// one, as long as anything leads to it.
final class Reachable implements AutoCloseable {
    private static final Duration EVERY = Duration.ofMillis(50);

    private final Gateway gateway;
    private final String namespace;
    private final Thread watcher;
    private final Set<String> entries;
    private final List<String> lost = new ArrayList<>();
    private int looks;
    private volatile boolean closed;

    /// @param entries the Services that users reach directly; what a route weighs is looked at besides
    Reachable(Gateway gateway, String namespace, String... entries) {
        this.gateway = gateway;
        this.namespace = namespace;
        this.entries = Set.of(entries);
        watcher = Thread.ofVirtual().start(this::look);
    }

    private void look() {
        var served = new TreeSet<String>();
        while (!closed) {
            var before = route();
            var slices = answer(new Request.List(Selection.in(ResourceType.ENDPOINT_SLICES, namespace)));
            // Only what held from the first look to the last: else the pods may have gone after the weight. While the
            // API server is away nothing is known.
            if (before.isPresent() && slices.isPresent() && route().equals(before)) {
                note(before.get(), ready(slices.get()), served);
            }
            LockSupport.parkNanos(EVERY.toNanos());
        }
    }

    private synchronized void note(Json route, Map<String, Integer> ready, Set<String> served) {
        looks++;
        ready.forEach((service, pods) -> {
            if (pods > 0) served.add(service);
        });
        var reached = new TreeSet<>(entries);
        var backends = route.at("spec", "rules").at(0).at("backendRefs").items();
        for (var backend : backends) {
            if (backend.at("weight").integer(1) > 0)
                reached.add(backend.at("name").string(""));
        }
        int sum = backends.stream()
                .mapToInt(backend -> backend.at("weight").integer(1))
                .sum();
        if (!backends.isEmpty() && sum != 100) lost.add("the weights add up to " + sum);
        for (var service : reached) {
            if (served.contains(service) && ready.getOrDefault(service, 0) == 0)
                lost.add(service + " has no ready pod");
        }
    }

    private Optional<Json> route() {
        return answer(new Request.Get(ObjectRef.of(ResourceType.HTTP_ROUTES, namespace, "web")));
    }

    /// Empty for what is not there; absent where that cannot be told.
    private Optional<Json> answer(Request request) {
        return switch (gateway.send(request)) {
            case Reply.Done(var object) -> Optional.of(object);
            case Reply.Refused refused -> refused.notFound() ? Optional.of(Json.Obj.EMPTY) : Optional.empty();
            case Reply.Lost _ -> Optional.empty();
        };
    }

    private static Map<String, Integer> ready(Json slices) {
        var ready = new TreeMap<String, Integer>();
        for (var slice : slices.at("items").items()) {
            int pods = (int) slice.at("endpoints").items().stream()
                    .filter(endpoint -> endpoint.at("conditions", "ready").bool(false))
                    .count();
            ready.merge(
                    slice.at("metadata", "labels", "kubernetes.io/service-name").string(""), pods, Integer::sum);
        }
        return ready;
    }

    /// What was not so, in words; empty when all was well.
    synchronized List<String> lost() {
        return List.copyOf(lost);
    }

    synchronized int looks() {
        return looks;
    }

    @Override
    public void close() {
        closed = true;
        try {
            watcher.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
