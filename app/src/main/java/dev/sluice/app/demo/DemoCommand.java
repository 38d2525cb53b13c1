package dev.sluice.app.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice demo`: plays the stories and ends in a table. Exit code 0 where all holds, 1 where something does not, 2 for
/// a wrong option, 130 after Ctrl-C.
@Command(
        name = "demo",
        description = {
            "Play the mission's stories on live traffic, in this process and on loopback addresses only.",
            "Controller, analysis and routing are the product; API server, pods and visitors are stand-ins."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final int REQUESTS = 20_000;
    private static final int FEWEST = 500;
    private static final int INTERRUPTED = 130;
    private static final long CLEAN_UP = 15;

    @Spec
    @Nullable
    CommandSpec spec;

    @Option(names = "--story", paramLabel = "NAME", description = "Only this story, by its name or number.")
    @Nullable
    String story;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "42",
            description = "Names, delays and errors follow from it (default: ${DEFAULT-VALUE}).")
    long seed;

    @Option(
            names = "--speed",
            paramLabel = "X",
            defaultValue = "1",
            description = "So many times shorter: pauses, and requests of each measured plateau (default: 1, 20000).")
    double speed;

    /// Made by the command line.
    public DemoCommand() {}

    /// The demo alone.
    public static void main(String[] words) {
        if (System.getProperty("slf4j.provider") == null) {
            System.setProperty("slf4j.provider", "org.slf4j.helpers.NOP_FallbackServiceProvider");
        }
        Runtime.getRuntime().exit(new CommandLine(new DemoCommand()).execute(words));
    }

    @Override
    public Integer call() throws IOException {
        var line = Objects.requireNonNull(spec).commandLine();
        var stories = Story.ALL;
        if (story != null) {
            var chosen = Story.named(story);
            if (chosen.isEmpty()) return wrong(line.getErr(), "there is no story \"" + story + "\"");
            stories = List.of(chosen.get());
        }
        if (!(speed >= 0.1 && speed <= 100)) return wrong(line.getErr(), "--speed is from 0.1 to 100, not " + speed);
        return guarded(line.getOut(), stories);
    }

    private static int wrong(PrintWriter err, String what) {
        err.println("error " + what);
        err.println("  the stories, for --story:");
        for (var each : Story.ALL) err.printf("    %d  %-22s %s%n", each.number(), each.name(), each.title());
        err.flush();
        return CommandLine.ExitCode.USAGE;
    }

    /// Plays with a hand on the way out: Ctrl-C stops the story, and the process ends when everything is put away.
    private int guarded(PrintWriter out, List<Story> stories) throws IOException {
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
            var playbill = play(out, stories, seed, (int) Math.max(FEWEST, REQUESTS / speed));
            playbill.table();
            return playbill.broken().isEmpty() ? 0 : 1;
        } catch (InterruptedException stopped) {
            out.println();
            out.println("stopped; everything is put away");
            out.flush();
            return INTERRUPTED;
        } finally {
            away.countDown();
            if (!Thread.currentThread().isInterrupted()) unhook(end);
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
    static Playbill play(PrintWriter out, List<Story> stories, long seed, int requests)
            throws IOException, InterruptedException {
        var playbill = new Playbill(out);
        playbill.say("sluice demo · on this machine only · seed " + seed);
        playbill.say("real controller, analysis and routing; the API server, the pods and the visitors are stand-ins");
        try (var stage = Stage.open(seed)) {
            for (var story : stories) {
                playbill.say("");
                playbill.say(story.number() + "  " + story.title());
                try {
                    story.play(new Scene(stage, playbill, story, requests));
                } catch (Story.Failed failed) {
                    playbill.broken(Objects.requireNonNull(failed.getMessage()));
                }
            }
            stage.troubles().forEach(playbill::broken);
        }
        return playbill;
    }
}
