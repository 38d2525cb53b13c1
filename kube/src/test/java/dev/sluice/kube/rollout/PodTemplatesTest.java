package dev.sluice.kube.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import dev.sluice.json.MergePatch;
import dev.sluice.rollout.Additions;
import dev.sluice.rollout.Apart;
import dev.sluice.rollout.PodMetadata;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is added to a pod template is found again, and taken off without a trace.
class PodTemplatesTest {
    private static final PodMetadata NEW = PodMetadata.of(Map.of("role", "new", "tier", "2"), Map.of("note", "hi"));
    private static final PodMetadata STABLE = PodMetadata.of(Map.of("role", "stable"), Map.of());
    private static final Apart REQUIRED = new Apart("abc", OptionalInt.empty());
    private static final Apart PREFERRED = new Apart("abc", OptionalInt.of(9));
    /// Has a label of its own that is added, too, and terms of its own.
    private static final Json.Obj TEMPLATE = json("""
            {'metadata': {'labels': {'app': 'web', 'tier': '1'}},
             'spec': {'containers': [{'name': 'web', 'image': 'web:v1'}],
                      'affinity': {'podAntiAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': [
                          {'topologyKey': 'kubernetes.io/hostname', 'labelSelector': {'matchLabels': {'app': 'db'}}}]}}}}
            """);

    private static Json.Obj json(String text) {
        return Json.parse(text.replace('\'', '"')).obj();
    }

    private static Json.Obj set(Json.Obj template) {
        return Json.obj(
                "metadata",
                Json.obj("name", "web-h", "namespace", "shop"),
                "spec",
                Json.obj("template", template.withAt(List.of("metadata", "labels", Names.HASH), "h")));
    }

    private static Json.Obj patched(Json.Obj set, Json.Obj patch) {
        return MergePatch.apply(set, patch).obj();
    }

    private static Json.Obj kept(Json.Obj set, Apart... apart) {
        return patched(
                set,
                Json.obj(
                        "spec",
                        PodTemplates.affinityPatch(set, List.of(apart).stream().findFirst())));
    }

    private static Json.Obj pod(String metadata) {
        return Json.obj("metadata", json(metadata).with("name", "p"));
    }

    @Test
    void metadataIsPutInReplacedAndTakenOffWithoutATrace() {
        var set = set(TEMPLATE);
        var first = patched(set, PodTemplates.replace(set, NEW, true));
        assertThat(PodTemplates.added(first)).isEqualTo(new Additions.Of(NEW, Optional.empty(), true));
        assertThat(first.at("spec", "template", "metadata", "labels").strings())
                .isEqualTo(Map.of("app", "web", "role", "new", "tier", "2", Names.HASH, "h"));
        assertThat(PodTemplates.asked(first)).isEqualTo(TEMPLATE);

        var second = patched(first, PodTemplates.replace(first, STABLE, true));
        assertThat(second.at("spec", "template", "metadata"))
                .isEqualTo(json("{'labels': {'app': 'web', 'tier': '1', 'role': 'stable'}}")
                        .withAt(List.of("labels", Names.HASH), "h"));
        assertThat(PodTemplates.asked(second)).isEqualTo(TEMPLATE);

        var none = patched(second, PodTemplates.replace(second, PodMetadata.NONE, true));
        assertThat(none.without("metadata")).isEqualTo(set.without("metadata"));
        assertThat(none.at("metadata", "annotations").obj()).isEqualTo(Json.Obj.EMPTY);
    }

    @Test
    void whatIsAddedIsRememberedAsArgoDoes() {
        var set = patched(set(TEMPLATE), PodTemplates.replace(set(TEMPLATE), NEW, true));
        assertThat(Json.parse(set.at("metadata", "annotations", Names.EPHEMERAL_METADATA)
                        .string("")))
                .isEqualTo(json("{'labels': {'role': 'new', 'tier': '2'}, 'annotations': {'note': 'hi'}}"));
    }

