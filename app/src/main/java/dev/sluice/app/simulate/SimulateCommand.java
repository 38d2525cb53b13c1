package dev.sluice.app.simulate;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
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
        var broken = LongStream.range(seed, seed + seeds)
                .parallel()
                .filter(each -> {
                    var violations = Simulation.check(each, Simulation.Subject.PRODUCTION, false)
                            .violations();
                    if (!violations.isEmpty()) {
                        synchronized (out) {
                            out.println("seed " + each + ": " + violations);
                            out.flush();
                        }
                    }
                    return !violations.isEmpty();
                })
                .count();
        out.printf("%d seeds, %d broke an invariant%n", seeds, broken);
        return broken == 0 ? 0 : 8;
    }
}
