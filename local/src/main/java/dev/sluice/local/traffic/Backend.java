package dev.sluice.local.traffic;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// One port of one Service and the endpoints behind it, each of the same weight: they take turns.
///
/// Turns instead of chance, so that of any n requests in a row each of n endpoints gets exactly one. kube-proxy
/// spreads *connections* by chance; here every *request* is spread, so that a client that keeps its connection
/// sees the same shares as one that does not. Lives as long as the Service, so that a change of endpoints takes
/// effect with the next request and harms none under way.
final class Backend {
    private final String namespace;
    private final String service;
    private final int port;
    private final AtomicLong turn = new AtomicLong();
    private volatile List<Endpoint> endpoints = List.of();
    private volatile boolean sticky;

    Backend(String namespace, String service, int port) {
        this.namespace = namespace;
        this.service = service;
        this.port = port;
    }

    String namespace() {
        return namespace;
    }

    String service() {
        return service;
    }

    /// The port of the Service.
    int port() {
        return port;
    }

    /// @param sticky `sessionAffinity: ClientIP`
    void become(List<Endpoint> now, boolean sticky) {
        this.endpoints = List.copyOf(now);
        this.sticky = sticky;
    }

    List<Endpoint> endpoints() {
        return endpoints;
    }

    /// The endpoints for one request: the one whose turn it is, then those to try if that cannot be reached.
    List<Endpoint> candidates(String client, int most) {
        var now = endpoints;
        int size = now.size();
        if (size == 0) return now;
        int start = sticky ? home(client, now) : (int) (turn.getAndIncrement() % size);
        var candidates = new Endpoint[Math.min(size, most)];
        for (int i = 0; i < candidates.length; i++) candidates[i] = now.get((start + i) % size);
        return List.of(candidates);
    }

    /// The endpoint with the highest hash for this client: stays the same while that endpoint lives.
    private static int home(String client, List<Endpoint> endpoints) {
        int best = 0;
        long highest = Long.MIN_VALUE;
        for (int i = 0; i < endpoints.size(); i++) {
            long hash = mixed((client + "|" + endpoints.get(i).address()).hashCode());
            if (hash > highest) {
                highest = hash;
                best = i;
            }
        }
        return best;
    }

    private static long mixed(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        return (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    }

    @Override
    public String toString() {
        return namespace + "/" + service + ":" + port;
    }
}
