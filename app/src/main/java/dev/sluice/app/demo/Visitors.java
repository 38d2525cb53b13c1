package dev.sluice.app.demo;

import dev.sluice.local.traffic.load.LoadGenerator;
import dev.sluice.local.traffic.load.LoadPlan;
import dev.sluice.local.traffic.load.LoadReport;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Users of a story: they come as fast as they are answered, until the story ends, and every request counts.
final class Visitors implements AutoCloseable {
    /// At once. Enough to keep two cores busy, few enough not to queue up on them.
    static final int AT_ONCE = 16;

    /// A plateau lasts until its requests are counted, however slow the machine; unless nobody is answered at all.
    private static final Duration STANDSTILL = Duration.ofMinutes(2);
    private static final Duration LOOK = Duration.ofMillis(50);
    /// Times as many requests as a plateau has: no step asks for more.
    private static final int ENOUGH = 4;
    /// Points of a hundred that a measured share may be off.
    private static final double TOLERANCE = 1.5;

    private final Scene scene;
    private final LoadGenerator load;
    private Optional<LoadReport> end = Optional.empty();

    Visitors(Scene scene, LoadPlan plan, Time time) {
        this.scene = scene;
        this.load = LoadGenerator.start(plan, time);
    }

    /// Measures one plateau: so many requests of which a version is asked to get this share.
    ///
    /// @param asked per cent
    void plateau(String version, double asked) throws InterruptedException {
        plateau(version, asked, version + " is asked for " + Playbill.percent(asked) + " of the requests");
    }

    /// Measures one plateau, and says it in these words.
    void plateau(String version, double asked, String line) throws InterruptedException {
        plateau(version, asked, line, () -> true);
    }

    /// Measures a plateau that the controller ends by itself.
    ///
    /// @param kept whether the share is still asked for; nothing is counted that may have come later
    void plateau(String version, double asked, String line, BooleanSupplier kept) throws InterruptedException {
        scene.awaitInForce();
        // What was under way when the share changed belongs to nobody; some users are slower than others.
        count(AT_ONCE * 16L, "", "", kept);
        var text = "   " + line;
        var measured = count(scene.requests(), text, version, kept);
        double share = measured.share(version);
        boolean whole = measured.requests() >= scene.requests();
        boolean good = whole && Math.abs(share * 100 - asked) <= TOLERANCE;
        scene.playbill().say(text, Playbill.share(share, measured.requests()), good);
        scene.playbill()
                .row(new Playbill.Row(
                        scene.title(),
                        "%s %6s".formatted(version, Playbill.percent(asked)),
                        Optional.of(share),
                        measured.requests(),
                        measured.failed(),
                        Optional.empty()));
        if (!whole) {
            scene.playbill()
                    .late("%s: the controller went on from %s when %s of %s requests were measured"
                            .formatted(
                                    scene.title(),
                                    Playbill.percent(asked),
                                    Playbill.count(measured.requests()),
                                    Playbill.count(scene.requests())));
        } else if (!good) {
            scene.playbill()
                    .broken("%s: %s was asked for %s and got %s of %s requests; they went to %s"
                            .formatted(
                                    scene.title(),
                                    version,
                                    Playbill.percent(asked),
                                    Playbill.percent(share * 100),
                                    Playbill.count(measured.requests()),
                                    measured.versions().keySet()));
        }
    }

    /// Waits for what the controller does by itself once it has seen enough users. As long as they may not be enough
    /// yet, each who is answered is a reason to wait on, however slow the machine.
    void await(String what, BooleanSupplier state) throws InterruptedException {
        long before = load.report().requests();
        long came = 0;
        long moved = System.nanoTime();
        while (!state.getAsBoolean()) {
            scene.rest(LOOK);
            long now = load.report().requests() - before;
            if (now > came && came < ENOUGH * (scene.requests() + 1_000L)) moved = System.nanoTime();
            came = now;
            if (System.nanoTime() - moved > STANDSTILL.toNanos()) {
                throw new Story.Failed(scene.title() + ": waited in vain for " + what);
            }
        }
    }

    /// Waits for so many requests from now on.
    ///
    /// @param line to be shown as they come; empty for none
    /// @param kept ends it early where it does not hold any more; what is counted came before that
    private LoadReport count(long requests, String line, String version, BooleanSupplier kept)
            throws InterruptedException {
        var before = load.report();
        var now = before.since(before);
        long moved = System.nanoTime();
        while (now.requests() < requests) {
            scene.rest(LOOK);
            var next = load.report().since(before);
            if (!kept.getAsBoolean()) return now;
            if (next.requests() > now.requests()) moved = System.nanoTime();
            if (System.nanoTime() - moved > STANDSTILL.toNanos()) {
                throw new Story.Failed(
                        "%s: nobody was answered for %d s".formatted(scene.title(), STANDSTILL.toSeconds()));
            }
            now = next;
            if (!line.isEmpty()) scene.playbill().watch(line, Playbill.share(now.share(version), now.requests()));
        }
        return now;
    }

    LoadReport report() {
        return load.report();
    }

    /// When a version was last asked for anything; empty where it never was.
    Optional<Instant> last(String version) {
        return Optional.ofNullable(load.report().versions().get(version)).map(LoadReport.Version::last);
    }

    /// Ends them; no request of the whole story may have failed.
    void leaveUnharmed() throws InterruptedException {
        var report = leave(Optional.empty());
        if (report.failed() > 0) {
            scene.playbill()
                    .broken("%s: %s of %s requests failed: %s; first: %s"
                            .formatted(
                                    scene.title(),
                                    Playbill.count(report.failed()),
                                    Playbill.count(report.requests()),
                                    report.reasons(),
                                    report.firstFailures().getFirst()));
        }
    }

    /// Ends them, and gives the account of the whole story.
    LoadReport leave(Optional<Duration> toZero) throws InterruptedException {
        var report = load.stop();
        end = Optional.of(report);
        scene.playbill()
                .row(new Playbill.Row(
                        scene.title(), "in all", Optional.empty(), report.requests(), report.failed(), toZero));
        return report;
    }

    @Override
    public void close() {
        if (end.isEmpty()) load.close();
    }
}
