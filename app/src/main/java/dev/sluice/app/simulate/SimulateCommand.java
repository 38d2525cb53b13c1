package dev.sluice.app.simulate;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Runs the production control loop in the simulated world, from seeds.
@Command(
        name = "simulate",
        description = "Run the control loop in a simulated cluster, with faults, from a seed.",
        footer = {"", "With one seed, every event is printed; with more, the seeds that broke an invariant."})
public final class SimulateCommand implements Callable<Integer> {
    /// Weeks of one machine; more is a typing error.
    private static final long MOST = 100_000_000;

    @Spec
    private @org.jspecify.annotations.Nullable CommandSpec spec;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The first seed. Default: ${DEFAULT-VALUE}")
    private long seed;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many. Default: ${DEFAULT-VALUE}")
    private long seeds;

    @Override
    public Integer call() {
        var out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
        return seeds == 1 ? replay(out) : many(out);
    }

    private int replay(PrintWriter out) {
        var result = Simulation.check(seed, Simulation.Subject.PRODUCTION, true);
        out.println(result.scenario());
        result.transcript().forEach(out::println);
        out.println("end: " + result.end());
        result.violations().forEach(violation -> out.println("violated " + violation));
        return result.violations().isEmpty() ? 0 : 8;
    }

    private int many(PrintWriter out) {
        if (seeds < 1 || seeds > MOST) {
            throw new CommandLine.ParameterException(
                    java.util.Objects.requireNonNull(spec).commandLine(),
                    "--seeds " + seeds + ": wants a number from 1 to " + MOST);
        }
        var run = new Seeds(seed, seeds, Simulation.Subject.PRODUCTION);
        var before = Seeds.cpu();
        // Ctrl-C ends it at any time; what is known by then is told.
        var interrupted = new Thread(() -> {
            out.println(run.summary(Seeds.cpu().minus(before)) + ", stopped early");
            out.flush();
        });
        Runtime.getRuntime().addShutdownHook(interrupted);
        run.run(failure -> {
            out.println(failure);
            out.flush();
        });
        Runtime.getRuntime().removeShutdownHook(interrupted);
        out.println(run.summary(Seeds.cpu().minus(before))
                + (run.failures().isEmpty() ? "" : ", " + run.failures().size() + " broke an invariant"));
        return run.failures().isEmpty() ? 0 : 8;
    }
}
