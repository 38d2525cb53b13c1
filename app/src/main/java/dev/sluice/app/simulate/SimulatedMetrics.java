package dev.sluice.app.simulate;

import dev.sluice.json.Json;
import dev.sluice.spi.Deadline;
import dev.sluice.spi.Measurement;
import dev.sluice.spi.MetricProvider;
import dev.sluice.spi.Secrets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/// The metric system of the simulated world: knows the error rate of each revision, takes its time, and is away now and
/// then.
///
/// @param errors error rate of the revision with a hash, 0 to 1
/// @param away whether it does not answer at this moment
record SimulatedMetrics(ToDoubleFunction<String> errors, BooleanSupplier away, RandomGenerator random)
        implements MetricProvider {
    static final String NAME = "simulated";

    /// The spec of a metric that asks about the revision under test.
    static Json.Obj metric() {
        return Json.obj(
                "name", "errors",
                "interval", "10s",
                "count", 3,
                "successCondition", "result < 0.1",
                "provider", Json.obj(NAME, Json.obj("hash", "{{args.hash}}")));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String type() {
        return "Simulated";
    }

    @Override
    public Measurement measure(Query query, Secrets secrets, Deadline deadline) {
        if (away.getAsBoolean()) return new Measurement.Failed("no answer: connection refused");
        if (random.nextInt(4) > 0) return value(query);
        var metadata = new LinkedHashMap<String, String>();
        metadata.put("question", query.run().uid() + "/" + query.ordinal());
        return new Measurement.Running(query.now().plus(Duration.ofMillis(random.nextInt(100, 15_000))), metadata);
    }

    @Override
    public Measurement resume(Query query, Measurement.Running running, Secrets secrets, Deadline deadline) {
        if (away.getAsBoolean()) return new Measurement.Failed("no answer: connection reset");
        var asked = running.metadata().get("question");
        var wanted = query.run().uid() + "/" + query.ordinal();
        if (!wanted.equals(asked))
            return new Measurement.Failed("asked for " + wanted + " with the handle of " + asked);
        return value(query);
    }

    @Override
    public Measurement terminate(Query query, Measurement.Running running, Secrets secrets, Deadline deadline) {
        return new Measurement.Failed("ended before it was done");
    }

    private Measurement value(Query query) {
        double rate = errors.applyAsDouble(query.spec().at("hash").string(""));
        return new Measurement.Value(Json.of(rate), Double.toString(rate));
    }
}
