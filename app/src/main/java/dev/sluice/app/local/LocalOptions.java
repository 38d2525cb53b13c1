package dev.sluice.app.local;

import dev.sluice.app.Terminal;
import dev.sluice.app.Words;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What may be chosen about a local cluster that is begun.
final class LocalOptions extends StateOption {
    @Option(names = "--port", paramLabel = "PORT", description = "Of the API server (default: 6443, or a free one).")
    @Nullable
    Integer port;

    @Option(
            names = "--gateway-port",
            paramLabel = "PORT",
            description = "Of the gateway that honours HTTPRoutes (default: 8000, or a free one).")
    @Nullable
    Integer gatewayPort;

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            description = "Of its Prometheus (default: 9090, or a free one).")
    @Nullable
    Integer metricsPort;

    @Option(names = "--seed", paramLabel = "N", description = "Of names and delays (default: 42).")
    long seed = 42;

    /// A port that was named is that port or an error; one that was not gives way.
    LocalNode.Ports ports() {
        var usual = LocalNode.Ports.USUAL;
        boolean named = port != null || gatewayPort != null || metricsPort != null;
        for (var value : new @Nullable Integer[] {port, gatewayPort, metricsPort}) {
            if (value != null && (value < 0 || value > 65535)) {
                throw Words.usage("port " + value + " is not in 0 … 65535").failure();
            }
        }
        return new LocalNode.Ports(
                port == null ? (named ? 0 : usual.api()) : port,
                gatewayPort == null ? (named ? 0 : usual.gateway()) : gatewayPort,
                metricsPort == null ? (named ? 0 : usual.metrics()) : metricsPort,
                named);
    }

    /// The ports that were named and are not those of the cluster that runs, each in words.
    List<String> otherwise(LocalState state) {
        var others = new ArrayList<String>();
        other(others, "--port", port, "API server", state.api());
        other(others, "--gateway-port", gatewayPort, "gateway", state.gateway());
        other(others, "--metrics-port", metricsPort, "Prometheus", state.metrics());
        return others;
    }

    private static void other(List<String> others, String option, @Nullable Integer wanted, String what, String url) {
        // 0 is any port, also the one that it has.
        if (wanted == null || wanted == 0 || url.endsWith(":" + wanted)) return;
        others.add("its %s is %s, and %s %d was asked for".formatted(what, url, option, wanted));
    }

    /// As words for the process that runs it.
    List<String> words(Terminal terminal) {
        var words = new ArrayList<>(
                List.of("--state-dir", folder(terminal).path().toString(), "--seed", Long.toString(seed)));
        add(words, "--port", port);
        add(words, "--gateway-port", gatewayPort);
        add(words, "--metrics-port", metricsPort);
        return words;
    }

    private static void add(List<String> words, String option, @Nullable Integer value) {
        if (value != null) words.addAll(List.of(option, value.toString()));
    }
}
