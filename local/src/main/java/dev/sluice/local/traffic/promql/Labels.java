package dev.sluice.local.traffic.promql;

import dev.sluice.json.Json;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The labels of a series, sorted by name; a label without a value is no label.
public final class Labels implements Comparable<Labels> {
    public static final Labels NONE = new Labels(new String[0]);
    static final String NAME = "__name__";

    private final String[] pairs;
    private final int hash;

    private Labels(String[] pairs) {
        this.pairs = pairs;
        this.hash = Arrays.hashCode(pairs);
    }

    /// Labels of alternating names and values.
    public static Labels of(String... namesAndValues) {
        var sorted = new TreeMap<String, String>();
        for (int i = 0; i < namesAndValues.length; i += 2) sorted.put(namesAndValues[i], namesAndValues[i + 1]);
        return of(sorted);
    }

    public static Labels of(Map<String, String> labels) {
        var sorted = new TreeMap<>(labels);
        sorted.values().removeIf(String::isEmpty);
        var pairs = new String[sorted.size() * 2];
        int at = 0;
        for (var label : sorted.entrySet()) {
            pairs[at++] = label.getKey();
            pairs[at++] = label.getValue();
        }
        return new Labels(pairs);
    }

    /// The value of a label, empty where it is absent.
    public String get(String name) {
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i].equals(name)) return pairs[i + 1];
        }
        return "";
    }

    public Labels with(String name, String value) {
        var map = map();
        map.put(name, value);
        return of(map);
    }

    Labels without(Collection<String> names) {
        var map = map();
        map.keySet().removeAll(names);
        return of(map);
    }

    Labels only(Collection<String> names) {
        var map = map();
        map.keySet().retainAll(names);
        return of(map);
    }

    Labels nameless() {
        return get(NAME).isEmpty() ? this : without(List.of(NAME));
    }

    private SortedMap<String, String> map() {
        var map = new TreeMap<String, String>();
        for (int i = 0; i < pairs.length; i += 2) map.put(pairs[i], pairs[i + 1]);
        return map;
    }

    Json json() {
        return Json.of(map());
    }

    @Override
    public int compareTo(Labels other) {
        return Arrays.compare(pairs, other.pairs);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Labels labels && hash == labels.hash && Arrays.equals(pairs, labels.pairs);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /// As in the text format: `name{a="1",b="2"}`.
    @Override
    public String toString() {
        var text = new StringBuilder(get(NAME));
        var separator = "{";
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i].equals(NAME)) continue;
            text.append(separator).append(pairs[i]).append("=\"");
            text.append(pairs[i + 1].replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"));
            text.append('"');
            separator = ",";
        }
        return separator.equals(",") ? text.append('}').toString() : text.toString();
    }
}
