package dev.sluice.e2e.rollout;

import dev.sluice.app.Main;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// `sluice controller` as a process of its own that is killed as soon as it has changed anything, and started again,
/// for
/// as long as this is open.
///
/// It dies with the change made and the answer unheard, which is the worst moment.
final class MortalController implements AutoCloseable, FaultProxy.Rule {
    /// More than any scene has writes: a controller that makes the same one for ever must not kill for ever.
    private static final int MOST_LIVES = 200;

    private final FaultProxy proxy;
    private final List<String> command;
    private final Thread keeper;
    private final AtomicInteger deaths = new AtomicInteger();
    private volatile Optional<Process> alive = Optional.empty();
    private volatile boolean closed;

    MortalController(Cluster cluster, String namespace) throws IOException {
        var way = cluster.way();
        proxy = new FaultProxy(way.target(), way.client(), this);
        command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "controller",
                "--kubeconfig=" + proxy.kubeconfig(),
                "--namespaced",
                "--namespace=" + namespace,
                "--leader-elect=false",
                "--healthzPort=0",
                "--metricsPort=0");
        keeper = Thread.ofVirtual().start(this::keep);
    }

    private void keep() {
        try {
            while (!closed && deaths.get() < MOST_LIVES) {
                var process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                alive = Optional.of(process);
                if (closed) process.destroyForcibly();
                process.waitFor();
            }
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void changed(FaultProxy.Call call) {
        deaths.incrementAndGet();
        alive.ifPresent(Process::destroyForcibly);
    }

    /// How often it has died.
    int deaths() {
        return deaths.get();
    }

    @Override
    public void close() {
        closed = true;
        alive.ifPresent(Process::destroyForcibly);
        proxy.close();
        try {
            keeper.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
