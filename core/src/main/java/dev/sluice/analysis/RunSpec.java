package dev.sluice.analysis;

import dev.sluice.expression.Regex;
import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// The `spec` of a run after its arguments were filled in and everything was checked.
///
/// @param questions one per metric, in order; the ordinals are not set yet
/// @param dryRun names of metrics that are only tried
/// @param retention measurements to keep, for the metrics that have a rule
record RunSpec(List<Question> questions, List<String> dryRun, SequencedMap<String, Integer> retention) {
    private static final int KEPT = 10;

    /// A spec, or everything that is wrong with it.
    sealed interface Checked {
        record Fine(RunSpec spec) implements Checked {}

        /// @param unresolved arguments without a value, tags without an argument
        /// @param invalid what is wrong otherwise
        record Wrong(List<String> unresolved, List<String> invalid) implements Checked {
            public Wrong {
                unresolved = List.copyOf(unresolved);
                invalid = List.copyOf(invalid);
            }

            /// With which the run ends at once.
            String message() {
                return unresolved.isEmpty()
                        ? "Analysis spec invalid: " + invalid.getFirst()
                        : "Unable to resolve metric arguments: " + unresolved.getFirst();
            }

            List<String> all() {
                return Stream.concat(unresolved.stream(), invalid.stream()).toList();
            }
        }
    }

    int kept(String metric) {
        return retention.getOrDefault(metric, KEPT);
    }

    static Checked of(Json.Obj spec) {
        var arguments = Arguments.of(spec.at("args"));
        var sources = spec.at("metrics").items();
        if (sources.isEmpty()) return new Checked.Wrong(List.of(), List.of("no metrics specified"));
        var unresolved = new ArrayList<String>();
        for (var argument : arguments.unsupplied()) unresolved.add("argument \"" + argument + "\" was not supplied");
        var invalid = new ArrayList<String>();
        var questions = new ArrayList<Question>();
        var names = new ArrayList<String>();
        var flawed = new LinkedHashMap<String, List<String>>();
        for (int i = 0; i < sources.size(); i++) {
            switch (Question.fill(sources.get(i), arguments, Question.standIns(arguments))) {
                case Placeholders.Filled.Tree(var tree) -> {
                    var name = tree.at("name").string("");
                    if (names.contains(name)) invalid.add("metrics[" + i + "]: duplicate name '" + name + "'");
                    names.add(name);
                    switch (Metric.of(tree)) {
                        case Metric.Decoded.Fine(var metric) -> {
                            questions.add(new Question(metric, sources.get(i), arguments, 1));
                            flawed.put(metric.name(), flaws(i, metric, sources.get(i), arguments));
                        }
                        case Metric.Decoded.Wrong(var message) -> invalid.add("metrics[" + i + "]: " + message);
                    }
                }
                // A tag that several metrics share is one mistake, and so is that of an argument without a value.
                case Placeholders.Filled.Unresolved(var message) -> {
                    names.add(sources.get(i).at("name").string(""));
                    if (arguments.unsupplied().isEmpty() && !unresolved.contains(message)) unresolved.add(message);
                }
            }
        }
        var dryRun = new LinkedHashMap<String, Integer>();
        var retention = new LinkedHashMap<String, Integer>();
        invalid.addAll(rules(spec, "dryRun", names, dryRun));
        invalid.addAll(rules(spec, "measurementRetention", names, retention));
        // One that is only tried decides nothing, and trying it is how its author learns.
        dryRun.keySet().forEach(flawed::remove);
        flawed.values().forEach(invalid::addAll);
        if (!unresolved.isEmpty() || !invalid.isEmpty()) return new Checked.Wrong(unresolved, invalid);
        retention.values().removeIf(limit -> limit <= 0);
        return new Checked.Fine(new RunSpec(List.copyOf(questions), List.copyOf(dryRun.keySet()), retention));
    }

    /// Conditions that could only ever be an error. Where an argument stands in whose value is not
    /// known yet, nothing is said.
    private static List<String> flaws(int index, Metric metric, Json source, Arguments arguments) {
        if (metric.provider().decides()) return List.of();
        return metric.condition().flaws().stream()
                .filter(flaw -> known(source.at(flaw.which()).string(""), arguments))
                .map(flaw -> "metrics[%d]: metric '%s': %s".formatted(index, metric.name(), flaw))
                .toList();
    }

    private static boolean known(String text, Arguments arguments) {
        return arguments.all().stream()
                .filter(argument -> Placeholders.tags(text).contains("args." + argument.name()))
                .allMatch(argument ->
                        argument.value().filter(value -> !value.isEmpty()).isPresent());
    }

    /// Rules name metrics by a pattern found anywhere in the name. A pattern that is none matches nothing.
    ///
    /// @return what is wrong
    private static List<String> rules(
            Json.Obj spec, String field, List<String> names, SequencedMap<String, Integer> limits) {
        var wrong = new ArrayList<String>();
        var rules = spec.at(field).items();
        for (int i = 0; i < rules.size(); i++) {
            var pattern = Regex.compile(rules.get(i).at("metricName").string(""));
            boolean matched = false;
            for (var name : names) {
                if (pattern instanceof Regex.Compilation.Ready(var regex) && regex.find(name)) {
                    limits.put(name, rules.get(i).at("limit").integer(0));
                    matched = true;
                }
            }
            if (!matched) wrong.add(field + "[" + i + "]: Rule didn't match any metric name(s)");
        }
        return wrong;
    }
}
