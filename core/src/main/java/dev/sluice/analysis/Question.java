package dev.sluice.analysis;

import dev.sluice.analysis.Arguments.SecretArgument;
import dev.sluice.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// What a provider is asked, with secrets still to be filled in.
///
/// @param metric as far as it is known without secrets: good for its name, its limits and its provider's name
/// @param source the metric as it stands in the run
/// @param arguments of the run
/// @param ordinal which measurement of the metric it is, from 1
public record Question(Metric metric, Json source, Arguments arguments, int ordinal) {
    /// What stands for a secret while a metric is checked, as in the original.
    static final String STAND_IN = "temp-for-secret";

    /// The secrets to read from the run's namespace before asking.
    public List<SecretArgument> secrets() {
        return arguments.secrets();
    }

    /// The metric to ask with.
    ///
    /// @param secretValues values of [#secrets] by argument name
    /// @return empty when the metric is none with these values, such as a secret that was to be an interval
    public Optional<Metric> filled(SequencedMap<String, String> secretValues) {
        if (secretValues.isEmpty()) return Optional.of(metric);
        return fill(source, arguments, secretValues) instanceof Placeholders.Filled.Tree(var tree)
                        && Metric.of(tree) instanceof Metric.Decoded.Fine(var fine)
                ? Optional.of(fine)
                : Optional.empty();
    }

    static Placeholders.Filled fill(Json source, Arguments arguments, SequencedMap<String, String> secretValues) {
        return Placeholders.fill(source, arguments.values(secretValues));
    }

    static SequencedMap<String, String> standIns(Arguments arguments) {
        var values = new LinkedHashMap<String, String>();
        arguments.secrets().forEach(secret -> values.put(secret.argument(), STAND_IN));
        return values;
    }
}
