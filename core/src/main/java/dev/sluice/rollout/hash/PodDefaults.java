package dev.sluice.rollout.hash;

import dev.sluice.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Completes a pod template as an API server completes it where it is part of a built-in object. A Rollout's is stored
/// as it was written, that of its ReplicaSet is not.
///
/// @see "Kubernetes 1.34: defaults of PodTemplateSpec; Argo Rollouts spec B3, lookup (b)"
final class PodDefaults {
    private final GoStructs structs;
    private final Map<String, Map<String, GoValue>> values;

    private PodDefaults(GoStructs structs, Map<String, Map<String, GoValue>> values) {
        this.structs = structs;
        this.values = values;
    }

    static PodDefaults load(GoStructs structs) {
        try (var in = PodDefaults.class.getResourceAsStream("pod-defaults.txt")) {
            if (in == null) throw new AssertionError("the table pod-defaults.txt is missing from the module");
            return parse(structs, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static PodDefaults parse(GoStructs structs, String table) {
        var values = new LinkedHashMap<String, Map<String, GoValue>>();
        for (var line : table.lines().toList()) {
            if (line.startsWith("#")) continue;
            var words = line.split(" ", 3);
            var field = structs.fieldInAnyCase(words[0], words[1]).orElseThrow(() -> new AssertionError(line));
            var value = GoDecoder.decode(structs, field.type(), Json.parse(words[2]));
            values.computeIfAbsent(words[0], _ -> new LinkedHashMap<>()).put(field.name(), value);
        }
        return new PodDefaults(structs, values);
    }

    /// Fills in what was left open, in place.
    ///
    /// @return the same value
    GoValue complete(GoValue value) {
        switch (value) {
            case GoValue.Struct struct -> completeStruct(struct);
            case GoValue.Items(var items) -> items.forEach(this::complete);
            case GoValue.Entries(var entries) -> entries.values().forEach(this::complete);
            case GoValue.Nil _, GoValue.Text _, GoValue.Int _, GoValue.Bool _, GoValue.Written _, GoValue.Time _ -> {}
        }
        return value;
    }

    private void completeStruct(GoValue.Struct struct) {
        values.getOrDefault(struct.name(), Map.of()).forEach((field, byDefault) -> {
            if (open(struct, field)) struct.fields().put(field, byDefault);
        });
        switch (struct.name()) {
            case "PodSpec" -> completePod(struct);
            case "Container", "EphemeralContainer" -> {
                if (open(struct, "imagePullPolicy")) {
                    boolean latest = isLatest(text(struct, "image"));
                    struct.fields().put("imagePullPolicy", new GoValue.Text(latest ? "Always" : "IfNotPresent"));
                }
            }
            case "Volume" -> {
                boolean sourceless = struct.fields().keySet().stream()
                        .allMatch(field -> field.equals("name") || open(struct, field));
                if (sourceless) struct.fields().put("emptyDir", new GoValue.Struct("EmptyDirVolumeSource"));
            }
            default -> {}
        }
        struct.fields().values().forEach(this::complete);
    }

    /// The older name of the service account follows the newer one; ports on the host's network are ports of the host.
    private void completePod(GoValue.Struct pod) {
        if (open(pod, "serviceAccountName") && !open(pod, "serviceAccount")) {
            pod.fields().put("serviceAccountName", new GoValue.Text(text(pod, "serviceAccount")));
        }
        pod.fields().remove("serviceAccount");
        if (!new GoValue.Bool(true).equals(pod.fields().get("hostNetwork"))) return;
        for (var container : both(pod)) {
            for (var port : items(container, "ports")) {
                var number = port.fields().get("containerPort");
                if (number != null && open(port, "hostPort")) port.fields().put("hostPort", number);
            }
        }
    }

    private List<GoValue.Struct> both(GoValue.Struct pod) {
        var all = new ArrayList<>(items(pod, "initContainers"));
        all.addAll(items(pod, "containers"));
        return all;
    }

    private static List<GoValue.Struct> items(GoValue.Struct struct, String field) {
        if (!(struct.fields().get(field) instanceof GoValue.Items(var items))) return List.of();
        return items.stream()
                .filter(GoValue.Struct.class::isInstance)
                .map(GoValue.Struct.class::cast)
                .toList();
    }

    private static String text(GoValue.Struct struct, String field) {
        return struct.fields().get(field) instanceof GoValue.Text(var text) ? text : "";
    }

    private boolean open(GoValue.Struct struct, String name) {
        var value = struct.fields().get(name);
        return value == null
                || structs.fields(struct.name()).stream()
                        .anyMatch(field -> field.name().equals(name) && value.equals(GoValue.zero(field.type())));
    }

    /// Whether an image reference names no version: neither digest nor a tag other than `latest`.
    private static boolean isLatest(String image) {
        if (image.indexOf('@') >= 0) return false;
        int colon = image.lastIndexOf(':');
        return colon <= image.lastIndexOf('/') || image.substring(colon + 1).equals("latest");
    }
}
