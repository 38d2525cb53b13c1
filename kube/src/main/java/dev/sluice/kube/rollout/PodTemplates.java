package dev.sluice.kube.rollout;

import dev.sluice.json.Json;
import dev.sluice.json.JsonSyntaxException;
import dev.sluice.json.MergePatch;
import dev.sluice.rollout.Additions;
import dev.sluice.rollout.Apart;
import dev.sluice.rollout.Observation.StrayPod;
import dev.sluice.rollout.PodMetadata;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.hash.PodTemplateHash;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/// What the pod template of a ReplicaSet has beside what a spec asked for: the hash, ephemeral metadata, a term of
/// anti-affinity. How it is put in, found again, and taken off.
///
/// Two annotations remember the metadata. One is Argo's: what was added. One is ours:
///
/// ```
/// {"done": true}                        every pod has it
/// {"former": {"labels": ["a"], …}}      pods may be without it, and may have these names from before
///  "replaced": {"labels": {"a": "b"}}   what the spec's template had under a name that was added
/// ```
///
/// Where ours is missing, as with a ReplicaSet of Argo's, pods may be without it.
///
/// @see "Argo Rollouts spec B4, B21, B22; docs/adr/0021"
public final class PodTemplates {
    private static final String DONE = "done";
    private static final String FORMER = "former";
    private static final String REPLACED = "replaced";
    private static final String LABELS = "labels";
    private static final String ANNOTATIONS = "annotations";
    private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
    private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
    private static final String HOST = "kubernetes.io/hostname";

    private PodTemplates() {}

    /// The revision that a spec asks for. Where no ReplicaSet is named by the template's hash, one with just this
    /// template has it all the same: other controllers and other counts of collisions come to other hashes.
    ///
    /// @param owned the ReplicaSets of this Rollout
    /// @return the hash of that revision, also where it has no ReplicaSet yet
    /// @see "Argo Rollouts spec B3: lookup by hash, then by equality of the templates"
    public static String revision(Rollout rollout, List<? extends Json> owned) {
        var template = rollout.spec().template();
        var hash = PodTemplateHash.of(template, rollout.status().collisionCount());
        if (owned.stream().anyMatch(set -> hash(set).equals(hash))) return hash;
        return owned.stream()
                .sorted(Comparator.comparing(
                        set -> set.at("metadata", "creationTimestamp").string("")))
                .filter(set -> PodTemplateHash.alike(asked(set), template))
                .map(PodTemplates::hash)
                .findFirst()
                .orElse(hash);
    }

    private static String hash(Json set) {
        return set.at("metadata", "labels", Names.HASH).string("");
    }

    /// The pod template as a spec asked for it.
    public static Json.Obj asked(Json set) {
        var template = set.at("spec", "template").obj().withoutAt(List.of("metadata", LABELS, Names.HASH));
        var metadata = without(template.at("metadata"), remembered(set), replaced(set));
        if (!metadata.equals(template.at("metadata").obj())) template = template.with("metadata", metadata);
        var affinity = template.at("spec", "affinity").obj();
        var bare = without(affinity, namespace(set));
        if (bare.equals(affinity)) return template;
        var path = List.of("spec", "affinity");
        return bare.isEmpty() ? template.withoutAt(path) : template.withAt(path, bare);
    }

    /// What was added to the template.
    static Additions.Of added(Json set) {
        var metadata = set.at("spec", "template", "metadata");
        var remembered = remembered(set);
        var there = PodMetadata.of(
                common(remembered.labels(), metadata.at(LABELS).strings()),
                common(remembered.annotations(), metadata.at(ANNOTATIONS).strings()));
        boolean done = progress(set).at(DONE).bool(false);
        boolean never = remembered.isEmpty() && progress(set).isEmpty();
        var apart = terms(set.at("spec", "template", "spec", "affinity"), namespace(set)).stream()
                .findFirst();
        return new Additions.Of(there, apart, done || never);
    }

