package dev.sluice.local.traffic.load;

import dev.sluice.local.traffic.http.Body;
import dev.sluice.local.traffic.http.Headers;
import java.net.InetSocketAddress;
import java.time.Duration;

/// What is asked, of whom, how often.
///
/// @param host the `Host` header
/// @param method such as `GET` or `POST`
/// @param timeout until the whole response must have come
/// @param requests ends after so many; 0 for "until stopped"
public record LoadPlan(
        InetSocketAddress target,
        String host,
        String method,
        String path,
        Headers headers,
        Body body,
        Duration timeout,
        Pace pace,
        long requests) {

    public LoadPlan {
        if (!target.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException("load goes to loopback addresses only, not to " + target);
        }
        if (requests < 0) throw new IllegalArgumentException("requests: 0 for no end, or above, not " + requests);
    }

    /// When requests are made.
    public sealed interface Pace {
        /// Each of `workers` makes its next request when it has the answer to the last: load follows the
        /// server.
        record ClosedLoop(int workers) implements Pace {
            public ClosedLoop {
                if (workers < 1) throw new IllegalArgumentException("workers: at least 1, not " + workers);
            }
        }

        /// The n-th request is due n / `perSecond` after the start, whatever became of those before, as users
        /// do it. Latency counts from when it was due, so a server that stalls is charged for those who waited
        /// (no coordinated omission).
        ///
        /// @param atOnce requests under way at most; beyond that they are late, and the lateness counts
        record OpenLoop(double perSecond, int atOnce) implements Pace {
            public OpenLoop {
                if (!(perSecond > 0 && perSecond <= 100_000)) {
                    throw new IllegalArgumentException("perSecond: above 0, at most 100000, not " + perSecond);
                }
                if (atOnce < 1) throw new IllegalArgumentException("atOnce: at least 1, not " + atOnce);
            }
        }
    }

    /// GET of a path by so many workers, until stopped.
    public static LoadPlan closed(InetSocketAddress target, String path, int workers) {
        return new LoadPlan(
                target,
                target.getAddress().getHostAddress(),
                "GET",
                path,
                Headers.NONE,
                Body.NONE,
                Duration.ofSeconds(10),
                new Pace.ClosedLoop(workers),
                0);
    }

    /// GET of a path at a rate, until stopped.
    public static LoadPlan open(InetSocketAddress target, String path, double perSecond) {
        return closed(target, path, 1).with(new Pace.OpenLoop(perSecond, 1024));
    }

    public LoadPlan with(Pace other) {
        return new LoadPlan(target, host, method, path, headers, body, timeout, other, requests);
    }

    public LoadPlan withHost(String other) {
        return new LoadPlan(target, other, method, path, headers, body, timeout, pace, requests);
    }

    public LoadPlan withHeader(String name, String value) {
        return new LoadPlan(target, host, method, path, headers.with(name, value), body, timeout, pace, requests);
    }

    public LoadPlan posting(Body other) {
        return new LoadPlan(target, host, "POST", path, headers, other, timeout, pace, requests);
    }

    public LoadPlan withTimeout(Duration other) {
        return new LoadPlan(target, host, method, path, headers, body, other, pace, requests);
    }

    /// Ends by itself after so many requests.
    public LoadPlan times(long other) {
        return new LoadPlan(target, host, method, path, headers, body, timeout, pace, other);
    }
}
