package dev.sluice.app.rollout;

import dev.sluice.app.Api;
import dev.sluice.app.Clusters;
import dev.sluice.app.Complaint;
import dev.sluice.app.Exit;
import dev.sluice.app.Words;
import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Names;
import dev.sluice.kube.rollout.PodTemplates;
import dev.sluice.rollout.UserAct;
import dev.sluice.rollout.hash.PodTemplateHash;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sluice undo`: puts the template of an earlier revision back into the spec. That begins an update as any other
/// change of the template does.
@Command(name = "undo", description = "Put the template of an earlier revision back into the spec.")
public final class UndoCommand extends RolloutCommand {
    @Option(
            names = "--to-revision",
            paramLabel = "N",
            description =
                    "That revision; where absent the stable one, or the one before it if that is what the spec asks for.")
    int revision;

    @Option(names = "--force-live", description = "Also where a tool that follows Git owns the object.")
    boolean force;

    @Mixin
    ActOptions options = new ActOptions();

    @Override
    void check() {
        options.check();
        if (revision < 0) {
            throw Words.usage("--to-revision: " + revision + " is below 0", "0 means the revision before")
                    .failure();
        }
    }

    @Override
    boolean pairs() {
        return false;
    }

    @Override
    Exit run(Clusters.Session session, Api api, String namespace, String name) throws Exception {
        var report = Report.read(api, namespace, name, now());
        var rollout = report.rollout();
        if (revision == 0) ActCommand.permit(UserAct.UNDO, rollout, now());
        var holder = Templates.of(api, rollout, report.source());
        if (!force)
            owner(holder.object()).ifPresent(owner -> {
                throw Complaint.of(Exit.REFUSED, "SLU-A012", "cannot undo rollout " + namespace + "/" + name)
                        .because(owner + " follows Git and will bring the newest revision back at its next sync")
                        .remedy(
                                "revert the change in Git",
                                "sluice undo " + name + " --force-live     change the live object all the same")
                        .failure();
            });
        var asked = asked(report, holder);
        var target = target(report, asked);
        if (target.set().hash().equals(asked)) {
            terminal()
                    .out()
                    .println("skipped rollback (current template already matches revision "
                            + target.set().revision() + ")");
            return Exit.DONE;
        }
        var done = "rollout '%s' undo to revision %d (%s)"
                .formatted(name, target.set().revision(), String.join(", ", target.images()));
        var write = Writes.template(holder.holder(), template(target));
        if (options.dry()) {
            options.would(terminal(), rollout, done, List.of(write), now());
            return Exit.DONE;
        }
        ActCommand.send(session.gateway(), UserAct.UNDO, rollout, write);
        options.did(terminal(), api, rollout, UserAct.UNDO.toString(), done, now());
        return Exit.DONE;
    }

    /// The hash of the revision that the spec asks for, as the controller tells it; where it has not seen this
    /// spec, or does not act on it, as it would find it. Templates are compared last: the API server completes that
    /// of a ReplicaSet, and not that of a Rollout.
    private static String asked(Report report, Templates holder) {
        var rollout = report.rollout();
        var status = rollout.status();
        var template = holder.template().obj().withoutAt(List.of("metadata", "labels", Names.HASH));
        boolean seen = status.observedGeneration().equals(Long.toString(rollout.generation()))
                && holder.generation(rollout).equals(status.workloadObservedGeneration());
        if (seen && status.invalid().isEmpty() && !status.currentPodHash().isEmpty()) return status.currentPodHash();
        var hash = PodTemplateHash.of(template, status.collisionCount());
        if (report.revisions().stream().anyMatch(r -> r.set().hash().equals(hash))) return hash;
        return report.revisions().stream()
                .filter(revision -> template(revision).equals(template))
                .map(revision -> revision.set().hash())
                .findFirst()
                .orElse(hash);
    }

    /// The revision asked for on the command line. Where none is, in the middle of an update the stable one: the
    /// newest but one may be an update that was given up. Else the one before, as numbers go: what was rolled back
    /// to is the newest again and has the highest.
    ///
    /// @param asked hash of the one that the spec asks for
    private Report.Revision target(Report report, String asked) {
        var all = report.revisions();
        Optional<Report.Revision> found;
        if (revision > 0) {
            found = Optional.ofNullable(report.byRevision().get(revision));
        } else {
            var stableHash = report.rollout().status().stableRS();
            found = all.stream()
                    .filter(r -> r.set().hash().equals(stableHash))
                    .filter(stable -> !stableHash.equals(asked))
                    .findFirst()
                    .or(() -> all.stream()
                            .filter(r -> !r.set().hash().equals(asked))
                            .max(Comparator.comparingInt(
                                    (Report.Revision r) -> r.set().revision())));
        }
        return found.orElseThrow(() -> Complaint.of(
                        Exit.NOT_FOUND,
                        "SLU-A005",
                        "rollout %s/%s has no %s"
                                .formatted(
                                        report.rollout().namespace(),
                                        report.name(),
                                        revision > 0 ? "revision " + revision : "earlier revision"))
                .because(
                        all.isEmpty()
                                ? "it has no ReplicaSets"
                                : "there are: "
                                        + all.stream()
                                                .map(r ->
                                                        r.set().revision() + " (" + String.join(", ", r.images()) + ")")
                                                .collect(Collectors.joining(", ")))
                .failure());
    }

    private static Json.Obj template(Report.Revision revision) {
        return PodTemplates.asked(revision.source());
    }

    /// The tool that keeps the object as Git has it, if its marks are there.
    static Optional<String> owner(Json.Obj source) {
        var annotations = source.at("metadata", "annotations");
        var labels = source.at("metadata", "labels");
        return annotations
                .at("argocd.argoproj.io/tracking-id")
                .asString()
                .map(id -> "Argo CD application " + id.split(":", 2)[0])
                .or(() -> labels.at("argocd.argoproj.io/instance").asString().map(app -> "Argo CD application " + app))
                .or(() -> labels.at("kustomize.toolkit.fluxcd.io/name")
                        .asString()
                        .map(n -> "Flux kustomization "
                                + labels.at("kustomize.toolkit.fluxcd.io/namespace")
                                        .string("") + "/" + n))
                .or(() -> labels.at("helm.toolkit.fluxcd.io/name")
                        .asString()
                        .map(n -> "Flux release "
                                + labels.at("helm.toolkit.fluxcd.io/namespace").string("") + "/" + n));
    }
}