    private static Map<String, String> common(Map<String, String> a, Map<String, String> b) {
        var common = new TreeMap<>(a);
        common.entrySet().retainAll(b.entrySet());
        return common;
    }

    // ── metadata ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// The annotations of a new ReplicaSet that has this in its template from the beginning.
    ///
    /// @param template without it
    static Map<String, Json> annotations(Json.Obj template, PodMetadata added) {
        return added.isEmpty()
                ? Map.of()
                : annotations(added, finished(added, replacedBy(added, template.at("metadata"))));
    }

    /// The metadata of a template with this added.
    static Json.Obj with(Json metadata, PodMetadata added) {
        var with = metadata.obj();
        with = put(with, LABELS, added.labels());
        return put(with, ANNOTATIONS, added.annotations());
    }

    private static Json.Obj put(Json.Obj metadata, String name, Map<String, String> added) {
        if (added.isEmpty()) return metadata;
        var all = new LinkedHashMap<>(metadata.at(name).fields());
        added.forEach((key, value) -> all.put(key, Json.of(value)));
        return metadata.with(name, all);
    }

    private static Json.Obj without(Json metadata, PodMetadata added, PodMetadata replaced) {
        var without = metadata.obj();
        without = take(without, LABELS, added.labels(), replaced.labels());
        return take(without, ANNOTATIONS, added.annotations(), replaced.annotations());
    }

    private static Json.Obj take(
            Json.Obj metadata, String name, Map<String, String> added, Map<String, String> replaced) {
        if (added.isEmpty()) return metadata;
        var all = new LinkedHashMap<>(metadata.at(name).fields());
        for (var key : added.keySet()) {
            if (replaced.containsKey(key)) all.put(key, Json.of(replaced.get(key)));
            else all.remove(key);
        }
        return all.isEmpty() ? metadata.without(name) : metadata.with(name, all);
    }

    /// The patch that puts this in the place of what was added before.
    ///
    /// @param podless whether there are no pods from before
    static Json.Obj replace(Json set, PodMetadata added, boolean podless) {
        var there = set.at("spec", "template", "metadata").obj();
        var bare = without(there, remembered(set), replaced(set));
        var replaced = replacedBy(added, bare);
        var progress = podless ? finished(added, replaced) : underWay(former(set), replaced);
        return Json.obj(
                "metadata",
                Json.obj(ANNOTATIONS, annotations(added, progress)),
                "spec",
                Json.obj("template", Json.obj("metadata", MergePatch.diff(there, with(bare, added)))));
    }

    /// The patch that says that every pod has what the template has.
    static Json.Obj confirm(Json set) {
        var added = remembered(set);
        return Json.obj("metadata", Json.obj(ANNOTATIONS, annotations(added, finished(added, replaced(set)))));
    }

    private static Json finished(PodMetadata added, PodMetadata replaced) {
        return added.isEmpty() ? Json.Null.VALUE : beside(Json.obj(DONE, true), replaced);
    }

    private static Json underWay(FormerNames former, PodMetadata replaced) {
        var names = Json.obj(LABELS, former.labels(), ANNOTATIONS, former.annotations());
        return beside(Json.obj(FORMER, names), replaced);
    }

    private static Json.Obj beside(Json.Obj progress, PodMetadata replaced) {
        return replaced.isEmpty() ? progress : progress.with(REPLACED, json(replaced));
    }

    private static Map<String, Json> annotations(PodMetadata added, Json progress) {
        var annotations = new LinkedHashMap<String, Json>();
        annotations.put(
                Names.EPHEMERAL_METADATA,
                added.isEmpty() ? Json.Null.VALUE : Json.of(json(added).toString()));
        annotations.put(Names.METADATA_PROGRESS, progress.isNull() ? Json.Null.VALUE : Json.of(progress.toString()));
        return annotations;
    }

