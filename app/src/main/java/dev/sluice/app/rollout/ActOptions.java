package dev.sluice.app.rollout;

import dev.sluice.app.Api;
import dev.sluice.app.Complaint;
import dev.sluice.app.OutputOption;
import dev.sluice.app.Terminal;
import dev.sluice.app.Words;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.rollout.Headline;
import dev.sluice.rollout.Rollout;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Stack;
import java.util.stream.Collectors;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// What every act understands beside its own options.
final class ActOptions {
    private static final List<String> MODES = List.of("none", "client", "server");

    /// So that `promote --dry-run web` is not read as a mode called web.
    @SuppressWarnings("JdkObsolete") // picocli's signature
    private static final class Mode implements IParameterConsumer {
        @Override
        public void consumeParameters(Stack<String> words, ArgSpec option, CommandSpec command) {
            boolean named = !words.isEmpty() && MODES.contains(words.peek());
            option.setValue(named ? words.pop() : "client");
        }
    }

    @Option(
            names = "--dry-run",
            arity = "0..1",
            paramLabel = "client",
            parameterConsumer = Mode.class,
            description = "Look whether it can be done and say what would be written; write nothing.")
    String dryRun = "none";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept as an Event of the rollout.")
    String reason = "";

    @Mixin
    OutputOption output = new OutputOption();

    /// Looks at the options, before anything is asked of a cluster.
    void check() {
        if (dryRun.equals("server")) {
            throw Words.usage(
                            "--dry-run: the API server cannot tell what the controller would do",
                            "--dry-run=client     reads, checks and says what would be written")
                    .failure();
        }
    }

    boolean dry() {
        return dryRun.equals("client");
    }

    /// Says what would be done.
    void would(Terminal terminal, Rollout rollout, String done, List<Request.Patch> writes, Instant now) {
        var out = terminal.out();
        out.println(done + " (dry run)");
        out.println("  now    " + Headline.of(rollout, now).sentence());
        for (var write : writes) {
            var ref = write.ref();
            out.println("  write  " + ref.type().plural() + "/" + ref.name()
                    + (ref.subresource().isEmpty() ? "" : "/" + ref.subresource()) + " "
                    + write.body().text());
        }
    }

    /// Says what was done, in the form that was asked for, and keeps the reason.
    ///
    /// @param act what was done, as in `promote`
    void did(Terminal terminal, Api api, Rollout rollout, String act, String done, Instant now) {
        if (!reason.isEmpty()) keep(terminal, api.gateway(), rollout, act, now);
        switch (output.form()) {
            case TABLE, WIDE -> terminal.out().println(done);
            case NAME -> terminal.out().println(Report.typedName(rollout));
            case JSON, YAML, JSONPATH -> {
                var report = Report.of(api.rollout(rollout.namespace(), rollout.name()), now);
                try {
                    output.structured(terminal, report.document());
                } catch (Complaint.Failure nowhere) {
                    // What is done must not look as if it were not.
                    var complaint = nowhere.complaint();
                    terminal.err().println("done, but " + complaint.what() + ": " + String.join(" ", complaint.why()));
                }
            }
        }
    }

    /// An Event of the Rollout. That it cannot be written does not undo what was done.
    private void keep(Terminal terminal, Gateway gateway, Rollout rollout, String act, Instant now) {
        var at = now.truncatedTo(ChronoUnit.SECONDS).toString();
        var type = type(rollout.kind());
        var name = rollout.name() + "." + Long.toHexString(now.toEpochMilli() * 1_000_000);
        var event = Json.obj("apiVersion", "v1", "kind", "Event")
                .with("metadata", Json.obj("name", name, "namespace", rollout.namespace()))
                .with(
                        "involvedObject",
                        Json.obj(
                                "apiVersion", type.apiVersion(),
                                "kind", type.kind(),
                                "namespace", rollout.namespace(),
                                "name", rollout.name(),
                                "uid", rollout.uid()))
                .with("type", "Normal")
                .with("reason", camel(act) + "Requested")
                .with("message", act + ": " + reason)
                .with("firstTimestamp", at)
                .with("lastTimestamp", at)
                .with("count", 1)
                .with("source", Json.obj("component", "sluice"))
                .with("reportingComponent", "sluice")
                .with("reportingInstance", "sluice");
        var reply =
                gateway.send(new Request.Create(ObjectRef.of(ResourceType.EVENTS, rollout.namespace(), name), event));
        if (!(reply instanceof Reply.Done)) {
            var why = Api.complaint("cannot keep the reason", reply).why();
            terminal.err().println("done, but the reason is not kept: " + String.join(" ", why));
        }
    }

    /// `promote --full` becomes `PromoteFull`.
    private static String camel(String act) {
        return Arrays.stream(act.split("[^a-z]+", -1))
                .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
                .collect(Collectors.joining());
    }

    private static ResourceType type(Rollout.Kind kind) {
        return switch (kind) {
            case ROLLOUT -> ResourceType.ROLLOUTS;
            case DEPLOYMENT_CANARY -> ResourceType.DEPLOYMENT_CANARIES;
        };
    }
}
