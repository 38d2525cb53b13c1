package dev.sluice.app.rollout;

import dev.sluice.app.Api;
import dev.sluice.app.Exit;
import dev.sluice.app.OutputOption;
import dev.sluice.app.SluiceCommand;
import dev.sluice.app.Words;
import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Names;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice list`: every Rollout of a namespace or of all, one line each, its sentence last.
@Command(name = "list", description = "Show the rollouts of a namespace, or with -A of all.")
public final class ListCommand extends SluiceCommand {
    @Parameters(arity = "0..1", paramLabel = "rollouts", description = "What to list: rollouts, or deploymentcanaries.")
    String kind = "rollouts";

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
            description = "Print again on each change.")
    boolean watch;

    @Mixin
    OutputOption output = new OutputOption();

    @Mixin
    CompatOption compat = new CompatOption();

    @Override
    protected Exit run() throws Exception {
        var type = Names.type(Words.kinds(kind));
        try {
            LabelSelector.parse(selector);
        } catch (IllegalArgumentException wrong) {
            throw Words.usage("-l: " + wrong.getMessage()).failure();
        }
        try (var session = connect()) {
            var api = new Api(session.gateway());
            var selection =
                    new Selection(type, everywhere ? Optional.empty() : Optional.of(session.namespace()), selector);
            print(reports(api, selection));
            if (!watch) return Exit.DONE;
            try (var follow = new Follow(api, List.of(selection))) {
                while (true) {
                    follow.await(Duration.ofMinutes(1));
                    print(reports(api, selection));
                }
            }
        }
    }

    private List<Report> reports(Api api, Selection selection) {
        var now = root().world().clock().instant();
        return api.list(selection).stream()
                .map(source -> Report.of(source, now))
                .filter(report -> name.isEmpty() || report.name().equals(name))
                .sorted(Comparator.comparing((Report report) -> report.rollout().namespace())
                        .thenComparing(Report::name))
                .toList();
    }

    private void print(List<Report> reports) {
        var documents = new ArrayList<Json>();
        reports.forEach(report -> documents.add(report.document()));
        var list = Json.obj("apiVersion", OutputOption.API, "kind", "RolloutReportList", "items", documents);
        if (output.structured(terminal(), list)) return;
        if (reports.isEmpty()) {
            terminal().err().println("No resources found.");
            return;
        }
        var out = terminal().out();
        if (output.form() == OutputOption.Form.NAME) {
            reports.forEach(report -> out.println(Report.typedName(report.rollout())));
        } else if (compat.argo()) {
            out.print(View.argoList(reports, everywhere, style()));
        } else {
            out.print(View.list(reports, everywhere, output.wide(), style()));
        }
        out.flush();
    }
}
