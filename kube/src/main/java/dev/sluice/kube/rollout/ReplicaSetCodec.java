package dev.sluice.kube.rollout;

import dev.sluice.json.Json;
import dev.sluice.rollout.Action;
import dev.sluice.rollout.ReplicaSet;
import dev.sluice.rollout.Rollout;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// ReplicaSets: the few numbers that decide, and the manifest of a new one.
public final class ReplicaSetCodec {
    private ReplicaSetCodec() {}

    public static ReplicaSet decode(Json object) {
        var metadata = object.at("metadata");
        var annotations = metadata.at("annotations");
        var status = object.at("status");
        long generation = metadata.at("generation").asLong().orElse(0L);
        return new ReplicaSet(
                metadata.at("name").string(""),
                metadata.at("uid").string(""),
                metadata.at("resourceVersion").string(""),
                metadata.at("labels", Names.HASH).string(""),
                metadata.at("creationTimestamp")
                        .asString()
                        .flatMap(Fields::instant)
                        .orElse(Instant.EPOCH),
                !metadata.at("deletionTimestamp").isNull(),
                RolloutCodec.revision(metadata),
                formerRevisions(annotations),
                annotations
                        .at(Names.DESIRED_REPLICAS)
                        .asString()
                        .filter(text -> text.matches("[0-9]{1,9}"))
                        .map(Integer::parseInt),
                object.at("spec", "minReadySeconds").integer(0),
                object.at("spec", "replicas").integer(1),
                ReplicaSet.Pods.of(
                        status.at("replicas").integer(0),
                        status.at("readyReplicas").integer(0),
                        status.at("availableReplicas").integer(0)),
                status.at("observedGeneration").asLong().orElse(0L) >= generation,
                annotations.at(Names.SCALE_DOWN_DEADLINE).asString().flatMap(Fields::instant),
                PodTemplates.added(object));
    }

    private static List<Integer> formerRevisions(Json annotations) {
        var text = annotations.at(Names.REVISION_HISTORY).string("");
        return Stream.of(text.split(",", -1))
                .map(String::strip)
                .filter(part -> part.matches("[0-9]{1,9}"))
                .map(Integer::parseInt)
                .toList();
    }

    /// The annotations of a Rollout that its ReplicaSets get. What is said of a revision is not, nor what others keep
    /// in mind of the Rollout itself.
    static SequencedMap<String, String> annotations(Json rollout) {
        var annotations =
                new LinkedHashMap<>(rollout.at("metadata", "annotations").strings());
        List.of(
                        Names.LAST_APPLIED,
                        Names.REVISION,
                        Names.REVISION_HISTORY,
                        Names.DESIRED_REPLICAS,
                        Names.WORKLOAD_GENERATION,
                        Names.EPHEMERAL_METADATA,
                        Names.METADATA_PROGRESS,
                        Names.NOTIFIED)
                .forEach(annotations::remove);
        return annotations;
    }

    /// Those of them that a ReplicaSet has not, or not so.
    static SequencedMap<String, String> unsynced(Json rollout, Json set) {
        var unsynced = annotations(rollout);
        unsynced.entrySet()
                .removeAll(set.at("metadata", "annotations").strings().entrySet());
        return unsynced;
    }

    /// The manifest of a revision's ReplicaSet: named and labelled by the hash, owned by the Rollout, without pods yet.
    static Json.Obj manifest(Rollout rollout, Json.Obj source, Action.CreateReplicaSet create) {
        var template = rollout.spec().template();
        var hash = create.hash();
        var labels = new LinkedHashMap<String, Object>(
                template.at("metadata", "labels").strings());
        labels.put(Names.HASH, hash);
        var matchLabels = new LinkedHashMap<String, Object>(
                rollout.spec().selector().at("matchLabels").strings());
        matchLabels.put(Names.HASH, hash);
        var annotations = new LinkedHashMap<String, Object>(annotations(source));
        annotations.putAll(PodTemplates.annotations(template, create.metadata()));
        annotations.put(Names.REVISION, Integer.toString(create.revision()));
        annotations.put(Names.DESIRED_REPLICAS, Integer.toString(rollout.replicas()));
        var spec = new LinkedHashMap<String, Object>();
        spec.put("replicas", 0);
        if (rollout.spec().minReadySeconds() > 0)
            spec.put("minReadySeconds", rollout.spec().minReadySeconds());
        spec.put("selector", rollout.spec().selector().with("matchLabels", matchLabels));
        spec.put("template", template(rollout, create, labels));
        return Json.obj(
                "apiVersion",
                "apps/v1",
                "kind",
                "ReplicaSet",
                "metadata",
                Json.obj(
                        "name", create.name(),
                        "namespace", rollout.namespace(),
                        "labels", labels,
                        "annotations", annotations,
                        "ownerReferences", List.of(owner(rollout))),
                "spec",
                spec);
    }

    private static Json.Obj template(Rollout rollout, Action.CreateReplicaSet create, Map<String, Object> labels) {
        var template = rollout.spec().template().withAt(List.of("metadata", "labels"), labels);
        template = template.with("metadata", PodTemplates.with(template.at("metadata"), create.metadata()));
        if (create.apart().isEmpty()) return template;
        var affinity = template.at("spec", "affinity").obj();
        return template.withAt(
                List.of("spec", "affinity"),
                PodTemplates.with(affinity, create.apart().get(), rollout.namespace()));
    }

    /// The reference by which the Rollout, or what is driven like one, owns what is made for it.
    public static Json.Obj owner(Rollout rollout) {
        var type = Names.type(rollout.kind());
        return Json.obj(
                "apiVersion",
                type.apiVersion(),
                "kind",
                type.kind(),
                "name",
                rollout.name(),
                "uid",
                rollout.uid(),
                "controller",
                true,
                "blockOwnerDeletion",
                true);
    }
}