    private static PodMetadata replacedBy(PodMetadata added, Json metadata) {
        var labels = new TreeMap<>(metadata.at(LABELS).strings());
        labels.keySet().retainAll(added.labels().keySet());
        var annotations = new TreeMap<>(metadata.at(ANNOTATIONS).strings());
        annotations.keySet().retainAll(added.annotations().keySet());
        return new PodMetadata(labels, annotations);
    }

    /// Names that pods may have had before what the template has now.
    private record FormerNames(List<String> labels, List<String> annotations) {}

    private static FormerNames former(Json set) {
        var former = progress(set).at(FORMER);
        var remembered = remembered(set);
        return new FormerNames(
                all(former.at(LABELS), remembered.labels()), all(former.at(ANNOTATIONS), remembered.annotations()));
    }

    private static List<String> all(Json names, Map<String, String> more) {
        return Stream.concat(names.items().stream().flatMap(name -> name.asString().stream()), more.keySet().stream())
                .filter(name -> !name.equals(Names.HASH))
                .distinct()
                .sorted()
                .toList();
    }

    /// What a pod has otherwise than the template of its ReplicaSet, of what is or was added there.
    ///
    /// @return empty where nothing differs
    static Optional<StrayPod> stray(Json pod, Json set) {
        var former = former(set);
        var metadata = pod.at("metadata");
        var template = set.at("spec", "template", "metadata");
        var labels = different(former.labels(), metadata.at(LABELS), template.at(LABELS));
        var annotations = different(former.annotations(), metadata.at(ANNOTATIONS), template.at(ANNOTATIONS));
        if (labels.isEmpty() && annotations.isEmpty()) return Optional.empty();
        return Optional.of(new StrayPod(
                metadata.at("name").string(""),
                metadata.at("uid").string(""),
                metadata.at("resourceVersion").string(""),
                set.at("metadata", "name").string(""),
                labels,
                annotations));
    }

    private static SequencedMap<String, Optional<String>> different(List<String> names, Json has, Json shall) {
        var different = new TreeMap<String, Optional<String>>();
        for (var name : names) {
            if (!has.at(name).equals(shall.at(name)))
                different.put(name, shall.at(name).asString());
        }
        return different;
    }

    /// What gives a pod that.
    static Json.Obj patch(StrayPod pod) {
        return Json.obj("metadata", Json.obj(LABELS, changes(pod.labels()), ANNOTATIONS, changes(pod.annotations())));
    }

    private static Json.Obj changes(Map<String, Optional<String>> values) {
        var changes = new LinkedHashMap<String, Json>();
        values.forEach(
                (name, value) -> changes.put(name, value.<Json>map(Json::of).orElse(Json.Null.VALUE)));
        return new Json.Obj(changes);
    }

    private static PodMetadata remembered(Json set) {
        return metadata(annotation(set, Names.EPHEMERAL_METADATA));
    }

    private static PodMetadata replaced(Json set) {
        return metadata(progress(set).at(REPLACED));
    }

    private static Json.Obj progress(Json set) {
        return annotation(set, Names.METADATA_PROGRESS).obj();
    }

    /// One that nobody can read remembers nothing.
    private static Json annotation(Json set, String name) {
        try {
            var text = set.at("metadata", ANNOTATIONS, name).string("");
            return text.isEmpty() ? Json.Null.VALUE : Json.parse(text);
        } catch (JsonSyntaxException unreadable) {
            return Json.Null.VALUE;
        }
    }

    /// The hash is nobody's to add.
    static PodMetadata metadata(Json json) {
        var labels = new TreeMap<>(json.at(LABELS).strings());
        labels.remove(Names.HASH);
        return new PodMetadata(labels, new TreeMap<>(json.at(ANNOTATIONS).strings()));
    }

    private static Json.Obj json(PodMetadata metadata) {
        var json = Json.Obj.EMPTY;
        if (!metadata.labels().isEmpty()) json = json.with(LABELS, metadata.labels());
        return metadata.annotations().isEmpty() ? json : json.with(ANNOTATIONS, metadata.annotations());
    }

