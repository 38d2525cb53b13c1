package dev.sluice.app.demo;

import dev.sluice.app.Complaint;
import dev.sluice.app.Exit;
import dev.sluice.app.Screen;
import dev.sluice.app.SluiceCommand;
import dev.sluice.app.Words;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `sluice demo`: plays the stories and ends in a table. Exit code 0 where all holds, 1 where something does not, 2 for
/// a wrong option, 130 after Ctrl-C.
@Command(
        name = "demo",
        description = {
            "Play eight releases, from a first canary to a rollback, on live traffic, in this process and on loopback addresses only.",
            "Controller, analysis and routing are the product; API server, pods and visitors are stand-ins."
        })
public final class DemoCommand extends SluiceCommand {
    private static final int REQUESTS = 20_000;
    private static final int FEWEST = 500;
    private static final double SLOWEST = 0.1;
    private static final double FASTEST = (double) REQUESTS / FEWEST;
    /// Seconds, for sockets and threads to end after Ctrl-C.
    private static final long CLEAN_UP = 15;

    @Option(names = "--story", paramLabel = "NAME", description = "Only this story, by its name or number.")
    @Nullable
    String story;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "42",
            description = "Names, delays and errors follow from it (default: ${DEFAULT-VALUE}).")
    String seed = "42";

    @Option(
            names = "--speed",
            paramLabel = "X",
            defaultValue = "1",
            description = "From 0.1 to 40: so many times fewer requests per measured plateau (default: 1, 20000).")
    String speed = "1";

    /// Made by the command line.
    public DemoCommand() {}

    @Override
    protected Exit run() throws IOException {
        return guarded(chosen(), wholeNumber(), (int) Math.round(REQUESTS / factor()));
    }

    private long wholeNumber() {
        if (seed.matches("-?[0-9]{1,18}")) return Long.parseLong(seed);
        throw Words.usage(
                        "--seed is a whole number, not \"" + seed + "\"",
                        "sluice demo --seed 7     tells the story of seed 7")
                .failure();
    }

    private double factor() {
        if (speed.matches("[0-9]{1,3}(\\.[0-9]{1,6})?")) {
            double factor = Double.parseDouble(speed);
            if (factor >= SLOWEST && factor <= FASTEST) return factor;
        }
        throw Words.usage(
                        "--speed is a number from 0.1 to 40, not \"" + speed + "\"",
                        "sluice demo --speed 2     measures plateaus of 10000 requests instead of 20000")
                .failure();
    }

    private List<Story> chosen() {
        if (story == null) return Story.ALL;
        return Story.named(story).map(List::of).orElseThrow(() -> {
            var remedies = new ArrayList<String>();
            remedies.add("name one of these, or its number:");
            for (var each : Story.ALL)
                remedies.add("%-2s %-15s %s".formatted(each.number(), each.name(), each.title()));
            return Words.usage("there is no story \"" + story + "\"")
                    .remedy(remedies)
                    .failure();
        });
    }

    /// Plays with a hand on the way out: Ctrl-C stops the story, and the process ends when everything is put away.
    private Exit guarded(List<Story> stories, long number, int requests) throws IOException {
        var terminal = terminal();
        var out = new PrintWriter(terminal.out(), false, StandardCharsets.UTF_8);
        int columns = terminal.interactive() ? Screen.of(terminal).columns() : Integer.MAX_VALUE;
        // A line that goes on below cannot be written over.
        boolean live = terminal.redraws() && columns > Playbill.WIDTH;
        var playbill = new Playbill(out, style(), live, columns);
        var player = Thread.currentThread();
        var away = new CountDownLatch(1);
        var end = Thread.ofPlatform().unstarted(() -> {
            player.interrupt();
            try {
                away.await(CLEAN_UP, TimeUnit.SECONDS);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(end);
        try {
            long begin = System.nanoTime();
            play(playbill, stories, number, requests);
            playbill.table(stories.size(), Duration.ofNanos(System.nanoTime() - begin));
            return playbill.broken().isEmpty() && playbill.late().isEmpty() ? Exit.DONE : Exit.FAILED;
        } catch (InterruptedException stopped) {
            playbill.stopped();
            return Exit.INTERRUPTED;
        } finally {
            away.countDown();
            unhook(end);
        }
    }

    private static void unhook(Thread end) {
        try {
            Runtime.getRuntime().removeShutdownHook(end);
        } catch (IllegalStateException _) {
            // The process is already ending, which is what the hook was for.
        }
    }

    /// Plays stories one after the other in one cluster.
    ///
    /// @param requests of each measured plateau
    /// @throws Complaint.Failure when there is nowhere to play
    static void play(Playbill playbill, List<Story> stories, long seed, int requests) throws InterruptedException {
        playbill.title("sluice demo · on this machine only · seed " + seed);
        playbill.say("Real: controller, analysis, routing. Stand-ins: API server, pods, visitors.");
        playbill.say("Right of the bar: what was measured, the share of how many requests.");
        try (var stage = open(seed)) {
            for (var story : stories) {
                playbill.say("");
                playbill.title("%-3s%s".formatted(story.number(), story.title()));
                try {
                    story.play(new Scene(stage, playbill, story, requests));
                } catch (Story.Failed failed) {
                    playbill.broken(Objects.requireNonNull(failed.getMessage()));
                }
            }
            stage.troubles().forEach(playbill::broken);
        }
    }

    private static Stage open(long seed) throws InterruptedException {
        try {
            return Stage.open(seed);
        } catch (IOException | IllegalStateException cannot) {
            throw Complaint.of(Exit.FAILED, "SLU-C107", "the demo's cluster did not start")
                    .because(String.valueOf(cannot.getMessage()))
                    .remedy("end other demos and local clusters (sluice local down), then run it again")
                    .failure();
        }
    }
}
