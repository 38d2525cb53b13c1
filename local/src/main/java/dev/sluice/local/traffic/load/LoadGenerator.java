package dev.sluice.local.traffic.load;

import dev.sluice.local.traffic.http.ConnectionPool;
import dev.sluice.local.traffic.http.Headers;
import dev.sluice.local.traffic.http.HttpRequest;
import dev.sluice.local.traffic.http.Limits;
import dev.sluice.local.traffic.http.Outcome;
import dev.sluice.local.traffic.http.Watchdog;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.SortedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Makes requests by a plan and accounts for every one; nothing is repeated, nothing is left out.
///
/// Who answered is read from the header `X-Version`. Bounded in memory however long it runs.
public final class LoadGenerator implements AutoCloseable {
    private static final Duration REFUSED_PAUSE = Duration.ofMillis(5);

    private final LoadPlan plan;
    private final Time time;
    private final HttpRequest request;
    private final Watchdog watchdog = new Watchdog(Duration.ofMillis(500));
    private final ConnectionPool pool;
    private final Account account;
    private final AtomicLong next = new AtomicLong();
    private final Phaser underWay = new Phaser(1);
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean stopping;

    private LoadGenerator(LoadPlan plan, Time time) {
        this.plan = plan;
        this.time = time;
        int connections = switch (plan.pace()) {
            case LoadPlan.Pace.ClosedLoop(int workers) -> workers;
            case LoadPlan.Pace.OpenLoop open -> open.atOnce();
        };
        pool = new ConnectionPool(Limits.SERVER, watchdog, Duration.ofSeconds(5), Duration.ofSeconds(10), connections);
        var headers = Headers.of("Host", plan.host());
        var all = new Headers[] {headers};
        plan.headers().forEach((name, value) -> all[0] = all[0].with(name, value));
        request = new HttpRequest(plan.method(), plan.path(), all[0], plan.body(), "", true);
        account = new Account(time.now(), System.nanoTime());
    }

    /// Starts at once.
    public static LoadGenerator start(LoadPlan plan, Time time) {
        var generator = new LoadGenerator(plan, time);
        switch (plan.pace()) {
            case LoadPlan.Pace.ClosedLoop(int workers) -> {
                for (int i = 0; i < workers; i++) generator.spawn("load-" + i, generator::work);
            }
            case LoadPlan.Pace.OpenLoop open ->
                generator.spawn("load-schedule", () -> generator.schedule(open.perSecond(), open.atOnce()));
        }
        Thread.ofVirtual().name("load-end").start(() -> {
            generator.underWay.arriveAndAwaitAdvance();
            generator.over.countDown();
        });
        return generator;
    }

    private void spawn(String name, Runnable task) {
        underWay.register();
        Thread.ofVirtual().name(name).start(() -> {
            try {
                task.run();
            } finally {
                underWay.arriveAndDeregister();
            }
        });
    }

    /// The number of the next request, −1 where there is none.
    private long ticket() {
        if (stopping) return -1;
        long number = next.getAndIncrement();
        return plan.requests() > 0 && number >= plan.requests() ? -1 : number;
    }

    private void work() {
        for (long number = ticket(); number >= 0; number = ticket()) {
            boolean sent = request(number, System.nanoTime());
            // A server that is not there must not be asked a million times a second.
            if (!sent) LockSupport.parkNanos(REFUSED_PAUSE.toNanos());
        }
    }

    private void schedule(double perSecond, int atOnce) {
        var room = new Semaphore(atOnce);
        long start = System.nanoTime();
        for (long number = ticket(); number >= 0; number = ticket()) {
            long due = start + (long) (number * 1e9 / perSecond);
            for (long left = due - System.nanoTime(); left > 0 && !stopping; left = due - System.nanoTime()) {
                LockSupport.parkNanos(Math.min(left, 50_000_000));
            }
            if (stopping) return;
            room.acquireUninterruptibly();
            long each = number;
            spawn("load", () -> {
                try {
                    request(each, due);
                } finally {
                    room.release();
                }
            });
        }
    }

    /// Makes one request.
    ///
    /// @return whether any byte was sent
    private boolean request(long number, long due) {
        long made = System.nanoTime();
        var outcome = pool.send(plan.target(), request, plan.timeout());
        long done = System.nanoTime();
        switch (outcome) {
            case Outcome.Answered(var response) -> {
                int status = response.status();
                var version = response.headers().first("X-Version", "");
                account.add(new Account.Result(
                        number,
                        due,
                        made,
                        done,
                        version,
                        status,
                        status >= 500 ? "http-" + status : "",
                        status >= 500 ? response.bodyText().strip() : ""));
                return true;
            }
            case Outcome.Failed(var failure, var why, var sent) -> {
                var reason = failure.name().toLowerCase(Locale.ROOT);
                account.add(new Account.Result(number, due, made, done, "", 0, reason, why));
                return sent;
            }
        }
    }

    /// The account so far.
    public LoadReport report() {
        return account.report(time.now());
    }

    /// Requests by version that were made between two instants, to a tenth of a second.
    public SortedMap<String, Long> between(Instant from, Instant to) {
        return account.between(from, to);
    }

    /// Connections opened so far.
    public int connections() {
        return pool.opened();
    }

    /// Waits until all requests of a plan with an end are over.
    ///
    /// @return whether they are
    public boolean await(Duration atMost) throws InterruptedException {
        return over.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// Makes no more requests, waits for those under way and gives the final account.
    public LoadReport stop() throws InterruptedException {
        stopping = true;
        // Every request under way ends by its own timeout.
        await(plan.timeout().plusSeconds(10));
        var report = report();
        pool.close();
        watchdog.close();
        return report;
    }

    @Override
    public void close() {
        stopping = true;
        pool.close();
        watchdog.close();
    }
}
