package dev.sluice.app.rollout;

import dev.sluice.app.Api;
import dev.sluice.app.Exit;
import dev.sluice.app.Look;
import dev.sluice.app.OutputOption;
import dev.sluice.app.Screen;
import dev.sluice.app.SluiceCommand;
import dev.sluice.app.Words;
import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Names;
import dev.sluice.rollout.Rollout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice list`: every Rollout and DeploymentCanary of a namespace or of all, one line each, its sentence last.
@Command(name = "list", description = "Show the rollouts and deployment canaries of a namespace, or with -A of all.")
public final class ListCommand extends SluiceCommand {
    private static final int MOST_WARNINGS = 5;
    private static final String NONE = "No resources found.";

    @Parameters(
            arity = "0..1",
            paramLabel = "KIND",
            description = "rollouts or deploymentcanaries; both where it is left out.")
    @Nullable
    String kind;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "Of every namespace.")
    boolean everywhere;

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "LABELS",
            description = "Only those with these labels, such as app=web,tier!=db.")
    String selector = "";

    @Option(names = "--name", paramLabel = "NAME", description = "Only this one.")
    String name = "";

    @Option(
            names = {"-w", "--watch"},
            description = "Show again on each change.")
    boolean watch;

    @Mixin
    OutputOption output = new OutputOption();

    @Mixin
    CompatOption compat = new CompatOption();

    private List<String> warned = List.of();

    @Override
    protected Exit run() throws Exception {
        var wanted = kind == null ? List.of(Rollout.Kind.values()) : List.of(Words.kinds(kind));
        // Argo's plugin knows Rollouts only.
        var kinds = compat.argo() && kind == null ? List.of(Rollout.Kind.ROLLOUT) : wanted;
        try {
            LabelSelector.parse(selector);
        } catch (IllegalArgumentException wrong) {
            throw Words.usage("-l: " + wrong.getMessage()).failure();
        }
        try (var session = connect()) {
            var api = new Api(session.gateway());
            Optional<String> place = everywhere ? Optional.empty() : Optional.of(session.namespace());
            var selections = kinds.stream()
                    .map(Names::type)
                    // Where nobody asked for it by name, a kind that is not there has no objects.
                    .filter(type -> kinds.size() == 1
                            || type.equals(ResourceType.ROLLOUTS)
                            || listed(Look.at(api.gateway(), type, place), type))
                    .map(type -> new Selection(type, place, selector))
                    .toList();
            boolean drawn = watch && terminal().redraws();
            var screen = drawn ? Optional.of(Screen.of(terminal())) : Optional.<Screen>empty();
            var first = reports(api, selections);
            print(first, screen);
            if (first.isEmpty() && !drawn && place.filter(api::lacks).isPresent()) {
                terminal()
                        .err()
                        .println("note: there is no namespace " + place.get()
                                + "; sluice list -A shows the rollouts of all");
            }
            if (!watch) return Exit.DONE;
            try (var follow = new Follow(api, selections)) {
                // As of a pipe into head: nobody reads any more.
                while (!terminal().out().checkError()) {
                    follow.await(Duration.ofMinutes(1));
                    print(reports(api, selections), screen);
                }
                return Exit.DONE;
            }
        }
    }

    private boolean listed(Look look, ResourceType type) {
        return switch (look) {
            // Where the answer was lost, the list asks again and says what is the matter.
            case Look.Given _, Look.Unclear _ -> true;
            case Look.Absent _ -> false;
            case Look.Forbidden(var message) -> {
                terminal()
                        .err()
                        .println("note: " + type.plural() + " may not be read, so none are listed (" + message + ")");
                yield false;
            }
        };
    }

    private List<Report> reports(Api api, List<Selection> selections) {
        var now = root().world().clock().instant();
        return selections.stream()
                .flatMap(selection -> api.list(selection).stream())
                .map(source -> Report.of(source, now))
                .filter(report -> name.isEmpty() || report.name().equals(name))
                .sorted(Comparator.comparing((Report report) -> report.rollout().namespace())
                        .thenComparing(Report::name))
                .toList();
    }

    private void print(List<Report> reports, Optional<Screen> screen) {
        var documents = new ArrayList<Json>();
        reports.forEach(report -> documents.add(report.document()));
        var list = Json.obj("apiVersion", OutputOption.API, "kind", "RolloutReportList", "items", documents);
        if (output.structured(terminal(), list)) return;
        var out = terminal().out();
        if (output.form() == OutputOption.Form.NAME) {
            reports.forEach(report -> out.println(Report.typedName(report.rollout())));
        } else if (screen.isPresent()) {
            // One picture, and nothing beside it that would shift it.
            var warnings = String.join("\n", warnings(reports));
            screen.get().draw((reports.isEmpty() ? NONE + "\n" : table(reports)) + warnings);
            return;
        } else if (reports.isEmpty()) {
            terminal().err().println(NONE);
            return;
        } else {
            out.print(table(reports));
        }
        out.flush();
        var warnings = warnings(reports);
        if (!warnings.equals(warned)) warnings.forEach(terminal().err()::println);
        warned = warnings;
    }

    private String table(List<Report> reports) {
        int columns = terminal().interactive() ? Screen.of(terminal()).columns() : Integer.MAX_VALUE;
        return compat.argo()
                ? View.argoList(reports, everywhere, style())
                : View.list(reports, everywhere, output.wide(), style(), columns);
    }

    /// As many as leave the table in sight.
    private static List<String> warnings(List<Report> reports) {
        var all = reports.stream()
                .flatMap(report -> report.warning().stream())
                .map(text -> "warning: " + text)
                .toList();
        if (all.size() <= MOST_WARNINGS) return all;
        var first = new ArrayList<>(all.subList(0, MOST_WARNINGS));
        first.add("warning: and %d more; -o json has them all".formatted(all.size() - MOST_WARNINGS));
        return first;
    }
}
