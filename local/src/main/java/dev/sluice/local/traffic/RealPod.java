package dev.sluice.local.traffic;

import dev.sluice.format.GoDuration;
import dev.sluice.json.Json;
import dev.sluice.local.pod.PodBehaviour;
import dev.sluice.local.pod.PodRuntime;
import dev.sluice.local.traffic.http.ConnectionPool;
import dev.sluice.local.traffic.http.HttpListener;
import dev.sluice.local.traffic.http.HttpRequest;
import dev.sluice.local.traffic.http.HttpResponse;
import dev.sluice.local.traffic.http.Limits;
import dev.sluice.local.traffic.http.Outcome;
import dev.sluice.local.traffic.http.Watchdog;
import dev.sluice.local.traffic.promql.Labels;
import dev.sluice.local.traffic.promql.Registry;
import dev.sluice.spi.Time;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/// One container process: its listeners, its behaviour, its numbers.
final class RealPod implements PodRuntime.Running {
    private static final int DEFAULT_PORT = 8080;
    private static final Duration ASK_TIME = Duration.ofSeconds(5);
    private static final Duration ASK_PAUSE = Duration.ofMillis(100);
    private static final String GOOD = "answered as expected";
    private static final double[] BOUNDS = {0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5};

    private final PodRuntime.Launch launch;
    private final PodBehaviour behaviour;
    private final Watchdog watchdog;
    private final PodDirectory directory;
    private final PodDirectory.Resident resident;
    private final Consumer<RealPod> ended;
    private final ToDoubleFunction<String> fault;
    private final List<HttpListener> listeners = new ArrayList<>();
    private final List<Time.Timer> timers = new ArrayList<>();
    private final SplittableRandom random;
    private final Registry registry = new Registry(50);
    private final Labels labels;
    private final Registry.Histogram durations;
    private final Map<Integer, Registry.Counter> answers = new ConcurrentHashMap<>();
    private final RealPods.Names names;
    private final ConnectionPool client;
    private volatile PodRuntime.State state = new PodRuntime.State.Starting();
    private boolean draining;
    private long leaked;

    /// @param fault the error rate that a version suffers at this moment, beside its own
    /// @param names where Services are
    /// @param client for what it asks
    RealPod(
            PodRuntime.Launch launch,
            Watchdog watchdog,
            PodDirectory directory,
            Consumer<RealPod> ended,
            ToDoubleFunction<String> fault,
            RealPods.Names names,
            ConnectionPool client) {
        this.fault = fault;
        this.names = names;
        this.client = client;
        this.launch = launch;
        this.behaviour = launch.behaviour();
        this.watchdog = watchdog;
        this.directory = directory;
        this.ended = ended;
        this.random = new SplittableRandom(launch.seed());
        var own = launch.pod().at("metadata", "labels").strings();
        var revision = own.getOrDefault("rollouts-pod-template-hash", own.getOrDefault("pod-template-hash", ""));
        var app = own.getOrDefault("app", own.getOrDefault("app.kubernetes.io/name", ""));
        resident = new PodDirectory.Resident(launch.namespace(), launch.name(), behaviour.version(), revision);
        labels = Labels.of(
                "namespace", launch.namespace(),
                "pod", launch.name(),
                "app", app,
                "version", behaviour.version(),
                "revision", revision);
        durations = registry.histogram("http_request_duration_seconds", labels, BOUNDS);
        // There from the start, so that a rate over errors is 0 and not absent before the first one.
        answered(200);
        answered(500);
    }

    void start() {
        say("starting version " + behaviour.version() + (behaviour.differences().isEmpty() ? "" : " with ")
                + behaviour.differences());
        directory.enter(launch.address(), resident);
        try {
            for (int port : ports()) listen(port);
        } catch (IOException cannot) {
            say(String.valueOf(cannot.getMessage()));
            end(new PodRuntime.State.Exited(
                    1,
                    "Error",
                    String.valueOf(cannot.getMessage()),
                    launch.time().now()));
            return;
        }
        // Reported off this stack: the kubelet has not got hold of us yet.
        if (!behaviour.neverReady()) after(behaviour.startUp(), this::ready);
        if (behaviour.ask().isPresent()) {
            var ask = behaviour.ask().get();
            Thread.ofVirtual().name("ask-" + launch.name()).start(() -> exit(satisfied(ask) ? 0 : 1));
        } else {
            behaviour.run().ifPresent(run -> after(run.time(), () -> exit(run.exitCode())));
        }
        behaviour.crashAfter().ifPresent(time -> after(time, () -> exit(1)));
    }

