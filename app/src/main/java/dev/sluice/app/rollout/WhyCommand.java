package dev.sluice.app.rollout;

import dev.sluice.app.Api;
import dev.sluice.app.Clusters;
import dev.sluice.app.Complaint;
import dev.sluice.app.Exit;
import dev.sluice.app.Look;
import dev.sluice.app.OutputOption;
import dev.sluice.app.Routers;
import dev.sluice.app.Screen;
import dev.sluice.app.Style;
import dev.sluice.app.Words;
import dev.sluice.app.controller.JournalDocument;
import dev.sluice.app.local.LocalState;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.format.HumanDuration;
import dev.sluice.json.Json;
import dev.sluice.json.JsonSyntaxException;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.analysis.TemplatesAnalysisRunMaker;
import dev.sluice.kube.rollout.Caches;
import dev.sluice.kube.rollout.Key;
import dev.sluice.kube.rollout.Names;
import dev.sluice.kube.rollout.Neighbours;
import dev.sluice.kube.rollout.Note;
import dev.sluice.kube.rollout.PairObserver;
import dev.sluice.kube.rollout.RolloutController;
import dev.sluice.kube.rollout.RolloutObserver;
import dev.sluice.rollout.Decision;
import dev.sluice.rollout.Headline;
import dev.sluice.rollout.Observation;
import dev.sluice.rollout.ReplicaSet;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.RolloutEngine;
import dev.sluice.spi.MetricProviders;
import dev.sluice.spi.Time;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sluice why`: what a Rollout waits for at this moment, and what was decided about it before.
///
/// The first half asks nobody: it observes the cluster as the controller does and lets the same engine decide, without
/// carrying anything out; beside that stands what pods that are not ready say of themselves. The second half is the
/// controller's journal where it can be reached, else the Events.
@Command(name = "why", description = "Say what a rollout waits for, and what was decided before.")
public final class WhyCommand extends RolloutCommand {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int ENTRIES = 12;
    private static final int TROUBLES = 6;

    @Mixin
    OutputOption output = new OutputOption();

    @Option(names = "--json", description = "The same as -o json.")
    boolean json;

    @Option(
            names = "--controller",
            paramLabel = "URL",
            description = "Where the controller tells of itself, such as http://127.0.0.1:8080.")
    @Nullable
    String controller;

    @Override
    Exit run(Clusters.Session session, Api api, String namespace, String name) {
        api.rollout(namespace, name);
        var key = new Key(namespace, name);
        var decided = decide(session.gateway(), api, key);
        var past = journal(session, api.kind(), key)
                .orElseGet(
                        () -> new Past("events", events(api, decided.rollout().uid(), namespace)));
        if (json) output.choose(OutputOption.Form.JSON);
        var document = JournalDocument.decision(decided.decision())
                .with("apiVersion", OutputOption.API)
                .with("kind", "Why")
                .with("namespace", namespace)
                .with("name", name)
                .with("headline", decided.headline().sentence())
                .with(
                        "notReady",
                        decided.notReady().stream()
                                .map(trouble -> Json.obj(
                                        "replicaSet",
                                        trouble.owner(),
                                        "pods",
                                        trouble.pods(),
                                        "trouble",
                                        trouble.text()))
                                .toList())
                .with(
                        "checks",
                        decided.checks().stream()
                                .map(check -> check.trouble()
                                        .map(trouble -> Json.obj("trouble", trouble))
                                        .orElse(Json.Obj.EMPTY)
                                        .with("name", check.name())
                                        .with("phase", check.phase()))
                                .toList())
                .with("notes", decided.notes())
                .with("source", past.source())
                .with("journal", past.entries());
        if (!output.structured(terminal(), document)) print(decided, past);
        return Exit.DONE;
    }

    /// @param notReady what keeps pods of the revisions in use from serving
    /// @param checks its AnalysisRuns that have not ended
    private record Decided(
            Rollout rollout,
            List<ReplicaSet> sets,
            Decision decision,
            List<Trouble> notReady,
            List<Check> checks,
            List<String> notes,
            Instant now) {
        Headline headline() {
            return Check.cause(Trouble.cause(Headline.of(rollout, sets, now), rollout, notReady), rollout, checks);
        }
    }

    /// @param source where it is from
    private record Past(String source, List<Json> entries) {}

    /// Observes and decides; writes nothing, and could not.
    private Decided decide(Gateway server, Api api, Key key) {
        var about = api.kind();
        var gateway = new ReadOnly(server);
        var routers = Routers.all();
        var kinds = new ArrayList<>(
                switch (about) {
                    case ROLLOUT -> RolloutController.kinds(routers);
                    case DEPLOYMENT_CANARY -> RolloutController.kindsOfDeployments();
                });
        // A namespace's own may be all that one may read, and what a router is told by need not be there.
        var dispensable = new HashSet<ResourceType>();
        dispensable.add(ResourceType.CLUSTER_ANALYSIS_TEMPLATES);
        routers.values().forEach(router -> dispensable.addAll(router.kinds()));
        kinds.removeIf(kind -> dispensable.contains(kind) && !served(gateway, kind, key.namespace()));
        try (var caches = new Caches(
                gateway, new Now(now()), Optional.of(key.namespace()), kinds, ObjectCache.Options.standard(0))) {
            // With a clock that runs its tasks at once, a cache is complete when its start returns.
            caches.start();
            if (!caches.synced()) {
                throw Complaint.of(Exit.FAILED, "SLU-X002", "cannot observe rollout " + key)
                        .because(caches.troubles())
                        .failure();
            }
            var now = now();
            var analyses = new TemplatesAnalysisRunMaker(caches, MetricProviders.installed(), "");
            var observer = switch (about) {
                case ROLLOUT -> new RolloutObserver(caches, gateway, routers, analyses);
                case DEPLOYMENT_CANARY -> new PairObserver(caches, analyses);
            };
            var seen = observer.observe(key, now)
                    .orElseThrow(() -> Complaint.of(
                                    Exit.NOT_FOUND, "SLU-A002", "rollout " + key + " went away while it was looked at")
                            .failure());
            var observation = seen.observation();
            var decision = RolloutEngine.decide(observation);
            return new Decided(
                    observation.rollout(),
                    observation.replicaSets(),
                    decision,
                    notReady(gateway, observation),
                    checks(gateway, observation.rollout()),
                    Stream.concat(seen.notes().stream(), neighbours(about, api, key, seen.source()).stream())
                            .map(Note::text)
                            .distinct()
                            .toList(),
                    now);
        }
    }

    private static Optional<Note> neighbours(Rollout.Kind about, Api api, Key key, Json.Obj source) {
        return switch (about) {
            case ROLLOUT ->
                Neighbours.note(
                        source,
                        api.listIfAny(Selection.in(ResourceType.ROLLOUTS, key.namespace())),
                        api.listIfAny(Selection.in(ResourceType.DEPLOYMENTS, key.namespace())));
            case DEPLOYMENT_CANARY -> Optional.empty();
        };
    }

    /// Whether a kind that need not be there can be looked at. That it is refused is told: what is said of such objects
    /// is then not to be relied on.
    private boolean served(Gateway gateway, ResourceType kind, String namespace) {
        return switch (Look.at(gateway, kind, Optional.of(namespace))) {
            case Look.Given _ -> true;
            case Look.Absent _ -> false;
            case Look.Forbidden(var message) -> {
                terminal()
                        .err()
                        .println("note: " + kind.plural() + " may not be read, so here they count as absent (" + message
                                + ")");
                yield false;
            }
            // The cache says what is the matter.
            case Look.Unclear _ -> true;
        };
    }

    /// What pods of the stable and the newest side say that are not ready, each complaint once with its number of pods.
    private static List<Trouble> notReady(Gateway gateway, Observation seen) {
        var sides = Stream.concat(seen.newest().stream(), seen.stable().stream())
                .map(ReplicaSet::name)
                .distinct()
                .toList();
        var selector = LabelSelector.of(seen.rollout().spec().selector()).toString();
        if (selector.isEmpty()) return List.of();
        var pods = gateway.send(new Request.List(
                Selection.in(ResourceType.PODS, seen.rollout().namespace()).labelled(selector)));
        var owners = new TreeMap<String, List<Json>>();
        for (var pod : pods.answer().map(list -> list.at("items").items()).orElse(List.of())) {
            if (!pod.at("metadata", "deletionTimestamp").isNull()) continue;
            var owner = pod.at("metadata", "ownerReferences").at(0).at("name").string("");
            boolean concerned = switch (seen.rollout().kind()) {
                case ROLLOUT -> sides.contains(owner);
                // Between a Deployment and its pods there is a ReplicaSet, named after it.
                case DEPLOYMENT_CANARY -> sides.contains(owner.substring(0, Math.max(0, owner.lastIndexOf('-'))));
            };
            if (!concerned) continue;
            owners.computeIfAbsent(owner, _ -> new ArrayList<>()).add(pod);
        }
        var all = new ArrayList<Trouble>();
        owners.forEach((owner, its) -> all.addAll(Trouble.of(owner, its)));
        return all;
    }

    /// The AnalysisRuns that measure for a Rollout at this moment, oldest first.
    private static List<Check> checks(Gateway gateway, Rollout rollout) {
        var runs = gateway.send(new Request.List(Selection.in(ResourceType.ANALYSIS_RUNS, rollout.namespace())));
        return runs.answer().map(list -> list.at("items").items()).orElse(List.of()).stream()
                .map(run -> run.obj())
                .filter(run -> Report.owns(rollout.uid(), run))
                .map(Check::new)
                .filter(Check::running)
                .sorted(Comparator.comparing(check ->
                        check.source().at("metadata", "creationTimestamp").string("")))
                .toList();
    }

    /// A cluster that is looked at and not touched; watches are never begun, one look is enough.
    private record ReadOnly(Gateway server) implements Gateway {
        @Override
        public Reply send(Request request) {
            if (request.writes()) throw new IllegalStateException("`why` writes nothing: " + request);
            return server.send(request);
        }

        @Override
        public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
            return () -> {};
        }
    }

    /// A moment that lasts: what is due runs at once, what is later never does.
    private record Now(Instant now) implements Time {
        @Override
        public Timer at(Instant when, Runnable task) {
            if (!when.isAfter(now)) task.run();
            return () -> {};
        }
    }

    /// The controller's journal, from the one that was named or from the one inside the local cluster that is asked.
    private Optional<Past> journal(Clusters.Session session, Rollout.Kind about, Key key) {
        var url = Optional.ofNullable(controller);
        if (url.isEmpty()) {
            url = LocalState.Folder.of(Optional.empty(), terminal())
                    .read()
                    .filter(state -> state.api().equals(session.server().get()))
                    .map(LocalState::health);
        }
        if (url.isEmpty()) return Optional.empty();
        URI address;
        try {
            address = URI.create(url.get().replaceAll("/+$", "") + "/journal/"
                    + (about == Rollout.Kind.ROLLOUT ? "" : Names.type(about).plural() + "/")
                    + key.namespace() + "/" + key.name());
            if (address.getHost() == null) throw new IllegalArgumentException("it names no host");
        } catch (IllegalArgumentException wrong) {
            throw Words.usage("--controller: \"" + url.get() + "\" is no URL: " + wrong.getMessage())
                    .failure();
        }
        try (var http = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
            var request = HttpRequest.newBuilder(address).timeout(PATIENCE).build();
            var reply = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (reply.statusCode() == 200) {
                return Optional.of(new Past(
                        address.toString(),
                        Json.parse(reply.body()).at("entries").items()));
            }
            terminal()
                    .err()
                    .println(address + " answers " + reply.statusCode() + ": "
                            + reply.body().strip());
        } catch (IOException | JsonSyntaxException unreachable) {
            terminal().err().println(address + " cannot be read (" + unreachable.getMessage() + "); using Events");
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        return Optional.empty();
    }

    /// The Events of the Rollout in the form of journal entries, oldest first.
    private static List<Json> events(Api api, String uid, String namespace) {
        return api.listIfAny(Selection.in(ResourceType.EVENTS, namespace)).stream()
                .filter(event -> event.at("involvedObject", "uid").string("").equals(uid))
                .map(event -> (Json) Json.obj(
                        "at",
                        event.at("lastTimestamp")
                                .asString()
                                .or(() -> event.at("eventTime").asString())
                                .orElse(""),
                        "moves",
                        List.of(Json.obj(
                                "code",
                                event.at("reason").string(""),
                                "sentence",
                                event.at("message").string(""))),
                        "outcome",
                        "done"))
                .sorted(Comparator.comparing(entry -> entry.at("at").string("")))
                .toList();
    }

    private void print(Decided decided, Past past) {
        int columns = terminal().interactive() ? Screen.of(terminal()).columns() : Integer.MAX_VALUE;
        var out = terminal().out();
        out.print(page(decided, past, style(), columns));
        out.flush();
    }

    private static String page(Decided decided, Past past, Style style, int columns) {
        var page = new Page(columns);
        var decision = decided.decision();
        page.line(decided.rollout().namespace() + "/" + decided.rollout().name() + "   "
                + View.headline(decided.rollout(), decided.headline(), style));
        page.line("");
        page.entry(
                "waits for",
                decision.awaiting()
                        .map(because -> text(because.code(), because.sentence()))
                        .orElse("nothing"));
        var label = "not ready";
        for (var trouble : decided.notReady().stream().limit(TROUBLES).toList()) {
            page.entry(label, View.plain(trouble.toString(), style));
            label = "";
        }
        label = "measured";
        for (var check : decided.checks()) {
            var counts = check.counts(style);
            if (counts.isEmpty()) continue;
            page.entry(
                    label,
                    "%s: %s%s"
                            .formatted(
                                    check.name(),
                                    counts,
                                    check.trouble()
                                            .map(trouble -> "  " + View.plain(trouble, style))
                                            .orElse("")));
            label = "";
        }
        label = "note";
        for (var note : decided.notes()) {
            page.entry(label, View.plain(note, style));
            label = "";
        }
        label = "would do";
        if (decision.moves().isEmpty()) page.entry(label, "nothing at this moment");
        for (var move : decision.moves()) {
            page.entry(
                    label,
                    move.action().getClass().getSimpleName() + "   "
                            + text(move.because().code(), move.because().sentence()));
            label = "";
        }
        page.entry(
                "looks again",
                decision.wakeAt()
                        .map(at -> "in " + HumanDuration.text(Duration.between(decided.now(), at))
                                + ", or when something changes")
                        .orElse("when something changes"));
        page.line("");
        page.line("decided before, from "
                + (past.source().equals("events")
                        ? "the Events (no controller's journal is in reach)"
                        : past.source()));
        var entries = past.entries();
        if (entries.isEmpty()) page.line("  nothing");
        if (entries.size() > ENTRIES) {
            page.line("  " + (entries.size() - ENTRIES) + " more before; -o json has them all");
        }
        for (var entry : entries.subList(Math.max(0, entries.size() - ENTRIES), entries.size())) {
            var at = entry.at("at").string("").replaceFirst("\\.[0-9]+Z$", "Z");
            for (var move : entry.at("moves").items()) {
                page.past(
                        at,
                        View.plain(
                                text(
                                        move.at("code").string(""),
                                        move.at("sentence").string("")),
                                style));
            }
            var awaiting = entry.at("awaiting");
            if (entry.at("moves").items().isEmpty() && !awaiting.isNull()) {
                page.past(
                        at,
                        "waits for "
                                + View.plain(
                                        text(
                                                awaiting.at("code").string(""),
                                                awaiting.at("sentence").string("")),
                                        style));
            }
            var outcome = entry.at("outcome").string("done");
            if (!outcome.equals("done")) page.past(at, outcome);
        }
        return page.text();
    }

    private static String text(String code, String sentence) {
        return code + ": " + sentence;
    }
}
