package dev.sluice.local.workload;

import dev.sluice.json.Json;
import dev.sluice.rollout.hash.PodTemplateHash;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// A pod template: its name, and when two are the same.
final class Template {
    /// The label that tells the pods of one template from those of another.
    static final String LABEL = "pod-template-hash";

    private Template() {}

    /// The value of the label, digit for digit the one that Kubernetes computes.
    ///
    /// @param collisions how often the name was found taken by another
    static String hash(Json template, int collisions) {
        return PodTemplateHash.of(template, collisions == 0 ? Optional.empty() : Optional.of(collisions));
    }

    /// Whether two templates ask for the same pods: field order, absent and empty values and our own label aside.
    static boolean same(Json one, Json other) {
        return canonical(one).equals(canonical(other));
    }

    /// The template without what does not matter: sorted, no nulls, no empty objects or lists, no hash label.
    private static Json canonical(Json template) {
        return tidy(template.obj()
                .withoutAt(List.of("metadata", "labels", LABEL))
                .withoutAt(List.of("metadata", "creationTimestamp")));
    }

    private static Json tidy(Json json) {
        return switch (json) {
            case Json.Obj(var fields) -> {
                var sorted = new LinkedHashMap<String, Json>();
                new TreeMap<>(fields).forEach((name, value) -> {
                    var tidied = tidy(value);
                    boolean empty = tidied.isNull()
                            || tidied instanceof Json.Obj object && object.isEmpty()
                            || tidied instanceof Json.Arr(var items) && items.isEmpty();
                    // An empty volume source, such as emptyDir, is a choice and not an absence.
                    if (!empty || name.equals("emptyDir")) sorted.put(name, tidied);
                });
                yield new Json.Obj(sorted);
            }
            case Json.Arr(var items) -> {
                var all = new ArrayList<Json>();
                for (var item : items) all.add(tidy(item));
                yield new Json.Arr(all);
            }
            case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> json;
        };
    }
}
