package dev.sluice.kube.rollout;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.rollout.Observation.WorkloadSeen;
import dev.sluice.rollout.Problem;
import java.util.List;
import java.util.Optional;

/// The workload that a Rollout takes its template from, as it was read. What is taken stays in memory: nothing of it is
/// written into the Rollout.
///
/// @see "Argo Rollouts spec B23"
public record Workload(ObjectRef ref, Json.Obj object) {
    /// The kinds that have a template to give.
    public static final List<ResourceType> KINDS =
            List.of(ResourceType.DEPLOYMENTS, ResourceType.REPLICA_SETS, ResourceType.POD_TEMPLATES);

    /// What stands in for the template and the selector of a Rollout.
    ///
    /// @param from as messages name where it comes from
    /// @param selector empty where there is none
    public record Borrowed(String from, Json.Obj template, Json.Obj selector) {}

    /// The kind that `spec.workloadRef` means, whatever version it asks for; empty for one that has no template.
    static Optional<ResourceType> kind(Json workloadRef) {
        var kind = workloadRef.at("kind").string("");
        return KINDS.stream()
                .filter(type -> type.kind().equals(kind) && type.group().equals(group(workloadRef)))
                .findFirst();
    }

    /// Of `apps/v1` it is `apps`, of `v1` nothing.
    static String group(Json workloadRef) {
        var version = workloadRef.at("apiVersion").string("");
        int slash = version.indexOf('/');
        return slash < 0 ? "" : version.substring(0, slash);
    }

    /// The object that a Rollout refers to; empty where it refers to none, or not to one that could be read.
    public static Optional<ObjectRef> of(Json.Obj rollout) {
        var workloadRef = rollout.at("spec", "workloadRef");
        var name = workloadRef.at("name").string("");
        return name.isEmpty()
                ? Optional.empty()
                : kind(workloadRef)
                        .map(type -> ObjectRef.of(
                                type, rollout.at("metadata", "namespace").string(""), name));
    }

    /// Asks the server; empty where the Rollout refers to none, or it cannot be read.
    public static Optional<Workload> read(Gateway gateway, Json.Obj rollout) {
        return of(rollout)
                .flatMap(ref -> gateway.send(new Request.Get(ref)).answer().map(object -> new Workload(ref, object)));
    }

    /// Its generation as annotation and status of the Rollout have it.
    public String generation() {
        return Long.toString(object.at("metadata", "generation").asLong().orElse(0L));
    }

    public Borrowed borrowed() {
        boolean bare = ref.type().equals(ResourceType.POD_TEMPLATES);
        return new Borrowed(
                ref.type().kind() + " " + ref.name(),
                (bare ? object.at("template") : object.at("spec", "template")).obj(),
                object.at("spec", "selector").obj());
    }

    WorkloadSeen seen(boolean watched) {
        var metadata = object.at("metadata");
        return new WorkloadSeen(
                ref.type().kind(),
                ref.name(),
                metadata.at("uid").string(""),
                metadata.at("resourceVersion").string(""),
                metadata.at("generation").asLong().orElse(0L),
                // Argo scales Deployments alone.
                ref.type().equals(ResourceType.DEPLOYMENTS)
                        ? Optional.of(object.at("spec", "replicas").integer(1))
                        : Optional.empty(),
                !metadata.at("deletionTimestamp").isNull(),
                watched);
    }

    /// While the workload is not to be seen, the update that is under way is the one that the status speaks of: its
    /// ReplicaSet has the template, and it can still go back.
    ///
    /// @return empty for a Rollout that refers to no workload, or has no such ReplicaSet
    public static Optional<Borrowed> underWay(Json.Obj rollout, List<? extends Json> replicaSets) {
        var hash = rollout.at("status", "currentPodHash").string("");
        if (hash.isEmpty() || rollout.at("spec", "workloadRef").isNull()) return Optional.empty();
        return replicaSets.stream()
                .filter(set ->
                        set.at("metadata", "labels", Names.HASH).string("").equals(hash))
                .findFirst()
                .map(set -> new Borrowed(
                        "ReplicaSet " + set.at("metadata", "name").string(""),
                        PodTemplates.asked(set),
                        set.at("spec", "selector").obj().withoutAt(List.of("matchLabels", Names.HASH))));
    }

    /// That the workload is not there; empty for a Rollout that refers to none.
    public static Optional<Problem> missing(Json.Obj rollout) {
        return of(rollout)
                .map(ref -> problem(ref, "not found", "create it, or name another: the rollout goes on then"));
    }

    private static Problem problem(ObjectRef ref, String what, String remedy) {
        var name = "\"" + ref.name() + "\"";
        return new Problem("spec.workloadRef.name", name, ref.type().kind() + " " + name + " " + what, remedy);
    }

    /// The Rollout with what it has borrowed, for whoever reads paths of it.
    static Json.Obj filled(Json.Obj rollout, Borrowed borrowed) {
        var filled = rollout.withAt(List.of("spec", "template"), borrowed.template());
        return filled.at("spec", "selector").obj().isEmpty()
                ? filled.withAt(List.of("spec", "selector"), borrowed.selector())
                : filled;
    }

    /// What a look for it has come to.
    sealed interface Look {
        /// It is there.
        ///
        /// @param watched whether changes of it are told
        record Found(Workload workload, boolean watched) implements Look {}

        /// It is not there, and its creation will be told.
        record Missing() implements Look {}

        /// Whether it is there is not known.
        ///
        /// @param why the server's words
        record Unreadable(String why) implements Look {}

        default Optional<Found> found() {
            return this instanceof Found found ? Optional.of(found) : Optional.empty();
        }

        /// What it means for a Rollout.
        default Optional<Problem> problem(Json.Obj rollout) {
            return switch (this) {
                case Found _ -> Optional.empty();
                case Missing() -> missing(rollout);
                case Unreadable(var why) ->
                    Workload.of(rollout)
                            .map(ref -> Workload.problem(
                                    ref,
                                    "cannot be read: " + why,
                                    "let the controller get, list and watch " + ref.type() + "; it is tried again"));
            };
        }

        static Look of(ObjectRef ref, Reply reply) {
            return switch (reply) {
                case Reply.Done(var object) -> new Found(new Workload(ref, object), false);
                case Reply.Refused refused when refused.notFound() -> new Missing();
                case Reply.Refused refused ->
                    new Unreadable("%d %s: %s".formatted(refused.code(), refused.reason(), refused.message()));
                case Reply.Lost(var _, var why) -> new Unreadable("no answer: " + why);
            };
        }
    }
}
