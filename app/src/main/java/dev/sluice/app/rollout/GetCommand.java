package dev.sluice.app.rollout;

import dev.sluice.app.Api;
import dev.sluice.app.Clusters;
import dev.sluice.app.Complaint;
import dev.sluice.app.Exit;
import dev.sluice.app.OutputOption;
import dev.sluice.app.Screen;
import dev.sluice.app.Words;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.kube.rollout.Names;
import dev.sluice.rollout.Rollout;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sluice get`: one Rollout, its sentence, its steps and the tree of what it owns.
@Command(name = "get", description = "Show a rollout with its revisions, pods and analyses.")
public final class GetCommand extends RolloutCommand {
    private static final Duration REDRAW = Duration.ofSeconds(10);

    @Mixin
    OutputOption output = new OutputOption();

    @Mixin
    CompatOption compat = new CompatOption();

    @Option(
            names = {"-w", "--watch"},
            description = "Redraw on each change, until Ctrl-C, --until, --timeout, or it is gone.")
    boolean watch;

    @Option(
            names = "--until",
            paramLabel = "GOALS",
            description = "With -w: end at healthy, paused, degraded, step=N or weight=N, and at what excludes it.")
    @Nullable
    String until;

    @Option(names = "--timeout", paramLabel = "TIME", description = "With -w: end after this time (default: never).")
    @Nullable
    String timeout;

    @Override
    Exit run(Clusters.Session session, Api api, String namespace, String name) throws Exception {
        if (!watch) {
            print(Report.read(api, namespace, name, now()), terminal().out()::print);
            return Exit.DONE;
        }
        var goal = Optional.ofNullable(until).map(Until::parse);
        var limit = Words.duration("--timeout", timeout, Duration.ofDays(3650));
        var begun = now();
        var selections = List.of(
                Selection.in(Names.type(api.kind()), namespace),
                Selection.in(sides(api.kind()), namespace).labelled(label(api.kind())),
                Selection.in(ResourceType.PODS, namespace).labelled(label(api.kind())));
        try (var follow = new Follow(api, selections)) {
            Consumer<String> draw = terminal().redraws()
                    ? Screen.of(terminal())::draw
                    : terminal().out()::print;
            var report = Report.read(api, namespace, name, now());
            if (goal.isPresent()) goal.get().check(report.rollout());
            while (true) {
                print(report, draw);
                // As of a pipe into head: nobody reads any more.
                if (terminal().out().checkError()) return Exit.DONE;
                var rollout = report.rollout();
                var end = goal.flatMap(wanted -> wanted.end(rollout));
                if (end.equals(Optional.of(Exit.IDLE)))
                    throw StatusCommand.idle(rollout, report.headline()).failure();
                if (end.isPresent()) return end.get();
                var left = limit.minus(Duration.between(begun, now()));
                if (!left.isPositive()) {
                    // Who waits for nothing has seen enough; who waits for something has not got it.
                    if (goal.isEmpty()) return Exit.DONE;
                    throw StatusCommand.late(rollout, report.headline(), limit).failure();
                }
                follow.await(left.compareTo(REDRAW) < 0 ? left : REDRAW);
                report = again(api, rollout);
            }
        }
    }

    /// @throws Complaint.Failure when it is gone
    private Report again(Api api, Rollout before) {
        try {
            return Report.read(api, before.namespace(), before.name(), now());
        } catch (Complaint.Failure failure) {
            if (failure.complaint().exit() != Exit.NOT_FOUND) throw failure;
            throw Complaint.of(
                            Exit.NOT_FOUND,
                            "SLU-A002",
                            "%s %s/%s is gone".formatted(Words.kind(before), before.namespace(), before.name()))
                    .because("it was deleted while it was watched")
                    .failure();
        }
    }

    @Override
    void check() {
        if (!watch && (until != null || timeout != null)) {
            throw Words.usage(
                            (until != null ? "--until" : "--timeout") + " needs --watch",
                            "sluice get NAME -w --until paused",
                            "sluice status NAME --until paused     waits without drawing")
                    .failure();
        }
    }

    private static ResourceType sides(Rollout.Kind kind) {
        return switch (kind) {
            case ROLLOUT -> ResourceType.REPLICA_SETS;
            case DEPLOYMENT_CANARY -> ResourceType.DEPLOYMENTS;
        };
    }

    private static String label(Rollout.Kind kind) {
        return switch (kind) {
            case ROLLOUT -> Names.HASH;
            case DEPLOYMENT_CANARY -> "";
        };
    }

    private void print(Report report, Consumer<String> draw) {
        int columns = terminal().interactive() ? Screen.of(terminal()).columns() : Integer.MAX_VALUE;
        if (output.structured(terminal(), report.document())) return;
        if (output.form() == OutputOption.Form.NAME) {
            terminal().out().println(Report.typedName(report.rollout()));
            return;
        }
        draw.accept(compat.argo() ? View.argo(report, style()) : View.ours(report, style(), columns));
        terminal().out().flush();
    }
}
