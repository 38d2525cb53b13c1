package dev.sluice.app.rollout;

import dev.sluice.app.Style;
import dev.sluice.format.Brief;
import dev.sluice.json.Json;
import dev.sluice.rollout.Headline;
import dev.sluice.rollout.Rollout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What an AnalysisRun has come to: how its measurements ended, and what the last of them said.
///
/// @param source the run as the server sent it
record Check(Json.Obj source) {
    /// Of a message in a sentence, and behind the counts in the tree.
    private static final int LONGEST = 160;

    private static final int BRIEF = 72;
    private static final String TERMINATED = "Run Terminated";

    String name() {
        return source.at("metadata", "name").string("");
    }

    String phase() {
        return source.at("status", "phase").string("Pending");
    }

    boolean running() {
        return phase().equals("Running") || phase().equals("Pending");
    }

    /// Whether it was ended from outside, before it came to a verdict of its own.
    boolean terminated() {
        return source.at("status", "message").string("").equals(TERMINATED);
    }

    /// What is shown as its phase: `Successful` is what a run is called too that nobody let go on.
    String shown() {
        return terminated() && phase().equals("Successful") ? "Terminated" : phase();
    }

    /// How many measurements ended in which way, over all metrics: `✔ 1,⚠ 4`.
    String counts(Style style) {
        var counts = new ArrayList<String>();
        count(counts, "successful", style.icon("✔", "ok"));
        count(counts, "failed", style.icon("✖", "x"));
        count(counts, "inconclusive", "?");
        count(counts, "error", style.icon("⚠", "!"));
        return String.join(",", counts);
    }

    private void count(List<String> counts, String name, String sign) {
        var metrics = source.at("status", "metricResults").items();
        // The summary counts metrics: one that came to a good end hides what went wrong on the way.
        int number = metrics.isEmpty()
                ? source.at("status", "runSummary", name).integer(0)
                : metrics.stream()
                        .mapToInt(metric -> metric.at(name).integer(0))
                        .sum();
        if (number > 0) counts.add(sign + " " + number);
    }

    /// Why the measurement that ended last is no good one: `metric errors: cannot connect: refused`.
    Optional<String> trouble() {
        return source.at("status", "metricResults").items().stream()
                .flatMap(metric -> last(metric).stream()
                        .filter(measured -> !measured.at("message").string("").isBlank())
                        .map(measured -> new Said(
                                measured.at("finishedAt").string(""),
                                "metric " + metric.at("name").string("") + ": "
                                        + measured.at("message").string(""))))
                .max(Comparator.comparing(Said::at))
                .map(said -> Brief.of(said.text(), LONGEST));
    }

    private record Said(String at, String text) {}

    /// The last that has ended; good ones have nothing to say.
    private static Optional<Json> last(Json metric) {
        return metric.at("measurements").items().reversed().stream()
                .filter(measured -> !measured.at("finishedAt").string("").isEmpty())
                .findFirst()
                .filter(measured -> !measured.at("phase").string("").equals("Successful"));
    }

    /// Counts and words, as they stand in the tree.
    String text(Style style) {
        var words = new ArrayList<String>();
        var verdict = source.at("status", "message").string("").strip();
        if (!verdict.isEmpty()) words.add(verdict);
        // The verdict of a run that has ended quotes it.
        if (verdict.isEmpty() || terminated()) trouble().ifPresent(words::add);
        var counts = counts(style);
        var said = View.plain(Brief.of(String.join("; ", words), BRIEF), style);
        return counts + (counts.isEmpty() || said.isEmpty() ? "" : "  ") + said;
    }

    /// The sentence of a Rollout with what its running checks suffer from.
    static Headline cause(Headline headline, Rollout rollout, List<Check> checks) {
        if (rollout.status().invalid().isPresent()) return headline;
        return checks.stream()
                .filter(Check::running)
                .flatMap(check -> check.trouble().stream())
                .findFirst()
                .map(headline::besides)
                .orElse(headline);
    }
}
