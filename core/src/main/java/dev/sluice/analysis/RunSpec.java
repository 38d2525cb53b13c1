package dev.sluice.analysis;

import dev.sluice.expression.Regex;
import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// The `spec` of a run after its arguments were filled in and everything was checked.
///
/// @param questions one per metric, in order; the ordinals are not set yet
/// @param dryRun names of metrics that are only tried
/// @param retention measurements to keep, for the metrics that have a rule
record RunSpec(List<Question> questions, List<String> dryRun, SequencedMap<String, Integer> retention) {
    private static final int KEPT = 10;

    /// A spec, or the message with which the run ends at once.
    sealed interface Checked {
        record Fine(RunSpec spec) implements Checked {}

        record Wrong(String message) implements Checked {}
    }

    int kept(String metric) {
        return retention.getOrDefault(metric, KEPT);
    }

    static Checked of(AnalysisRun run) {
        var arguments = run.arguments();
        var sources = run.spec().at("metrics").items();
        var unsupplied = arguments.unsupplied();
        if (unsupplied.isPresent() && !sources.isEmpty()) {
            return unresolved("argument \"" + unsupplied.get() + "\" was not supplied");
        }
        var trees = new ArrayList<Json>();
        for (var source : sources) {
            switch (Question.fill(source, arguments, Question.standIns(arguments))) {
                case Placeholders.Filled.Tree(var tree) -> trees.add(tree);
                case Placeholders.Filled.Unresolved(var message) -> {
                    return unresolved(message);
                }
            }
        }
        if (trees.isEmpty()) return invalid("no metrics specified");
        var questions = new ArrayList<Question>();
        var names = new ArrayList<String>();
        for (int i = 0; i < trees.size(); i++) {
            var name = trees.get(i).at("name").string("");
            if (names.contains(name)) return invalid("metrics[" + i + "]: duplicate name '" + name + "'");
            names.add(name);
            switch (Metric.of(trees.get(i))) {
                case Metric.Decoded.Fine(var metric) ->
                    questions.add(new Question(metric, sources.get(i), arguments, 1));
                case Metric.Decoded.Wrong(var message) -> {
                    return invalid("metrics[" + i + "]: " + message);
                }
            }
        }
        var dryRun = new LinkedHashMap<String, Integer>();
        var retention = new LinkedHashMap<String, Integer>();
        var problem = rules(run.spec(), "dryRun", names, dryRun);
        if (problem.isEmpty()) problem = rules(run.spec(), "measurementRetention", names, retention);
        if (!problem.isEmpty()) return invalid(problem);
        retention.values().removeIf(limit -> limit <= 0);
        return new Checked.Fine(new RunSpec(List.copyOf(questions), List.copyOf(dryRun.keySet()), retention));
    }

    private static Checked unresolved(String why) {
        return new Checked.Wrong("Unable to resolve metric arguments: " + why);
    }

    private static Checked invalid(String why) {
        return new Checked.Wrong("Analysis spec invalid: " + why);
    }

    /// Rules name metrics by a pattern found anywhere in the name. A pattern that is none matches nothing.
    ///
    /// @return what is wrong; empty for nothing
    private static String rules(Json.Obj spec, String field, List<String> names, SequencedMap<String, Integer> limits) {
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
            if (!matched) return field + "[" + i + "]: Rule didn't match any metric name(s)";
        }
        return "";
    }
}
