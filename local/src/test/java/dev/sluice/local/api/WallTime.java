package dev.sluice.local.api;

import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// The system's clock, for tests over sockets.
final class WallTime implements Time {
    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public Timer at(Instant when, Runnable task) {
        long wait = Math.max(0, Duration.between(now(), when).toMillis());
        var later = CompletableFuture.runAsync(
                task, CompletableFuture.delayedExecutor(wait, TimeUnit.MILLISECONDS, Thread::startVirtualThread));
        return () -> later.cancel(false);
    }
}
