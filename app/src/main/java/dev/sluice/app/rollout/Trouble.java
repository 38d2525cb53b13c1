package dev.sluice.app.rollout;

import dev.sluice.json.Json;
import dev.sluice.kube.explain.PodTrouble;
import dev.sluice.rollout.Headline;
import dev.sluice.rollout.Rollout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// What pods say that do not serve: one complaint, and how many of one owner's pods have it.
///
/// @param owner name of the ReplicaSet or Deployment
record Trouble(String owner, int pods, PodTrouble what) {
    /// Those of one owner; pods that are ending do not count.
    static List<Trouble> of(String owner, List<? extends Json> pods) {
        var counted = new TreeMap<PodTrouble, Integer>(Comparator.comparing(PodTrouble::text));
        for (var pod : pods) {
            if (!pod.at("metadata", "deletionTimestamp").isNull()) continue;
            PodTrouble.of(pod).ifPresent(what -> counted.merge(what, 1, Integer::sum));
        }
        var troubles = new ArrayList<Trouble>();
        counted.forEach((what, number) -> troubles.add(new Trouble(owner, number, what)));
        return troubles;
    }

    String text() {
        return what.text();
    }

    /// Whether it passes by itself in every start of a pod.
    boolean passing() {
        return what.kind() == PodTrouble.Kind.STARTING;
    }

    /// Whether a pod that begins well says so for a while too.
    private boolean mild() {
        return what.kind() != PodTrouble.Kind.BROKEN;
    }

    /// `2 pods of web-5fb4: ErrImagePull: no such image`.
    @Override
    public String toString() {
        return told(what.text());
    }

    private String told(String text) {
        return "%d pod%s of %s: %s".formatted(pods, pods == 1 ? "" : "s", owner, text);
    }

    /// The sentence with the worst of it as the cause, where there is any.
    static Headline cause(Headline headline, Rollout rollout, List<Trouble> troubles) {
        // A spec that is wrong comes first; what its pods do is another matter.
        if (rollout.status().invalid().isPresent()) return headline;
        if (rollout.status().refused().isPresent()) return headline;
        boolean late = Headline.phase(rollout).phase().equals("Degraded");
        return worst(troubles, late)
                .map(worst -> headline.besides(worst.told(worst.what().brief())))
                .orElse(headline);
    }

    /// @param late whether what begins had the time to
    private static Optional<Trouble> worst(List<Trouble> troubles, boolean late) {
        return troubles.stream()
                .filter(trouble -> late || !trouble.mild())
                .min(Comparator.comparing(Trouble::mild).thenComparing(Trouble::pods, Comparator.reverseOrder()));
    }
}
