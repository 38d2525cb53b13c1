package dev.sluice.app.rollout;

import dev.sluice.app.Api;
import dev.sluice.app.Clusters;
import dev.sluice.app.Complaint;
import dev.sluice.app.Exit;
import dev.sluice.app.OutputOption;
import dev.sluice.app.Words;
import dev.sluice.cluster.Selection;
import dev.sluice.format.GoDuration;
import dev.sluice.kube.rollout.Names;
import dev.sluice.rollout.Headline;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.UserAct;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sluice status`: waits until a Rollout is where it shall be, and says by the exit code how it went. For pipelines.
///
/// A status of an older generation is no answer, so that the failure of the release before does not end the wait for
/// this one.
@Command(
        name = "status",
        description = "Wait for a rollout to become healthy, or for --until.",
        exitCodeListHeading = "%nEnds with:%n",
        exitCodeList = {
            "0:it is healthy, or where --until asks for",
            "3:it is degraded, or was rolled back",
            "4:--timeout has passed",
            "5:it is paused and waits for a person",
            "7:it is not there, or may not be read",
            "9:nothing is under way that could lead to --until",
            "1, 2:something else went wrong, or was typed wrong"
        })
public final class StatusCommand extends RolloutCommand {
    private static final Duration LONGEST = Duration.ofDays(3650);

    @Mixin
    OutputOption output = new OutputOption();

    @Mixin
    CompatOption compat = new CompatOption();

    @Option(
            names = {"-w", "--watch"},
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Wait for an end; --watch=false says how it is now.")
    boolean watch = true;

    @Option(names = "--until", paramLabel = "GOALS", description = "healthy, paused, degraded, step=N, weight=N.")
    @Nullable
    String until;

    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "TIME",
            description = "Give up after this time, such as 15m (default: never).")
    @Nullable
    String timeout;

    private String last = "";

    @Override
    Exit run(Clusters.Session session, Api api, String namespace, String name) throws Exception {
        var goal = until == null ? Until.HEALTHY : Until.parse(until);
        var limit = Words.duration("--timeout", timeout, Duration.ZERO);
        if (limit.isZero()) limit = LONGEST;
        var source = api.rollout(namespace, name);
        goal.check(Report.decode(source));
        var report = Report.of(source, now());
        // On stderr: stdout is for what a pipeline waits for.
        report.warning().ifPresent(text -> terminal().err().println("warning: " + text));
        var first = tell(report, goal);
        if (!watch) return once(api, goal, first);
        var end = goal.end(first);
        if (end.isPresent()) return ended(api, first, end.get());
        var begun = now();
        try (var follow = new Follow(api, List.of(Selection.in(Names.type(api.kind()), namespace)))) {
            while (true) {
                var rollout = tell(Report.of(api.rollout(namespace, name), now()), goal);
                end = goal.end(rollout);
                if (end.isPresent()) return ended(api, rollout, end.get());
                var left = limit.minus(Duration.between(begun, now()));
                if (!left.isPositive())
                    throw late(rollout, headline(api, rollout), limit).failure();
                follow.await(left);
            }
        }
    }

    private Exit once(Api api, Until goal, Rollout rollout) {
        var end = goal.end(rollout);
        if (end.isPresent() && (end.get() != Exit.WAITING || until != null)) return ended(api, rollout, end.get());
        return until == null ? Exit.DONE : Exit.TIMEOUT;
    }

    /// Prints what is new.
    private Rollout tell(Report report, Until goal) {
        var phase = report.phase();
        var words = compat.argo()
                ? phase.phase() + (phase.message().isEmpty() ? "" : " - " + phase.message())
                : View.plain(report.headline().state() + state(report, goal), style());
        if (words.equals(last)) return report.rollout();
        last = words;
        if (!output.structured(terminal(), report.document())) terminal().out().println(words);
        terminal().out().flush();
        return report.rollout();
    }

    /// The reason without what changes by the second, which would make each look a change. Where it is degraded,
    /// the complaint that follows has it.
    private static String state(Report report, Until goal) {
        var phase = report.phase();
        if (goal.end(report.rollout()).equals(Optional.of(Exit.DEGRADED))) return " – " + phase.phase();
        return phase.message().isEmpty() ? "" : " – " + phase.phase() + ": " + phase.message();
    }

    private Exit ended(Api api, Rollout rollout, Exit end) {
        return switch (end) {
            case DEGRADED ->
                throw Complaint.of(
                                Exit.DEGRADED,
                                "SLU-A009",
                                "%s %s/%s is degraded"
                                        .formatted(Words.kind(rollout), rollout.namespace(), rollout.name()))
                        .because(reasons(api, rollout))
                        .remedy(acts(rollout))
                        .failure();
            case WAITING ->
                throw Complaint.of(
                                Exit.WAITING,
                                "SLU-A010",
                                "%s %s/%s waits for a person"
                                        .formatted(Words.kind(rollout), rollout.namespace(), rollout.name()))
                        .because(headline(api, rollout).sentence())
                        .remedy(acts(rollout))
                        .failure();
            case IDLE -> throw idle(rollout, headline(api, rollout)).failure();
            case DONE, FAILED, USAGE, TIMEOUT, REFUSED, NOT_FOUND, FINDINGS, INTERRUPTED -> end;
        };
    }

    /// Of several problems each on a line of its own, else the controller's whole message where the sentence has
    /// not all of it.
    private List<String> reasons(Api api, Rollout rollout) {
        var sentence = headline(api, rollout).sentence();
        if (rollout.status().invalid().isEmpty()) {
            return Headline.tells(sentence, rollout.status())
                    ? List.of(sentence)
                    : List.of(sentence, rollout.status().message());
        }
        var problems = Report.of(api.rollout(rollout.namespace(), rollout.name()), now())
                .problems();
        boolean told = problems.size() == 1 && sentence.contains(problems.getFirst());
        return Stream.concat(Stream.of(sentence), told ? Stream.of() : problems.stream())
                .toList();
    }

    private List<String> acts(Rollout rollout) {
        var kind = Words.kind(rollout);
        return Headline.of(rollout, now()).acts().stream()
                .flatMap(act -> act.equals(Headline.CORRECT)
                        ? Stream.of("correct the " + kind + " and apply it again")
                        // "wait" is advice, not a command.
                        : UserAct.named(act).isPresent()
                                ? Stream.of("sluice " + act + " " + Words.typed(rollout))
                                : Stream.of())
                .toList();
    }

    /// The sentence with what its pods say, where they can be read.
    private Headline headline(Api api, Rollout rollout) {
        try {
            return Report.read(api, rollout.namespace(), rollout.name(), now()).headline();
        } catch (Complaint.Failure unreadable) {
            return Headline.of(rollout, now());
        }
    }

    static Complaint idle(Rollout rollout, Headline headline) {
        return Complaint.of(
                        Exit.IDLE,
                        "SLU-A014",
                        "%s %s/%s does not get there: nothing is under way"
                                .formatted(Words.kind(rollout), rollout.namespace(), rollout.name()))
                .because(headline.sentence())
                .remedy("begin an update first: kubectl apply, or sluice set image " + Words.typed(rollout) + " …");
    }

    static Complaint late(Rollout rollout, Headline headline, Duration limit) {
        return Complaint.of(
                        Exit.TIMEOUT,
                        "SLU-A008",
                        "%s %s/%s did not get there within %s"
                                .formatted(
                                        Words.kind(rollout),
                                        rollout.namespace(),
                                        rollout.name(),
                                        GoDuration.text(limit)))
                .because(headline.sentence())
                .remedy("sluice why " + Words.typed(rollout) + "     what it waits for", "a longer --timeout");
    }
}
