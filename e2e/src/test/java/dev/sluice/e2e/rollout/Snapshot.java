package dev.sluice.e2e.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.format.Rfc3339;
import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Names;
import dev.sluice.rollout.hash.PodTemplateHash;
import dev.sluice.rollout.hash.StepsHash;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// What an Argo Rollouts controller leaves in a namespace when it ends: a Rollout with its status, first, and what goes
/// with it.
///
/// In the files `$NOW-30s` and `$NOW+30s` stand for times, `$UID` for the Rollout's, `$SITE` for the address of a web
/// server.
final class Snapshot {
    private static final Pattern TIME = Pattern.compile("\\$NOW([+-][0-9]+)s");

    private static final List<ResourceType> TYPES = List.of(
            ResourceType.ROLLOUTS,
            ResourceType.REPLICA_SETS,
            ResourceType.SERVICES,
            ResourceType.HTTP_ROUTES,
            ResourceType.ANALYSIS_TEMPLATES,
            ResourceType.ANALYSIS_RUNS);

    private final List<Json.Obj> objects;

    private Snapshot(List<Json.Obj> objects) {
        this.objects = List.copyOf(objects);
    }

    static Snapshot of(String name) throws IOException {
        return read(name, Map.of()).withTheHashesOfArgo();
    }

    /// @param site the web server that its AnalysisRun asks
    static Snapshot of(String name, Site site) throws IOException {
        return read(name, Map.of("$SITE", site.url())).withTheHashesOfArgo();
    }

    /// One of an older controller, whose hashes are not those of today.
    static Snapshot ofOlder(String name) throws IOException {
        var snapshot = read(name, Map.of());
        var rollout = snapshot.rollout();
        assertThat(rollout.at("status", "currentPodHash").string(""))
                .isNotEqualTo(PodTemplateHash.of(rollout.at("spec", "template"), Optional.empty()));
        return snapshot;
    }

    private static Snapshot read(String name, Map<String, String> values) throws IOException {
        var text = Scene.resource("takeover/" + name + ".yaml");
        var objects = new ArrayList<Json.Obj>();
        for (var document : new Load(LoadSettings.builder().build()).loadAllFromString(text)) {
            objects.add(filled(Json.of(document).obj(), values));
        }
        return new Snapshot(objects);
    }

    /// A snapshot with other hashes would show nothing: the controller would begin the update anew, and rightly so.
    private Snapshot withTheHashesOfArgo() {
        var rollout = rollout();
        var collisions = rollout.at("status", "collisionCount").asInt();
        assertThat(rollout.at("status", "currentPodHash").string(""))
                .isEqualTo(PodTemplateHash.of(rollout.at("spec", "template"), collisions));
        var canary = rollout.at("spec", "strategy", "canary");
        assertThat(rollout.at("status", "currentStepHash").string(""))
                .isEqualTo(canary.isNull() ? "" : StepsHash.of(canary.at("steps")));
        for (var set : objects) {
            if (!type(set).equals(ResourceType.REPLICA_SETS) || !owned(set)) continue;
            var hash = set.at("metadata", "labels", Names.HASH).string("");
            var template = set.at("spec", "template").obj().withoutAt(List.of("metadata", "labels", Names.HASH));
            var possible = Stream.concat(
                            Stream.of(Optional.<Integer>empty()),
                            IntStream.rangeClosed(1, collisions.orElse(0)).mapToObj(Optional::of))
                    .map(count -> PodTemplateHash.of(template, count));
            assertThat(possible).contains(hash);
            assertThat(set.at("metadata", "name").string("")).isEqualTo("web-" + hash);
        }
        return this;
    }

    private Json.Obj rollout() {
        return objects.getFirst();
    }

    private static ResourceType type(Json object) {
        return TYPES.stream()
                .filter(type -> type.kind().equals(object.at("kind").string("")))
                .findFirst()
                .orElseThrow();
    }

    private static boolean owned(Json object) {
        return !object.at("metadata", "ownerReferences").items().isEmpty();
    }

    /// Makes all of it, with pods that are ready; times are those of the moment at which they are.
    void restore(Gateway gateway, String namespace) {
        var values = new HashMap<String, String>();
        for (var object : objects) {
            if (type(object).equals(ResourceType.ANALYSIS_RUNS)) continue;
            var made = create(gateway, namespace, filled(withoutTimes(object).without("status"), values));
            values.putIfAbsent("$UID", made.at("metadata", "uid").string(""));
        }
        for (var object : objects) {
            if (type(object).equals(ResourceType.REPLICA_SETS)) awaitPods(gateway, ref(object, namespace));
        }
        for (var object : objects) {
            var whole = filled(object, values);
            if (type(object).equals(ResourceType.ANALYSIS_RUNS)) create(gateway, namespace, whole);
            else if (object.has("status")) {
                var status = Json.obj("status", whole.at("status"));
                patch(gateway, ref(object, namespace).sub("status"), status);
            }
            if (!withoutTimes(object).equals(object)) {
                var annotations = Json.obj("annotations", whole.at("metadata", "annotations"));
                patch(gateway, ref(object, namespace), Json.obj("metadata", annotations));
            }
        }
        // What is observed is the generation that is there; Argo writes it as text.
        var there = read(gateway, ref(rollout(), namespace));
        assertThat(there.at("metadata", "generation").toString())
                .isEqualTo(there.at("status", "observedGeneration").string(""));
    }

    /// Annotations that hold a time are written once the pods are ready.
    private static Json.Obj withoutTimes(Json.Obj object) {
        var kept = object;
        for (var annotation : object.at("metadata", "annotations").strings().entrySet()) {
            if (!TIME.matcher(annotation.getValue()).matches()) continue;
            kept = kept.withoutAt(List.of("metadata", "annotations", annotation.getKey()));
        }
        return kept;
    }

    private static Json.Obj filled(Json.Obj object, Map<String, String> values) {
        var text = object.toString();
        for (var value : values.entrySet()) text = text.replace(value.getKey(), value.getValue());
        if (!values.containsKey("$UID")) return Json.parse(text).obj();
        var now = Instant.now();
        text = TIME.matcher(text).replaceAll(match -> Rfc3339.seconds(now.plusSeconds(Long.parseLong(match.group(1)))));
        return Json.parse(text).obj();
    }

    private static ObjectRef ref(Json object, String namespace) {
        return ObjectRef.of(
                type(object), namespace, object.at("metadata", "name").string(""));
    }

    private static Json create(Gateway gateway, String namespace, Json.Obj object) {
        var body = object.withAt(List.of("metadata", "namespace"), namespace);
        return done(gateway.send(new Request.Create(ref(object, namespace), body)));
    }

    private static void patch(Gateway gateway, ObjectRef ref, Json.Obj body) {
        done(gateway.send(new Request.Patch(ref, PatchType.MERGE, body)));
    }

    private static Json read(Gateway gateway, ObjectRef ref) {
        return done(gateway.send(new Request.Get(ref)));
    }

    private static Json done(Reply reply) {
        return reply.answer().orElseThrow(() -> new AssertionError(reply.toString()));
    }

    private static void awaitPods(Gateway gateway, ObjectRef set) {
        Scene.until("the pods of " + set, () -> {
            var there = read(gateway, set);
            return there.at("status", "availableReplicas").integer(0)
                            == there.at("spec", "replicas").integer(-1)
                    && there.at("status", "observedGeneration").equals(there.at("metadata", "generation"));
        });
    }
}
