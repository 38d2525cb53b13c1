package dev.sluice.local.traffic;

import dev.sluice.local.traffic.http.HttpListener;
import dev.sluice.local.traffic.http.Limits;
import dev.sluice.local.traffic.http.Watchdog;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who lives at which address, and behind which real port.
///
/// A port below 1024 needs privileges on many systems, and manifests like port 80. Where the system says no,
/// the listener opens `port + 20000` instead and this directory remembers it; everybody who connects asks here
/// first.
final class PodDirectory {
    private static final Logger log = LoggerFactory.getLogger(PodDirectory.class);
    private static final int PRIVILEGED = 1024;
    private static final int DETOUR = 20_000;

    private final Map<String, Resident> residents = new ConcurrentHashMap<>();
    private final Map<InetSocketAddress, Integer> detours = new ConcurrentHashMap<>();

    /// A pod as traffic sees it.
    ///
    /// @param revision the pod-template hash, empty where the pod has none
    record Resident(String namespace, String pod, String version, String revision) {}

    void enter(String address, Resident resident) {
        residents.put(address, resident);
    }

    void leave(String address, Resident resident) {
        residents.remove(address, resident);
    }

    Optional<Resident> at(String address) {
        return Optional.ofNullable(residents.get(address));
    }

    /// Where to connect for an address and port of the cluster.
    InetSocketAddress actual(String address, int port) {
        var wanted = new InetSocketAddress(address, port);
        var detour = port < PRIVILEGED ? detours.get(wanted) : null;
        return detour == null ? wanted : new InetSocketAddress(address, detour);
    }

    /// Listens on an address and port of the cluster.
    HttpListener listen(String address, int port, Limits limits, Watchdog watchdog, HttpListener.Handler handler)
            throws IOException {
        var wanted = new InetSocketAddress(address, port);
        try {
            var listener = HttpListener.open(wanted, limits, watchdog, handler);
            detours.remove(wanted);
            return listener;
        } catch (IOException denied) {
            if (port >= PRIVILEGED
                    || port == 0
                    || !String.valueOf(denied.getMessage()).contains("ermission")) {
                throw denied;
            }
            var detour = new InetSocketAddress(address, port + DETOUR);
            var listener = HttpListener.open(detour, limits, watchdog, handler);
            detours.put(wanted, detour.getPort());
            log.info("{}:{} needs privileges; listening on port {} instead", address, port, detour.getPort());
            return listener;
        }
    }
}
