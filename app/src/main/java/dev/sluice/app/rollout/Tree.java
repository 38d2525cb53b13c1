package dev.sluice.app.rollout;

import dev.sluice.app.Style;
import dev.sluice.app.Table;
import dev.sluice.app.Table.Cell;
import dev.sluice.format.HumanDuration;
import dev.sluice.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The tree of a Rollout: revisions, ReplicaSets and their pods, AnalysisRuns and their Jobs, as Argo's tools draw it.
///
/// @see "Argo Rollouts, kubectl plugin: get rollout"
final class Tree {
    private final Report report;
    private final Style style;

    private record Node(String name, String kind, Cell status, String age, String info, List<Node> children) {}

    private Tree(Report report, Style style) {
        this.report = report;
        this.style = style;
    }

    static String text(Report report, Style style) {
        var tree = new Tree(report, style);
        var table = new Table().row("NAME", "KIND", "STATUS", "AGE", "INFO");
        tree.add(table, tree.root(), "", "");
        return table.text(style);
    }

    private void add(Table table, Node node, String first, String others) {
        table.row(first + node.name(), node.kind(), node.status(), node.age(), node.info());
        for (int i = 0; i < node.children().size(); i++) {
            boolean last = i == node.children().size() - 1;
            add(
                    table,
                    node.children().get(i),
                    others + (last ? style.icon("└──", "`--") : style.icon("├──", "|--")),
                    others + (last ? "   " : style.icon("│  ", "|  ")));
        }
    }

    private Node root() {
        var numbers = new TreeSet<Integer>();
        report.revisions().forEach(revision -> numbers.add(revision.set().revision()));
        report.runs().forEach(run -> numbers.add(run.revision()));
        var phase = report.phase().phase();
        return new Node(
                icon() + report.name(),
                report.rollout().kind().toString(),
                Icon.ofPhase(phase).cell(style, phase),
                age(report.source()),
                "",
                switch (report.rollout().kind()) {
                    case ROLLOUT ->
                        numbers.descendingSet().stream().map(this::revision).toList();
                    case DEPLOYMENT_CANARY ->
                        Stream.concat(
                                        report.revisions().stream().map(this::replicaSet),
                                        report.runs().reversed().stream().map(this::run))
                                .toList();
                });
    }

    private String icon() {
        return switch (report.rollout().kind()) {
            case ROLLOUT -> style.icon("⟳ ", "ro:");
            case DEPLOYMENT_CANARY -> style.icon("⟳ ", "dc:");
        };
    }

    private String sideIcon() {
        return switch (report.rollout().kind()) {
            case ROLLOUT -> style.icon("⧉ ", "rs:");
            case DEPLOYMENT_CANARY -> style.icon("⧉ ", "deploy:");
        };
    }

    private Node revision(int number) {
        var children = new ArrayList<Node>();
        for (var revision : report.revisions()) {
            if (revision.set().revision() == number) children.add(replicaSet(revision));
        }
        for (var run : report.runs()) {
            if (run.revision() == number) children.add(run(run));
        }
        return new Node("# revision:" + number, "", Cell.of(""), "", "", children);
    }

    private Node replicaSet(Report.Revision revision) {
        var set = revision.set();
        var info = new ArrayList<>(report.roles(set));
        set.scaleDownDeadline().ifPresent(deadline -> {
            var left = Duration.between(report.now(), deadline);
            info.add("delay:" + (left.isPositive() ? HumanDuration.text(left) : "passed"));
        });
        boolean failed = revision.source().at("status", "conditions").items().stream()
                .anyMatch(c -> c.at("type").string("").equals("ReplicaFailure")
                        && c.at("status").string("").equals("True"));
        var state = set.replicas() == 0
                ? "ScaledDown"
                : failed ? "Degraded" : set.available() >= set.replicas() ? "Healthy" : "Progressing";
        return new Node(
                sideIcon() + set.name(),
                report.rollout().kind().side(),
                Icon.ofPhase(state).cell(style, state),
                age(revision.source()),
                String.join(",", info),
                revision.pods().stream().map(this::pod).toList());
    }

    private Node pod(Json.Obj pod) {
        var containers = pod.at("status", "containerStatuses").items();
        long ready = containers.stream().filter(c -> c.at("ready").bool(false)).count();
        int wanted = pod.at("spec", "containers").items().size();
        int restarts = containers.stream()
                .mapToInt(c -> c.at("restartCount").integer(0))
                .sum();
        var state = podState(pod, containers);
        var info = "ready:" + ready + "/" + wanted + (restarts > 0 ? ",restarts:" + restarts : "");
        return new Node(
                style.icon("□ ", "pod:") + pod.at("metadata", "name").string(""),
                "Pod",
                podIcon(state).cell(style, state),
                age(pod),
                info,
                List.of());
    }

    /// As kubectl says it: the reason of the container that is worst off, else the phase.
    private static String podState(Json.Obj pod, List<Json> containers) {
        if (!pod.at("metadata", "deletionTimestamp").isNull()) return "Terminating";
        for (var container : containers) {
            for (var state : List.of("waiting", "terminated")) {
                var reason = container.at("state", state, "reason").string("");
                if (!reason.isEmpty()) return reason;
            }
        }
        return pod.at("status", "reason")
                .asString()
                .orElseGet(() -> pod.at("status", "phase").string("Unknown"));
    }

    private static Icon podIcon(String state) {
        return switch (state) {
            case "Running", "Completed", "Succeeded" -> Icon.OK;
            case "Pending", "Terminating", "ContainerCreating", "PodInitializing" -> Icon.PROGRESSING;
            case "Failed", "Error", "Evicted", "OOMKilled" -> Icon.BAD;
            default ->
                state.contains("Err") || state.contains("BackOff") || state.contains("Invalid")
                        ? Icon.BAD
                        : Icon.UNKNOWN;
        };
    }

    private Node run(Report.Run run) {
        var check = new Check(run.source());
        return new Node(
                style.icon("α ", "ar:") + check.name(),
                "AnalysisRun",
                (check.shown().equals(check.phase()) ? Icon.ofPhase(check.phase()) : Icon.NEUTRAL)
                        .cell(style, check.shown()),
                age(run.source()),
                check.text(style),
                run.jobs().stream().map(this::job).toList());
    }

    private Node job(Json.Obj job) {
        var state = job.at("status", "succeeded").integer(0) > 0
                ? "Successful"
                : job.at("status", "conditions").items().stream()
                                .anyMatch(c -> c.at("type").string("").equals("Failed")
                                        && c.at("status").string("").equals("True"))
                        ? "Failed"
                        : "Running";
        return new Node(
                style.icon("⊞ ", "job:") + job.at("metadata", "name").string(""),
                "Job",
                Icon.ofPhase(state).cell(style, state),
                age(job),
                "",
                List.of());
    }

    private String age(Json.Obj object) {
        return object.at("metadata", "creationTimestamp")
                .asString()
                .flatMap(Tree::instant)
                .map(created -> HumanDuration.text(Duration.between(created, report.now())))
                .orElse("<unknown>");
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
