package dev.sluice.app.rollout;

import dev.sluice.app.Screen;
import dev.sluice.app.Style;
import dev.sluice.app.Style.Tone;
import dev.sluice.app.Table;
import dev.sluice.app.Words;
import dev.sluice.format.HumanDuration;
import dev.sluice.rollout.Headline;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What `get` shows of a Rollout, in our own form and in that of Argo's plugin.
final class View {
    private static final int BAR = 40;
    private static final int SHORTEST_BAR = 10;
    private static final int WIDTH = 80;
    private static final String INDENT = " ".repeat(10);

    private View() {}

    /// @param columns of whoever looks; as many as there may be where nobody knows
    static String ours(Report report, Style style, int columns) {
        int width = Math.min(WIDTH, columns);
        var out = new StringBuilder();
        out.append(report.name())
                .append("   ")
                .append(report.rollout().namespace())
                .append("   ")
                .append(report.strategy())
                .append(revisions(report))
                .append('\n');
        out.append(Screen.wrap(headline(report.rollout(), report.headline(), style), columns, ""))
                .append("\n\n");
        if (report.problems().isEmpty()) {
            traffic(report, style, width, out);
            steps(report, style)
                    .ifPresent(steps ->
                            out.append(Screen.wrap(steps, columns, INDENT)).append('\n'));
        } else {
            // Of steps that are wrong nothing can be drawn that would not be a guess.
            lines("Problems", report.problems(), style, width, out);
        }
        var status = report.rollout().status();
        var pods = "Pods      desired %d   current %d   updated %d   ready %d   available %d"
                .formatted(
                        report.rollout().replicas(),
                        status.replicas(),
                        report.updated(),
                        status.readyReplicas(),
                        status.availableReplicas());
        out.append(Screen.wrap(pods, columns, INDENT)).append('\n');
        var troubles = report.troubles().stream()
                .filter(trouble -> !trouble.passing())
                .map(Trouble::toString)
                .toList();
        lines("Not ready", troubles, style, width, out);
        lines("Note", report.notes(), style, width, out);
        out.append("Images    ").append(images(report, INDENT)).append('\n');
        out.append('\n').append(Tree.text(report, style));
        return out.toString();
    }

    /// The sentence with what can be done behind it, painted by the phase.
    static String headline(Rollout rollout, Headline headline, Style style) {
        var tone = Icon.ofPhase(Headline.phase(rollout).phase()).tone();
        var acts = headline.acts().isEmpty()
                ? ""
                : " " + style.icon("→", "->") + " " + String.join(" | ", headline.acts());
        return style.paint(tone, plain(headline.sentence(), style)) + acts;
    }

    /// Without characters that `--ascii` forbids.
    static String plain(String text, Style style) {
        return style.ascii() ? Style.letters(text) : text;
    }

    private static String revisions(Report report) {
        var stable = report.revisions().stream()
                .filter(r -> r.set().hash().equals(report.rollout().status().stableRS()))
                .findFirst();
        var newest = report.revisions().stream().findFirst();
        if (newest.isEmpty()) return "";
        if (report.rollout().kind() == Rollout.Kind.DEPLOYMENT_CANARY) {
            var names = report.revisions().stream().map(r -> r.set().name()).toList();
            return "   " + (report.over() ? names.getFirst() : String.join(" over ", names));
        }
        var text = "   revision " + newest.get().set().revision();
        return stable.filter(s -> s.set().revision() != newest.get().set().revision())
                .map(s -> text + " over " + s.set().revision())
                .orElse(text);
    }

    /// A label and what belongs to it, each entry on a line of its own, broken where the terminal would.
    private static void lines(String label, List<String> entries, Style style, int width, StringBuilder out) {
        var head = (label + INDENT).substring(0, INDENT.length());
        for (var entry : entries) {
            var line = new StringBuilder(head);
            boolean fresh = true;
            for (var word : plain(entry, style).split("\\s+", -1)) {
                if (!fresh && line.length() + 1 + word.length() > width) {
                    out.append(line).append('\n');
                    line.setLength(0);
                    line.append(INDENT).append("  ");
                    fresh = true;
                }
                if (!fresh) line.append(' ');
                line.append(word);
                fresh = false;
            }
            out.append(line).append('\n');
            head = INDENT;
        }
    }