    private synchronized void listen(int port) throws IOException {
        listeners.add(directory.listen(launch.address(), port, Limits.SERVER, watchdog, this::handle));
    }

    private SortedSet<Integer> ports() {
        var ports = new TreeSet<Integer>();
        for (var container : launch.pod().at("spec", "containers").items()) {
            for (var port : container.at("ports").items()) {
                if (port.at("protocol").string("TCP").equals("TCP")) {
                    port.at("containerPort").asInt().ifPresent(ports::add);
                }
            }
        }
        if (ports.isEmpty() && behaviour.run().isEmpty()) ports.add(DEFAULT_PORT);
        return ports;
    }

    Registry registry() {
        return registry;
    }

    /// Connections now open to it.
    synchronized int connections() {
        return listeners.stream().mapToInt(HttpListener::connections).sum();
    }

    @Override
    public PodRuntime.State state() {
        return state;
    }

    private void ready() {
        synchronized (this) {
            if (!(state instanceof PodRuntime.State.Starting)) return;
            state = new PodRuntime.State.Serving();
        }
        say("ready");
        launch.changed().run();
    }

    @Override
    public void drain(Duration grace) {
        List<HttpListener> open;
        synchronized (this) {
            if (draining || state instanceof PodRuntime.State.Exited) return;
            draining = true;
            open = List.copyOf(listeners);
        }
        say("asked to end");
        open.forEach(HttpListener::drain);
        var serve = behaviour.drain().compareTo(grace) < 0 ? behaviour.drain() : grace;
        // What was to run to an end of its own has been cut off: 128 + 15, as a shell says of SIGTERM.
        int code = behaviour.run().isPresent() ? 143 : 0;
        after(serve, () -> finish(open, grace.minus(serve), code));
    }

    /// Answers what is under way, then ends.
    private void finish(List<HttpListener> open, Duration left, int code) {
        try {
            for (var listener : open) listener.finish(left);
            exit(code);
        } catch (InterruptedException killed) {
            Thread.currentThread().interrupt();
        }
    }

    private void exit(int code) {
        say("ended with code " + code);
        end(PodRuntime.State.Exited.of(code, launch.time().now()));
    }

    @Override
    public void kill() {
        end(PodRuntime.State.Exited.of(137, launch.time().now()));
        directory.leave(launch.address(), resident);
    }

    private void end(PodRuntime.State.Exited how) {
        List<HttpListener> open;
        synchronized (this) {
            if (state instanceof PodRuntime.State.Exited) return;
            state = how;
            open = List.copyOf(listeners);
            listeners.clear();
            timers.forEach(Time.Timer::cancel);
            timers.clear();
        }
        open.forEach(HttpListener::close);
        ended.accept(this);
        launch.changed().run();
    }

    private synchronized void after(Duration delay, Runnable task) {
        if (state instanceof PodRuntime.State.Exited) return;
        timers.add(launch.time().at(launch.time().now().plus(delay), task));
    }

    // Asking

