package dev.sluice.rollout;

import java.util.Collections;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Labels and annotations, by name in order.
public record PodMetadata(SequencedMap<String, String> labels, SequencedMap<String, String> annotations) {
    public static final PodMetadata NONE = new PodMetadata(new TreeMap<>(), new TreeMap<>());

    public PodMetadata {
        labels = Collections.unmodifiableSequencedMap(new TreeMap<>(labels));
        annotations = Collections.unmodifiableSequencedMap(new TreeMap<>(annotations));
    }

    public static PodMetadata of(Map<String, String> labels, Map<String, String> annotations) {
        return new PodMetadata(new TreeMap<>(labels), new TreeMap<>(annotations));
    }

    public boolean isEmpty() {
        return labels.isEmpty() && annotations.isEmpty();
    }

    /// Such as `labels role=canary, annotations note=new`, or `nothing`.
    @Override
    public String toString() {
        var text = new StringBuilder();
        list(text, "labels", labels);
        list(text, "annotations", annotations);
        return text.isEmpty() ? "nothing" : text.toString();
    }

    private static void list(StringBuilder text, String name, Map<String, String> entries) {
        if (entries.isEmpty()) return;
        text.append(text.isEmpty() ? "" : ", ").append(name);
        entries.forEach((key, value) -> text.append(' ').append(key).append('=').append(value));
    }
}