    /// How the traffic is divided, with a word for each end of the bar.
    private static void traffic(Report report, Style style, int width, StringBuilder out) {
        var asked = Headline.askedWeight(report.rollout());
        var actual = report.actualWeight();
        if (asked.isEmpty() || actual.isEmpty()) return;
        boolean one = report.rollout().status().fullyPromoted() && actual.get() == 100;
        // A bar would be taken for something that was seen.
        var none = report.down()
                ? "no pod is available"
                : report.entry().orElse(true) ? "" : "no Service selects its pods";
        if (!none.isEmpty()) {
            out.append("Traffic   asked %d   actual %s   %s%n".formatted(asked.get(), style.icon("–", "-"), none));
            return;
        }
        var by = report.weightBy().equals("pods") ? " by pods" : "";
        var others = report.others();
        var rest = others.stream()
                .map(other -> "   revision %d: %d".formatted(other.revision(), other.weight()))
                .collect(Collectors.joining());
        var numbers = one ? "100 %" + by : "asked %d   actual %d%s%s".formatted(asked.get(), actual.get(), by, rest);
        var ends = one ? List.of("stable ", "") : List.of("stable ", " canary");
        int ready = width
                - INDENT.length()
                - ends.getFirst().length()
                - ends.getLast().length();
        // Where both do not fit beside each other, the numbers go below.
        boolean beside = ready - 3 - numbers.length() >= SHORTEST_BAR;
        int room = beside ? ready - 3 - numbers.length() : ready;
        int bar = Math.clamp(room, SHORTEST_BAR, BAR);
        int canary = one ? 0 : Math.min(bar, Math.round(actual.get() * bar / 100f));
        // However small a share is, it is not none.
        if (!one && actual.get() > 0 && canary == 0) canary = 1;
        if (!one && actual.get() < 100 && canary == bar) canary = bar - 1;
        int other = others.stream().mapToInt(Report.Other::weight).sum();
        int between = other == 0 ? 0 : Math.clamp(Math.round(other * bar / 100f), 1, bar - canary);
        out.append("Traffic   ")
                .append(ends.getFirst())
                .append(style.paint(Tone.QUIET, style.icon("█", "#").repeat(bar - canary - between)))
                .append(style.paint(Tone.BAD, style.icon("▒", "=").repeat(between)))
                .append(style.paint(Tone.BUSY, style.icon("░", "+").repeat(canary)))
                .append(ends.getLast())
                .append(beside ? "   " : "\n" + INDENT)
                .append(numbers)
                .append('\n');
    }

    private static Optional<String> steps(Report report, Style style) {
        var steps = report.steps();
        if (steps.isEmpty()) return Optional.empty();
        int at = report.rollout().status().currentStepIndex().orElse(0);
        boolean aborted = report.rollout().status().abort();
        var parts = new ArrayList<String>();
        for (int i = 0; i < steps.size(); i++) {
            var text = text(steps.get(i));
            if (aborted) parts.add(style.icon("· ", ". ") + text);
            else if (i < at) parts.add(style.paint(Tone.GOOD, style.icon("✔ ", "+ ") + text));
            else if (i == at) parts.add(style.paint(Tone.STRONG, style.icon("▶ ", "> ") + text));
            else parts.add(style.icon("· ", ". ") + text);
        }
        return Optional.of("Steps     " + String.join("  ", parts));
    }

    private static String text(Step step) {
        return switch (step) {
            case Step.SetWeight(var weight) -> weight + " %";
            case Step.Pause(var limit) ->
                limit.map(l -> "pause " + HumanDuration.text(l)).orElse("pause");
            case Step.Analyse(var analysis) ->
                "check " + analysis.templates().stream().map(t -> t.name()).collect(Collectors.joining("+"));
            case Step.SetCanaryScale _,
                    Step.RunExperiment _,
                    Step.SetHeaderRoute _,
                    Step.SetMirrorRoute _,
                    Step.RunPlugin _ -> step.text();
        };
    }

    private static String images(Report report, String indent) {
        var lines = new ArrayList<String>();
        report.images()
                .forEach((image, roles) ->
                        lines.add(roles.isEmpty() ? image : image + " (" + String.join(", ", roles) + ")"));
        return String.join("\n" + indent, lines);
    }

