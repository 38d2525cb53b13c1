package dev.sluice.app.explain;

import dev.sluice.explain.Finding;
import dev.sluice.explain.Hop;
import dev.sluice.explain.Level;
import dev.sluice.explain.TrafficExplanation;
import dev.sluice.json.Json;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The way of a request, as text and as JSON.
///
/// @param invalid what is wrong with the spec of the subject, where something is
/// @param notes what else should be known of the subject
/// @param ascii letters instead of icons
public record TrafficReport(
        TrafficExplanation explanation, Optional<String> invalid, List<String> notes, boolean ascii) {
    public TrafficReport {
        notes = List.copyOf(notes);
    }

    private static final String API = "cli.sluice.dev/v1";
    private static final int WIDEST = 34;

    /// Hops, causes with their remedies, and what came of it; ends with a line break.
    public String text() {
        var text = new StringBuilder();
        invalid.ifPresent(problem -> text.append("note  the spec is invalid, so no controller acts on it: ")
                .append(problem)
                .append("\n      this is how requests flow all the same\n\n"));
        for (var note : notes) text.append("note  ").append(note).append('\n');
        if (!notes.isEmpty()) text.append('\n');
        int width = explanation.hops().stream()
                .mapToInt(hop -> hop.where().length())
                .filter(length -> length <= WIDEST)
                .max()
                .orElse(1);
        int number = 1;
        for (var hop : explanation.hops()) {
            text.append("%d %s ".formatted(number++, icon(hop.level())));
            text.append(("%-" + width + "s  ").formatted(hop.where())).append(hop.text());
            hop.code().ifPresent(code -> text.append("  ").append(code));
            text.append('\n');
        }
        for (var finding : explanation.findings()) {
            text.append('\n')
                    .append("%s  %s: %s\n"
                            .formatted(
                                    finding.code(),
                                    finding.where(),
                                    finding.cause().title()))
                    .append("          seen  ")
                    .append(finding.evidence())
                    .append('\n')
                    .append("          do    ")
                    .append(finding.remedy())
                    .append('\n');
        }
        return text.append('\n').append(result()).append('\n').toString();
    }

    private String result() {
        var asked = explanation
                .asked()
                .map(share -> "asked " + percent(share) + ", ")
                .orElse("");
        return "Result: %scan reach %s: %s.%s"
                .formatted(
                        asked,
                        explanation.newest(),
                        percent(explanation.reach()),
                        explanation.findings().isEmpty() ? " Nothing is in the way." : "");
    }

    private static String percent(double share) {
        return (share == Math.rint(share) ? "%.0f %%" : "%.1f %%").formatted(share);
    }

    private String icon(Level level) {
        return switch (level) {
            case OK -> ascii ? "ok" : "✔";
            case NOTE -> ascii ? "--" : "•";
            case WARN -> ascii ? "!!" : "!";
            case BAD -> ascii ? "xx" : "✖";
        };
    }

    /// Everything that the text says. Fields are only ever added.
    public Json.Obj json() {
        var document = Json.obj(
                "apiVersion",
                API,
                "kind",
                "TrafficExplanation",
                "subject",
                explanation.subject(),
                "newest",
                explanation.newest(),
                "reachPercent",
                explanation.reach(),
                "faulty",
                explanation.faulty(),
                "hops",
                explanation.hops().stream().map(TrafficReport::json).toList(),
                "findings",
                explanation.findings().stream().map(TrafficReport::json).toList());
        var asked = explanation
                .asked()
                .map(percent -> document.with("askedPercent", percent))
                .orElse(document);
        var noted = notes.isEmpty() ? asked : asked.with("notes", notes);
        return invalid.map(problem -> noted.with("invalid", problem)).orElse(noted);
    }

    private static Json json(Hop hop) {
        var document = Json.obj("level", level(hop.level()), "where", hop.where(), "text", hop.text());
        return hop.code().map(code -> document.with("code", code)).orElse(document);
    }

    private static Json json(Finding finding) {
        return Json.obj(
                "code",
                finding.code(),
                "level",
                level(finding.level()),
                "title",
                finding.cause().title(),
                "where",
                finding.where(),
                "evidence",
                finding.evidence(),
                "remedy",
                finding.remedy());
    }

    private static String level(Level level) {
        return level.name().toLowerCase(Locale.ROOT);
    }
}