    /// Two changes in a row, of which some pod has seen none and some pod one.
    @Test
    void podsGetWhatTheTemplateHasWhateverTheyHadBefore() {
        var set = set(TEMPLATE);
        var first = patched(set, PodTemplates.replace(set, NEW, false));
        var second = patched(first, PodTemplates.replace(first, STABLE, false));
        assertThat(PodTemplates.added(second).onPods()).isFalse();
        for (var before : List.of(
                "{'labels': {'app': 'web', 'tier': '1', 'x': 'y'}}",
                "{'labels': {'app': 'web', 'tier': '2', 'role': 'new', 'x': 'y'}, 'annotations': {'note': 'hi'}}")) {
            var stray = PodTemplates.stray(pod(before), second).orElseThrow();
            var pod = patched(pod(before), PodTemplates.patch(stray));
            assertThat(pod.at("metadata", "labels"))
                    .as("a label of somebody else's is left alone")
                    .isEqualTo(json("{'app': 'web', 'tier': '1', 'role': 'stable', 'x': 'y'}"));
            assertThat(pod.at("metadata", "annotations").obj()).isEqualTo(Json.Obj.EMPTY);
            assertThat(PodTemplates.stray(pod, second)).isEmpty();
        }
        var confirmed = patched(second, PodTemplates.confirm(second));
        assertThat(PodTemplates.added(confirmed)).isEqualTo(new Additions.Of(STABLE, Optional.empty(), true));
        assertThat(PodTemplates.asked(confirmed)).isEqualTo(TEMPLATE);
    }

    @Test
    void ofAReplicaSetOfArgosItIsNotKnownWhetherThePodsHaveIt() {
        var argos = set(TEMPLATE.withAt(List.of("metadata", "labels", "role"), "stable"))
                .withAt(
                        List.of("metadata", "annotations", Names.EPHEMERAL_METADATA),
                        "{\"labels\":{\"role\":\"stable\"}}");
        assertThat(PodTemplates.added(argos)).isEqualTo(new Additions.Of(STABLE, Optional.empty(), false));
        assertThat(PodTemplates.asked(argos)).isEqualTo(TEMPLATE);
        assertThat(PodTemplates.stray(pod("{'labels': {'app': 'web', 'tier': '1'}}"), argos))
                .isPresent();
        assertThat(PodTemplates.added(patched(argos, PodTemplates.confirm(argos)))
                        .onPods())
                .isTrue();
    }

    @Test
    void whatSomebodyHasTakenOutOfATemplateIsMissed() {
        var set = patched(set(TEMPLATE), PodTemplates.replace(set(TEMPLATE), STABLE, true));
        var without = set.withoutAt(List.of("spec", "template", "metadata", "labels", "role"));
        assertThat(PodTemplates.added(without).metadata()).isEqualTo(PodMetadata.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"no JSON", "[]", "{\"labels\":7}", "{\"labels\":{\"rollouts-pod-template-hash\":\"h\"}}"})
    void anAnnotationThatNobodyCanReadRemembersNothing(String text) {
        var set = set(TEMPLATE)
                .withAt(List.of("metadata", "annotations", Names.EPHEMERAL_METADATA), text)
                .withAt(List.of("metadata", "annotations", Names.METADATA_PROGRESS), text);
        assertThat(PodTemplates.added(set).metadata()).isEqualTo(PodMetadata.NONE);
        assertThat(PodTemplates.asked(set)).isEqualTo(TEMPLATE);
    }

    @Test
    void theTermOfAntiAffinityIsAddedReplacedAndTakenOffAndOthersAreKept() {
        for (var template : List.of(TEMPLATE, TEMPLATE.withoutAt(List.of("spec", "affinity")))) {
            var set = set(template);
            for (var apart : List.of(REQUIRED, PREFERRED)) {
                var added = kept(set, apart);
                assertThat(PodTemplates.added(added).apart()).contains(apart);
                assertThat(PodTemplates.asked(added)).isEqualTo(template);
                var other = new Apart("other", OptionalInt.empty());
                assertThat(PodTemplates.added(kept(added, other)).apart()).contains(other);
                assertThat(PodTemplates.asked(kept(added, other))).isEqualTo(template);
                assertThat(kept(added)).isEqualTo(set);
            }
        }
    }

    @Test
    void theTermIsArgos() {
        var set = kept(set(TEMPLATE.withoutAt(List.of("spec", "affinity"))), PREFERRED);
        assertThat(set.at("spec", "template", "spec", "affinity")).isEqualTo(json("""
                        {'podAntiAffinity': {'preferredDuringSchedulingIgnoredDuringExecution': [{'weight': 9,
                           'podAffinityTerm': {'labelSelector': {'matchExpressions': [
                               {'key': 'rollouts-pod-template-hash', 'operator': 'In', 'values': ['abc']}]},
                             'namespaces': ['shop'], 'topologyKey': 'kubernetes.io/hostname'}}]}}"""));
    }
}