    /// Asks until it has had its good answers in a row, its time is over or the process has ended.
    private boolean satisfied(PodBehaviour.Ask ask) {
        long end = System.nanoTime() + ask.within().toNanos();
        int good = 0;
        try {
            while (!(state instanceof PodRuntime.State.Exited) && System.nanoTime() < end) {
                var answer = answer(ask);
                say(answer);
                good = answer.equals(GOOD) ? good + 1 : 0;
                if (good == ask.times()) return true;
                Thread.sleep(ASK_PAUSE);
            }
            say("gave up after " + GoDuration.text(ask.within()));
            return false;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// [#GOOD], or what is wrong.
    private String answer(PodBehaviour.Ask ask) {
        var url = ask.url();
        var address = resolved(url);
        if (address.isEmpty()) return "no Service listens at " + url;
        var path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        var target = url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
        return switch (client.send(address.get(), HttpRequest.get(target, url.getHost()), ASK_TIME)) {
            case Outcome.Answered(var response) -> {
                var version = response.headers().first("X-Version", "");
                boolean good = response.status() == 200
                        && ask.version().map(version::equals).orElse(true);
                yield good ? GOOD : "answered " + response.status() + " as version " + version;
            }
            case Outcome.Failed failed -> failed.why();
        };
    }

    /// `b`, `b.shop`, `b.shop.svc` and `b.shop.svc.cluster.local` are Services; addresses are loopback only.
    private Optional<InetSocketAddress> resolved(URI url) {
        int port = url.getPort() < 0 ? 80 : url.getPort();
        var host = url.getHost();
        if (host.matches("127(\\.[0-9]{1,3}){3}")) return Optional.of(directory.actual(host, port));
        var parts = host.split("\\.", -1);
        return names.service(parts.length > 1 ? parts[1] : launch.namespace(), parts[0], port);
    }

    // Answers

    private HttpResponse handle(HttpRequest request) throws InterruptedException {
        return switch (request.path()) {
            case "/healthz" -> health();
            case "/metrics" -> HttpResponse.of(200, "text/plain; version=0.0.4; charset=utf-8", registry.text());
            default -> application(request);
        };
    }

    private HttpResponse health() {
        return switch (state) {
            case PodRuntime.State.Serving _ -> HttpResponse.text(200, "ok\n");
            case PodRuntime.State.Starting _ -> HttpResponse.text(503, "not ready yet\n");
            case PodRuntime.State.NotServing(var why) -> HttpResponse.text(503, why + "\n");
            case PodRuntime.State.Exited _ -> HttpResponse.text(503, "ended\n");
        };
    }

    private HttpResponse application(HttpRequest request) throws InterruptedException {
        long begin = System.nanoTime();
        var response = state instanceof PodRuntime.State.Serving ? work(request) : signed(503, request);
        double seconds = (System.nanoTime() - begin) / 1e9;
        answered(response.status()).increment();
        durations.observe(seconds);
        say(request.method() + " " + request.target() + " " + response.status() + " "
                + String.format(Locale.ROOT, "%.1fms", seconds * 1000));
        return response;
    }

    private HttpResponse work(HttpRequest request) throws InterruptedException {
        boolean fails;
        long jitter;
        boolean full;
        synchronized (random) {
            double rate = Math.max(behaviour.errorRate(), fault.applyAsDouble(behaviour.version()));
            fails = rate > 0 && random.nextDouble() < rate;
            long most = behaviour.latency().jitter().toNanos();
            jitter = most > 0 ? random.nextLong(most) : 0;
            leaked += behaviour.leakPerRequest();
            full = behaviour.leakPerRequest() > 0 && leaked > behaviour.memoryLimit();
        }
        if (full) {
            say("out of memory");
            end(new PodRuntime.State.Exited(137, "OOMKilled", "", launch.time().now()));
            throw new InterruptedException("killed");
        }
        var pause = behaviour.latency().fixed().plusNanos(jitter);
        if (!pause.isZero()) Thread.sleep(pause);
        return signed(fails ? 500 : 200, request);
    }

    private HttpResponse signed(int status, HttpRequest request) {
        var accept = request.headers().first("Accept", "");
        var word = switch (status) {
            case 200 -> "ok";
            case 503 -> "not ready";
            default -> "error";
        };
        HttpResponse response;
        if (accept.contains("text/html")) {
            response = HttpResponse.of(status, "text/html; charset=utf-8", page(word));
        } else if (accept.contains("application/json")) {
            response = HttpResponse.json(
                    status,
                    Json.obj(
                            "version", behaviour.version(),
                            "colour", behaviour.colour(),
                            "pod", launch.name(),
                            "namespace", launch.namespace(),
                            "status", word));
        } else {
            response = HttpResponse.text(
                    status, behaviour.version() + " " + behaviour.colour() + " " + launch.name() + " " + word + "\n");
        }
        return response.with(response.headers()
                .plus("X-Version", behaviour.version())
                .plus("X-Colour", behaviour.colour())
                .plus("X-Pod", launch.name()));
    }

    private String page(String word) {
        return """
               <!doctype html>
               <html lang="en"><head><meta charset="utf-8"><title>%1$s</title></head>
               <body style="font-family: sans-serif; border-top: 1em solid %2$s">
               <h1>version %1$s</h1><p>%3$s: %4$s</p>
               </body></html>
               """.formatted(
                        escaped(behaviour.version()),
                        behaviour.colour().matches("[a-z]+") ? behaviour.colour() : "grey",
                        escaped(launch.name()),
                        word);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private Registry.Counter answered(int status) {
        return answers.computeIfAbsent(
                status, code -> registry.counter("http_requests_total", labels.with("code", String.valueOf(code))));
    }

    private void say(String text) {
        launch.log().add(launch.time().now(), text);
    }
}