    /// The header of Argo's plugin, and the tree.
    static String argo(Report report, Style style) {
        var out = new StringBuilder();
        var rollout = report.rollout();
        var status = rollout.status();
        var phase = report.phase();
        field(out, "Name:", report.name());
        field(out, "Namespace:", rollout.namespace());
        var icon = Icon.ofPhase(phase.phase());
        field(out, "Status:", style.paint(icon.tone(), icon.with(style, phase.phase())));
        if (!phase.message().isEmpty()) field(out, "Message:", phase.message());
        field(out, "Strategy:", report.strategy());
        if (report.strategy().equals("Canary")) {
            report.step().ifPresent(step -> field(out, "  Step:", step));
            Headline.askedWeight(rollout).ifPresent(weight -> field(out, "  SetWeight:", weight));
            report.actualWeight().ifPresent(weight -> field(out, "  ActualWeight:", weight));
        }
        if (!report.images().isEmpty()) field(out, "Images:", images(report, " ".repeat(17)));
        field(out, "Replicas:", "");
        field(out, "  Desired:", rollout.replicas());
        field(out, "  Current:", status.replicas());
        field(out, "  Updated:", status.updatedReplicas());
        field(out, "  Ready:", status.readyReplicas());
        field(out, "  Available:", status.availableReplicas());
        return out.append('\n').append(Tree.text(report, style)).toString();
    }

    private static void field(StringBuilder out, String label, Object value) {
        out.append((label + " ".repeat(17)).substring(0, 17).stripTrailing());
        var text = String.valueOf(value);
        if (!text.isEmpty()) {
            out.append(" ".repeat(17 - label.length())).append(text);
        }
        out.append('\n');
    }

    /// The rows of `list` in our form.
    ///
    /// @param columns of whoever looks
    static String list(List<Report> reports, boolean namespaces, boolean wide, Style style, int columns) {
        var table = new Table();
        var head = new ArrayList<Object>();
        if (namespaces) head.add("NAMESPACE");
        head.addAll(List.of("NAME", "STRATEGY", "STEP", "WEIGHT", "PODS", "PHASE"));
        if (wide) head.addAll(List.of("REVISION", "IMAGES"));
        head.add("HEADLINE");
        table.row(head.toArray());
        for (var report : reports) {
            var rollout = report.rollout();
            var row = new ArrayList<Object>();
            if (namespaces) row.add(rollout.namespace());
            var phase = report.phase().phase();
            var none = style.icon("–", "-");
            row.add(Words.typed(rollout));
            row.add(report.strategy());
            row.add(report.step().orElse(none));
            row.add(Headline.askedWeight(rollout)
                    .filter(_ -> report.problems().isEmpty())
                    .map(String::valueOf)
                    .orElse(none));
            row.add(rollout.status().availableReplicas() + "/" + rollout.replicas());
            row.add(Icon.ofPhase(phase).cell(style, phase));
            if (wide) {
                row.add(rollout.revision());
                row.add(String.join(",", report.images().keySet()));
            }
            var headline = report.headline();
            row.add(plain(
                    phase.equals("Healthy") ? headline.why() : lower(headline.state()) + ": " + headline.brief(),
                    style));
            table.row(row.toArray());
        }
        return table.text(style, columns);
    }

    private static String lower(String state) {
        return state.isEmpty() ? state : Character.toLowerCase(state.charAt(0)) + state.substring(1);
    }

    /// The rows of `list` as Argo's plugin has them.
    static String argoList(List<Report> reports, boolean namespaces, Style style) {
        var table = new Table();
        var head = new ArrayList<Object>();
        if (namespaces) head.add("NAMESPACE");
        head.addAll(List.of(
                "NAME", "STRATEGY", "STATUS", "STEP", "SET-WEIGHT", "READY", "DESIRED", "UP-TO-DATE", "AVAILABLE"));
        table.row(head.toArray());
        for (var report : reports) {
            var rollout = report.rollout();
            var status = rollout.status();
            var row = new ArrayList<Object>();
            if (namespaces) row.add(rollout.namespace());
            row.add(rollout.name());
            row.add(report.strategy());
            row.add(report.phase().phase());
            row.add(report.step().orElse("-"));
            row.add(Headline.askedWeight(rollout).map(String::valueOf).orElse("-"));
            row.add(status.readyReplicas() + "/" + rollout.replicas());
            row.add(rollout.replicas());
            row.add(status.updatedReplicas());
            row.add(status.availableReplicas());
            table.row(row.toArray());
        }
        return table.text(style);
    }
}
