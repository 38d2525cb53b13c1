package dev.sluice.app.controller;

import dev.sluice.app.Complaint;
import dev.sluice.app.Exit;
import dev.sluice.app.SluiceCommand;
import dev.sluice.app.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sluice controller`: looks after the Rollouts of a cluster until it is told to end.
@Command(name = "controller", description = "Run the controller against a cluster.")
public final class ControllerCommand extends SluiceCommand {
    /// A pod has 30 s to end, by Kubernetes' default; most of it is left to the pod's other containers.
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");

    @Mixin
    LogOptions log = new LogOptions();

    @Mixin
    ForeignOptions foreign = new ForeignOptions();

    @Option(
            names = "--namespaced",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Look after one namespace only: -n, or the context's (default: false).")
    boolean namespaced;

    @Option(
            names = "--instance-id",
            paramLabel = "ID",
            description = "Look after what the label argo-rollouts.argoproj.io/controller-instance-id gives to ID;"
                    + " without it, after what has no such label.")
    String instance = "";

    @Option(
            names = "--controllers",
            paramLabel = "analysis",
            split = ",",
            description = "analysis: run AnalysisRuns and drive no Rollout.")
    List<String> controllers = new ArrayList<>();

    @Option(names = "--install-crds", description = "First install the definitions of our kinds.")
    boolean install;

    @Option(
            names = "--bind-address",
            paramLabel = "ADDRESS",
            description = "Of the two ports (default: 0.0.0.0 in a pod, for its probes; else 127.0.0.1).")
    @Nullable
    String address;

    @Option(
            names = {"--healthzPort", "--healthz-port"},
            paramLabel = "PORT",
            description = "For /healthz, /readyz and /journal (default: 8080; 0: any free one).")
    int healthPort = 8080;

    @Option(
            names = {"--metricsPort", "--metricsport", "--metrics-port"},
            paramLabel = "PORT",
            description = "For /metrics (default: 8090; 0: any free one).")
    int metricsPort = 8090;

    @Option(
            names = "--qps",
            paramLabel = "N",
            description = "Calls of the API server a second in the long run (default: 40).")
    double qps = 40;

    @Option(names = "--burst", paramLabel = "N", description = "Calls at once (default: 80).")
    int burst = 80;

    @Option(names = "--rollout-threads", paramLabel = "N", description = "Rollouts looked at at once (default: 10).")
    int workers = 10;

    @Option(
            names = "--analysis-threads",
            paramLabel = "N",
            description = "AnalysisRuns looked at at once (default: 30).")
    int analysisWorkers = 30;

    @Option(names = "--rollout-resync", paramLabel = "TIME", description = "Comparison of local copies (default: 15m).")
    @Nullable
    String resync;

    @Option(
            names = "--leader-elect",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Of several only one decides (default: true).")
    boolean elect = true;

    @Option(names = "--leader-election-lease-duration", paramLabel = "TIME", description = "(default: 15s)")
    @Nullable
    String lease;

    @Option(names = "--leader-election-renew-deadline", paramLabel = "TIME", description = "(default: 10s)")
    @Nullable
    String renew;

    @Option(names = "--leader-election-retry-period", paramLabel = "TIME", description = "(default: 2s)")
    @Nullable
    String retry;

    @Override
    protected Exit run() throws Exception {
        log.apply();
        if (workers < 1 || workers > 1000) {
            throw Words.usage("--rollout-threads: " + workers + " is not in 1 … 1000")
                    .failure();
        }
        if (analysisWorkers < 1 || analysisWorkers > 1000) {
            throw Words.usage("--analysis-threads: " + analysisWorkers + " is not in 1 … 1000")
                    .failure();
        }
        if (qps < 0 || burst < 1) {
            throw Words.usage("--qps: wants 0 (no limit) or more, --burst 1 or more, not " + qps + " and " + burst)
                    .failure();
        }
        if (!instance.isEmpty() && !LABEL.matcher(instance).matches()) {
            throw Words.usage(
                            "--instance-id: \"" + instance + "\" can be no value of a label",
                            "up to 63 of a-z, A-Z, 0-9, -, _ and ., the first and last a letter or digit")
                    .failure();
        }
        for (var controller : controllers) {
            if (controller.equals("analysis")) continue;
            throw Words.usage(
                            "--controllers: there is no \"" + controller + "\"",
                            "--controllers analysis     runs AnalysisRuns only",
                            "without it everything is run")
                    .failure();
        }
        foreign.warn(logger());
        var election = new ControllerProcess.Election(
                elect,
                Words.duration("--leader-election-lease-duration", lease, Duration.ofSeconds(15)),
                Words.duration("--leader-election-renew-deadline", renew, Duration.ofSeconds(10)),
                Words.duration("--leader-election-retry-period", retry, Duration.ofSeconds(2)));
        var settings = new ControllerProcess.Settings(
                namespaced,
                instance,
                !controllers.isEmpty(),
                install,
                address == null ? usualAddress(terminal().variable("KUBERNETES_SERVICE_HOST")) : address,
                port("--healthzPort", healthPort),
                port("--metricsPort", metricsPort),
                qps,
                burst,
                workers,
                analysisWorkers,
                Words.duration("--rollout-resync", resync, Duration.ofMinutes(15)),
                election);
        var process = ControllerProcess.start(root().connection(), settings);
        var ended = new CountDownLatch(1);
        var hook = new Thread(
                () -> {
                    process.close();
                    ended.countDown();
                },
                "sluice-end");
        Runtime.getRuntime().addShutdownHook(hook);
        var why = process.await();
        // Here only where it ended by itself; the signal's way is the hook's.
        process.close();
        if (why.isEmpty()) {
            ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return Exit.DONE;
        }
        throw Complaint.of(Exit.FAILED, "SLU-X006", "the controller ends: it leads no more")
                .because(why)
                .remedy("start it again; a Deployment does so by itself")
                .failure();
    }

    /// Made late: the form of the log must be known before the first logger is made.
    private static Logger logger() {
        return LoggerFactory.getLogger(ControllerCommand.class);
    }

    /// Where to listen: the probes of a pod come from its node, and elsewhere nobody needs to come from without.
    static String usualAddress(String inPod) {
        return inPod.isEmpty() ? "127.0.0.1" : "0.0.0.0";
    }

    private static int port(String option, int port) {
        if (port < 0 || port > 65535)
            throw Words.usage(option + ": " + port + " is not in 0 … 65535").failure();
        return port;
    }
}
