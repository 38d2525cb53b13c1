package dev.sluice.analysis;

import dev.sluice.expression.Condition;
import dev.sluice.format.GoDuration;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// One metric of a run with its arguments filled in, and checked.
///
/// @param interval between measurements, from the end of one to the start of the next
/// @param initialDelay before the first, from the start of the run
/// @param count measurements wanted; 0 where the manifest has none
/// @param condition when a measurement is good
/// @param failureLimit failed measurements tolerated; -1 tolerates all
/// @param inconclusiveLimit inconclusive measurements tolerated
/// @param consecutiveErrorLimit errors in a row tolerated
/// @param consecutiveSuccessLimit successes in a row that end the metric well; 0 for none
/// @param provider whom to ask
/// @see "argoproj.io/v1alpha1: AnalysisRun spec.metrics[]"
public record Metric(
        String name,
        Optional<Duration> interval,
        Optional<Duration> initialDelay,
        int count,
        Condition condition,
        int failureLimit,
        int inconclusiveLimit,
        int consecutiveErrorLimit,
        int consecutiveSuccessLimit,
        Provider provider) {
    private static final int CONSECUTIVE_ERRORS = 4;

    /// Whom to ask and what.
    ///
    /// @param name the key under `provider:`, or under `provider.plugin:`
    /// @param spec what stands below it
    public record Provider(String name, Json spec) {
        /// Whether it answers with a verdict, so that nobody looks at what the conditions say. By the names of the
        /// API: a metric is judged also where nobody is there who could measure it.
        boolean decides() {
            return switch (name) {
                case "job", "kayenta" -> true;
                default -> false;
            };
        }

        /// Whether it answers with samples: an array of theirs holds floats, as the original's conditions know.
        /// Elsewhere an array is JSON and may hold anything.
        boolean samples() {
            return switch (name) {
                case "prometheus", "graphite", "wavefront" -> true;
                default -> false;
            };
        }
    }

    /// A metric, or why it is none.
    public sealed interface Decoded {
        record Fine(Metric metric) implements Decoded {}

        /// @param message as Argo Rollouts words it, without the place in the list
        record Wrong(String message) implements Decoded {}
    }

    /// Measurements after which the metric is done; empty where it goes on until the run ends. Errors do not count.
    public OptionalInt effectiveCount() {
        if (count != 0) return OptionalInt.of(count);
        return interval.isPresent() ? OptionalInt.empty() : OptionalInt.of(1);
    }

    boolean failureLimitApplies() {
        return failureLimit >= 0;
    }

    boolean successLimitApplies() {
        return consecutiveSuccessLimit > 0;
    }

    /// Reads one entry of `spec.metrics`; the first thing wrong is told.
    public static Decoded of(Json source) {
        int count = number(source.at("count"), 0);
        int failureLimit = number(source.at("failureLimit"), 0);
        int inconclusiveLimit = number(source.at("inconclusiveLimit"), 0);
        int errorLimit = number(source.at("consecutiveErrorLimit"), CONSECUTIVE_ERRORS);
        int successLimit = number(source.at("consecutiveSuccessLimit"), 0);
        var intervalText = source.at("interval").string("");
        var delayText = source.at("initialDelay").string("");
        var interval = GoDuration.parse(intervalText);
        var delay = GoDuration.parse(delayText);
        boolean failures = failureLimit >= 0;
        boolean successes = successLimit > 0;

        if (count > 0) {
            if (failures && successes && count < (long) failureLimit + successLimit) {
                return new Decoded.Wrong("count must be >= failureLimit + consecutiveSuccessLimit");
            }
            if (count < failureLimit) return new Decoded.Wrong("count must be >= failureLimit");
            if (count < successLimit) return new Decoded.Wrong("count must be >= consecutiveSuccessLimit");
            if (count < inconclusiveLimit) return new Decoded.Wrong("count must be >= inconclusiveLimit");
        }
        if (count > 1 && intervalText.isEmpty()) {
            return new Decoded.Wrong("interval must be specified when count > 1");
        }
        if (!intervalText.isEmpty() && interval.isEmpty()) {
            return new Decoded.Wrong("invalid interval string: " + GoDuration.problem(intervalText));
        }
        if (!delayText.isEmpty() && delay.isEmpty()) {
            return new Decoded.Wrong("invalid startDelay string: " + GoDuration.problem(delayText));
        }
        if (failureLimit < (successes ? -1 : 0)) return new Decoded.Wrong("failureLimit must be >= 0");
        if (inconclusiveLimit < 0) return new Decoded.Wrong("inconclusiveLimit must be >= 0");
        if (errorLimit < 0) return new Decoded.Wrong("consecutiveErrorLimit must be >= 0");
        if (successLimit < 0) return new Decoded.Wrong("consecutiveSuccessLimit must be >= 0");

        var providers = providers(source.at("provider"));
        if (providers.isEmpty()) return new Decoded.Wrong("no provider specified");
        if (providers.size() > 1) return new Decoded.Wrong("multiple providers specified");
        return new Decoded.Fine(new Metric(
                source.at("name").string(""),
                interval.filter(_ -> !intervalText.isEmpty()),
                delay.filter(_ -> !delayText.isEmpty()),
                count,
                new Condition(
                        source.at("successCondition").asString(),
                        source.at("failureCondition").asString()),
                failureLimit,
                inconclusiveLimit,
                errorLimit,
                successLimit,
                providers.getFirst()));
    }

    private static List<Provider> providers(Json provider) {
        var found = new LinkedHashMap<String, Provider>();
        provider.fields().forEach((name, spec) -> {
            if (spec.isNull()) return;
            if (name.equals("plugin")) {
                spec.fields().forEach((plugin, config) -> found.put("plugin " + plugin, new Provider(plugin, config)));
            } else {
                found.put(name, new Provider(name, spec));
            }
        });
        return List.copyOf(found.values());
    }

    /// An int-or-string: strings are there so that an argument may stand in; one that is no number counts as 0.
    private static int number(Json value, int otherwise) {
        return switch (value) {
            case Json.Str(var text) -> {
                try {
                    yield Integer.parseInt(text);
                } catch (NumberFormatException none) {
                    yield 0;
                }
            }
            default -> value.integer(otherwise);
        };
    }
}
