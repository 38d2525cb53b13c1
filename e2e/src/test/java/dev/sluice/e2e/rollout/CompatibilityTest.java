package dev.sluice.e2e.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// `docs/reference/argo-compatibility.md` says of each row which scenarios show it; it is made of them, here.
///
/// `-Dsluice.write=true` writes it anew.
class CompatibilityTest {
    private static final Path DOCUMENT =
            Path.of(System.getProperty("sluice.root"), "docs/reference/argo-compatibility.md");

    /// What an Argo Rollouts controller does, by the numbers under which tests name it.
    private static final Map<String, String> ROWS = rows();

    /// What no cluster shows at will, and a story of the engine does.
    private static final Map<String, String> STORIES = Map.of(
            "M17", "[EnoughTest](../../core/src/test/java/dev/sluice/rollout/EnoughTest.java), of the engine alone");

    private static Map<String, String> rows() {
        var rows = new LinkedHashMap<String, String>();
        rows.put("M01", "the five kinds: columns, status and scale subresource, a selector that stays");
        rows.put("M02", "an object that is malformed harms no other");
        rows.put("M03", "validation of the spec and of what it refers to, `InvalidSpec`, recovery");
        rows.put("M04", "pod-template hash and step hash, bit by bit");
        rows.put("M05", "ReplicaSets: names, revisions, history");
        rows.put("M06", "replicas: default, scale subresource, what autoscalers read");
        rows.put("M07", "canary without a router: the nearest ratio of pods");
        rows.put("M08", "canary behind a router: sizes, `setCanaryScale`, `minPodsPerReplicaSet`");
        rows.put("M09", "`dynamicStableScale`");
        rows.put("M10", "`scaleDownDelaySeconds` and its annotation");
        rows.put("M11", "abort, `abortScaleDownDelaySeconds`, retry");
        rows.put("M12", "steps `setWeight`, `pause`, `setCanaryScale`");
        rows.put("M13", "step `analysis`");
        rows.put("M14", "step `experiment`");
        rows.put("M15", "steps `setHeaderRoute`, `setMirrorRoute`");
        rows.put("M16", "step `plugin`");
        rows.put("M17", "`replicaProgressThreshold`");
        rows.put("M18", "promote, promote in full, skip, pause, resume");
        rows.put("M19", "back to the stable template");
        rows.put("M20", "`rollbackWindow`");
        rows.put("M21", "changes of template, steps and size in mid-update");
        rows.put("M22", "`controllerPause` and `pauseConditions`");
        rows.put("M23", "`progressDeadlineSeconds`, `progressDeadlineAbort`");
        rows.put("M24", "`restartAt`");
        rows.put("M25", "ephemeral metadata");
        rows.put("M26", "`workloadRef`");
        rows.put("M27", "blue-green: active and preview Service, promotion, `previewReplicaCount`");
        rows.put("M28", "`prePromotionAnalysis`, `postPromotionAnalysis`");
        rows.put("M29", "selectors and the `managed-by-rollouts` annotation of Services");
        rows.put("M30", "anti-affinity between revisions");
        rows.put("M31", "ping-pong Services");
        rows.put("M32", "conditions, phase, message");
        rows.put("M33", "Events: reasons and order");
        rows.put("M34", "`status.duration`");
        rows.put("M35", "another strategy in mid-life");
        return rows;
    }

    @Test
    void theDocumentNamesTheScenariosThatThereAre() throws IOException {
        var document = document();
        if (Boolean.getBoolean("sluice.write")) Files.writeString(DOCUMENT, document);
        assertThat(Files.readString(DOCUMENT)).isEqualTo(document);
    }

    @Test
    void everyRowThatAScenarioNamesIsOne() {
        var named = new TreeSet<String>();
        scenarios()
                .forEach(scenario ->
                        named.addAll(List.of(scenario.getAnnotation(Rows.class).value())));
        assertThat(ROWS.keySet()).containsAll(named);
    }

    private static List<Method> scenarios() {
        return Arrays.stream(RolloutContract.class.getMethods())
                .filter(method -> method.isAnnotationPresent(Rows.class))
                .sorted(Comparator.comparing(Method::getName))
                .toList();
    }

    private static String document() {
        var lines = new ArrayList<String>();
        lines.add("# What of Argo Rollouts there is, and what shows it");
        lines.add("");
        lines.add(
                "Each scenario runs in CI on the embedded cluster and on a real kube-apiserver with its own controllers.");
        lines.add("This page is made of them ([RolloutContract]"
                + "(../../e2e/src/test/java/dev/sluice/e2e/rollout/RolloutContract.java),");
        lines.add(
                "[ArgoRows](../../e2e/src/test/java/dev/sluice/e2e/rollout/ArgoRows.java)); what is \"not yet\" there is");
        lines.add("refused, with its field and a remedy, and never ignored.");
        lines.add("");
        lines.add("| | what | shown by |");
        lines.add("| --- | --- | --- |");
        ROWS.forEach((row, what) -> lines.add("| %s | %s | %s |".formatted(row, what, shownBy(row))));
        return String.join("\n", lines) + "\n";
    }

    private static String shownBy(String row) {
        var shown = scenarios().stream()
                .filter(scenario ->
                        List.of(scenario.getAnnotation(Rows.class).value()).contains(row))
                .map(scenario -> words(scenario.getName()))
                .collect(Collectors.joining("; "));
        return shown.isEmpty() ? STORIES.getOrDefault(row, "not yet") : shown;
    }

    /// `aCanaryPauses` in words.
    private static String words(String name) {
        return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ")
                .toLowerCase(Locale.ROOT);
    }
}
