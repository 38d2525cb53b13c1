package dev.sluice.kube.rollout;

import dev.sluice.cluster.LabelSelector;
import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Others of a namespace whose pods have the same labels. Each looks healthy, for ReplicaSets know their
/// pods by a hash; but Services and autoscalers do not, and take the pods of both for one. Nothing is done
/// about it, as in Argo: it is told.
public final class Neighbours {
    private static final int NAMED = 3;

    private Neighbours() {}

    /// Whether a Rollout shares its pods' labels.
    ///
    /// @param rollout as the server has it
    /// @param rollouts of its namespace, itself included
    /// @param deployments of its namespace; empty where they cannot be read
    public static Optional<Note> note(
            Json.Obj rollout, Collection<Json.Obj> rollouts, Collection<Json.Obj> deployments) {
        var selector = selector(rollout);
        if (selector.isEmpty()) return Optional.empty();
        var fitted = new ArrayList<String>();
        var fitting = new ArrayList<String>();
        var others = new TreeMap<String, Json.Obj>();
        for (var other : rollouts) {
            if (!name(other).equals(name(rollout))) others.put("rollout/" + name(other), other);
        }
        for (var other : deployments) {
            // That the two have the same labels is what a reference to a Deployment comes to.
            if (!refers(rollout, name(other))) others.put("deployment/" + name(other), other);
        }
        others.forEach((name, other) -> {
            if (!runs(other)) return;
            if (selector.get().matches(labels(other))) fitted.add(name);
            else if (selector(other).filter(its -> its.matches(labels(rollout))).isPresent()) fitting.add(name);
        });
        if (fitted.isEmpty() && fitting.isEmpty()) return Optional.empty();
        var what = fitted.isEmpty()
                ? "the selector of " + names(fitting) + " fits its pods, too"
                : "fits the pods of " + names(fitted) + ", too";
        return Optional.of(new Note(
                Note.Kind.SHARED_LABELS,
                "spec.selector: " + what + ": a Service or an autoscaler takes all of them for one; give each a label"
                        + " of its own"));
    }

    private static boolean refers(Json.Obj rollout, String deployment) {
        var ref = rollout.at("spec", "workloadRef");
        return ref.at("kind").string("").equals("Deployment")
                && ref.at("name").string("").equals(deployment);
    }

    /// Whether it has pods, or will have; what is on its way out needs no word.
    private static boolean runs(Json.Obj other) {
        return other.at("metadata", "deletionTimestamp").isNull()
                && other.at("spec", "replicas").integer(1) > 0;
    }

    private static Optional<LabelSelector> selector(Json.Obj object) {
        try {
            return Optional.of(LabelSelector.of(object.at("spec", "selector")))
                    .filter(selector -> !selector.requirements().isEmpty());
        } catch (IllegalArgumentException unreadable) {
            // That is told elsewhere.
            return Optional.empty();
        }
    }

    private static Map<String, String> labels(Json.Obj object) {
        return object.at("spec", "template", "metadata", "labels").strings();
    }

    private static String name(Json.Obj object) {
        return object.at("metadata", "name").string("");
    }

    private static String names(List<String> all) {
        int more = all.size() - NAMED;
        return String.join(", ", all.subList(0, Math.min(NAMED, all.size())))
                + (more > 0 ? " and " + more + " more" : "");
    }
}