    // ── anti-affinity ────────────────────────────────────────────────────────────────────────────────────────────

    /// The patch of a template's affinity that leaves this as the only term of ours; empty where that is so.
    static Json.Obj affinityPatch(Json set, Optional<Apart> apart) {
        var there = set.at("spec", "template", "spec", "affinity").obj();
        var bare = without(there, namespace(set));
        var wanted = apart.map(term -> with(bare, term, namespace(set))).orElse(bare);
        if (wanted.equals(there)) return Json.Obj.EMPTY;
        var affinity = wanted.isEmpty() ? Json.Null.VALUE : MergePatch.diff(there, wanted);
        return Json.obj("template", Json.obj("spec", Json.obj("affinity", affinity)));
    }

    /// An affinity with a term more.
    static Json.Obj with(Json.Obj affinity, Apart apart, String namespace) {
        var term = Json.obj(
                "labelSelector",
                Json.obj(
                        "matchExpressions",
                        List.of(Json.obj("key", Names.HASH, "operator", "In", "values", List.of(apart.hash())))),
                "namespaces",
                List.of(namespace),
                "topologyKey",
                HOST);
        var name = apart.weight().isPresent() ? PREFERRED : REQUIRED;
        var added = apart.weight().isPresent()
                ? Json.obj("weight", apart.weight().getAsInt(), "podAffinityTerm", term)
                : term;
        var path = List.of("podAntiAffinity", name);
        var terms = new ArrayList<>(affinity.at("podAntiAffinity", name).items());
        terms.add(added);
        return affinity.withAt(path, terms);
    }

    private static Json.Obj without(Json.Obj affinity, String namespace) {
        var anti = affinity.at("podAntiAffinity").obj();
        var bare = without(anti, REQUIRED, Function.identity(), namespace);
        bare = without(bare, PREFERRED, term -> term.at("podAffinityTerm"), namespace);
        if (bare.equals(anti)) return affinity;
        return bare.isEmpty() ? affinity.without("podAntiAffinity") : affinity.with("podAntiAffinity", bare);
    }

    private static Json.Obj without(Json.Obj anti, String name, Function<Json, Json> term, String namespace) {
        var terms = anti.at(name).items();
        var others = terms.stream()
                .filter(item -> hash(term.apply(item), namespace).isEmpty())
                .toList();
        if (others.size() == terms.size()) return anti;
        return others.isEmpty() ? anti.without(name) : anti.with(name, others);
    }

    private static List<Apart> terms(Json affinity, String namespace) {
        var anti = affinity.at("podAntiAffinity");
        var required = anti.at(REQUIRED).items().stream()
                .flatMap(term -> hash(term, namespace).stream())
                .map(hash -> new Apart(hash, OptionalInt.empty()));
        var preferred = anti.at(PREFERRED).items().stream()
                .flatMap(item -> hash(item.at("podAffinityTerm"), namespace)
                        .map(hash ->
                                new Apart(hash, OptionalInt.of(item.at("weight").integer(0))))
                        .stream());
        return Stream.concat(required, preferred).toList();
    }

    /// The revision that a term keeps away from, where it is one of ours: nobody else asks for a revision by its hash.
    private static Optional<String> hash(Json term, String namespace) {
        var expressions = term.at("labelSelector", "matchExpressions").items();
        boolean ours = term.at("topologyKey").string("").equals(HOST)
                && term.at("namespaces").equals(Json.of(List.of(namespace)))
                && term.at("labelSelector").fields().size() == 1
                && expressions.size() == 1;
        if (!ours) return Optional.empty();
        var expression = expressions.getFirst();
        boolean in = expression.at("key").string("").equals(Names.HASH)
                && expression.at("operator").string("").equals("In")
                && expression.at("values").items().size() == 1;
        return in ? expression.at("values").at(0).asString() : Optional.empty();
    }

    private static String namespace(Json set) {
        return set.at("metadata", "namespace").string("");
    }
}
