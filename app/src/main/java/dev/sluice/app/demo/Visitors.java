package dev.sluice.app.demo;

import dev.sluice.local.traffic.load.LoadGenerator;
import dev.sluice.local.traffic.load.LoadPlan;
import dev.sluice.local.traffic.load.LoadReport;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Users of a story: they come as fast as they are answered, until the story ends, and every request counts.
final class Visitors implements AutoCloseable {
    /// At once. Enough to keep two cores busy, few enough not to queue up on them.
    static final int AT_ONCE = 16;

    private static final Duration SETTLE = Duration.ofMillis(250);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /// Points of a hundred that a measured share may be off.
    private static final double TOLERANCE = 1.5;

    private final Scene scene;
    private final LoadGenerator load;
    private Optional<LoadReport> end = Optional.empty();
    private double rate = 1_000;

    Visitors(Scene scene, LoadPlan plan, Time time) {
        this.scene = scene;
        this.load = LoadGenerator.start(plan, time);
    }

    /// Measures one plateau: so many requests of which a version is asked to get this share.
    ///
    /// @param asked per cent
    LoadReport plateau(String version, double asked) throws InterruptedException {
        return plateau(version, asked, version + " is asked for " + Playbill.percent(asked) + " of the requests");
    }

    LoadReport plateau(String version, double asked, String line) throws InterruptedException {
        // What was under way when the share changed belongs to nobody.
        scene.rest(SETTLE);
        var before = load.report();
        scene.await("requests", PATIENCE, () -> load.report().requests() - before.requests() >= scene.requests());
        var measured = load.report().since(before);
        rate = measured.rate();
        double share = measured.share(version);
        scene.playbill()
                .row(new Playbill.Row(
                        scene.title(),
                        version,
                        Optional.of(asked),
                        Optional.of(share),
                        measured.requests(),
                        measured.failed(),
                        Optional.empty()));
        scene.playbill()
                .say(
                        "  " + line,
                        Playbill.percent(share * 100) + " of "
                                + String.format(java.util.Locale.ROOT, "%,d", measured.requests()));
        if (Math.abs(share * 100 - asked) > TOLERANCE) {
            scene.playbill()
                    .broken("%s: %s was asked for %s and got %s of %,d requests: %s"
                            .formatted(
                                    scene.title(),
                                    version,
                                    Playbill.percent(asked),
                                    Playbill.percent(share * 100),
                                    measured.requests(),
                                    measured.versions().keySet()));
        }
        return measured;
    }

    /// Whole seconds in which the requests of a plateau are made with some to spare, by what was measured last.
    int secondsOfAPlateau() {
        return (int) Math.clamp(Math.ceil(2.5 * scene.requests() / Math.max(1, rate)) + 2, 2, 60);
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
                    .broken("%s: %,d of %,d requests failed: %s; first: %s"
                            .formatted(
                                    scene.title(),
                                    report.failed(),
                                    report.requests(),
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
                        scene.title(),
                        "all of it",
                        Optional.empty(),
                        Optional.empty(),
                        report.requests(),
                        report.failed(),
                        toZero));
        return report;
    }

    @Override
    public void close() {
        if (end.isEmpty()) load.close();
    }
}
