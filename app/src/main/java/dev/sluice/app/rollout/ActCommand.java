package dev.sluice.app.rollout;

import dev.sluice.app.Api;
import dev.sluice.app.Clusters;
import dev.sluice.app.Complaint;
import dev.sluice.app.Exit;
import dev.sluice.app.Words;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.rollout.Headline;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.UserAct;
import java.util.List;
import picocli.CommandLine.Mixin;

/// A command that tells a Rollout something. It reads it first, refuses what makes no sense in its state, and only then
/// writes.
abstract class ActCommand extends RolloutCommand {
    @Mixin
    ActOptions options = new ActOptions();

    /// Which act it is, as the rules about acts know it.
    abstract UserAct act();

    /// What to write.
    abstract List<Request.Patch> writes(Rollout rollout);

    /// What is said when it is written.
    abstract String done(Rollout rollout);

    @Override
    Exit run(Clusters.Session session, Api api, String namespace, String name) throws Exception {
        var rollout = Report.decode(api.rollout(namespace, name));
        permit(rollout);
        var writes = writes(rollout);
        if (options.dry()) {
            options.would(terminal(), rollout, done(rollout), writes, now());
            return Exit.DONE;
        }
        for (var write : writes) send(session.gateway(), act(), rollout, write);
        options.did(terminal(), api, rollout, act().toString(), done(rollout), now());
        return Exit.DONE;
    }

    @Override
    void check() {
        options.check();
    }

    /// @throws Complaint.Failure when the act makes no sense now; says what would
    void permit(Rollout rollout) {
        permit(act(), rollout, now());
    }

    static void permit(UserAct act, Rollout rollout, java.time.Instant now) {
        var denial = act.permission(rollout).denial();
        if (denial.isEmpty()) return;
        var remedies = UserAct.allowed(rollout).stream()
                .filter(other -> other != UserAct.RESTART && other != UserAct.PAUSE)
                .filter(other -> other != UserAct.UNDO || rollout.kind() == Rollout.Kind.ROLLOUT)
                .map(other -> "sluice %s %s     %s".formatted(other, Words.typed(rollout), meaning(other)))
                .toList();
        throw cannot(act, rollout)
                .because(denial.get(), Headline.of(rollout, now).sentence())
                .remedy(remedies)
                .failure();
    }

    private static Complaint cannot(UserAct act, Rollout rollout) {
        return Complaint.of(
                Exit.REFUSED,
                "SLU-A003",
                "cannot %s %s %s/%s".formatted(act, Words.kind(rollout), rollout.namespace(), rollout.name()));
    }

    private static String meaning(UserAct act) {
        return switch (act) {
            case PROMOTE -> "go on to the next step";
            case FINISH -> "go to 100 % at once, without the steps and checks that are left";
            case ABORT -> "back to the stable revision; the spec stays";
            case RETRY -> "run the newest revision again";
            case UNDO -> "put an earlier revision back into the spec";
            case RESTART -> "replace the pods, as many at once as may be unavailable";
            case PAUSE -> "hold it where it is";
            case RESUME -> "let it go on, skipping nothing";
        };
    }

    /// Writes one patch. Where a cluster's definition has no status subresource the status is part of the object.
    static void send(Gateway gateway, UserAct act, Rollout rollout, Request.Patch write) {
        var reply = gateway.send(write);
        if (reply instanceof Reply.Refused refused
                && refused.notFound()
                && write.ref().subresource().equals("status")) {
            var ref = write.ref();
            reply = gateway.send(new Request.Patch(
                    new ObjectRef(ref.type(), ref.namespace(), ref.name(), ""), write.type(), write.body()));
        }
        if (reply instanceof Reply.Done) return;
        throw Api.complaint(cannot(act, rollout).what(), reply).failure();
    }
}
