package dev.sluice.app.rollout;

import dev.sluice.json.Json;
import dev.sluice.kube.explain.PodTrouble;
import dev.sluice.rollout.Condition;
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
/// @param text in the words of kubelet and scheduler
record Trouble(String owner, int pods, String text) {
    private static final int LONGEST = 160;
    /// So [PodTrouble] begins what it says of the run before.
    private static final String LAST = ", last ended with";

    /// Those of one owner; pods that are ending do not count.
    static List<Trouble> of(String owner, List<? extends Json> pods) {
        var counted = new TreeMap<String, Integer>();
        for (var pod : pods) {
            if (!pod.at("metadata", "deletionTimestamp").isNull()) continue;
            PodTrouble.of(pod).ifPresent(text -> counted.merge(text, 1, Integer::sum));
        }
        var troubles = new ArrayList<Trouble>();
        counted.forEach((text, number) -> troubles.add(new Trouble(owner, number, text)));
        return troubles;
    }

    /// Whether it passes by itself in every start of a pod.
    boolean passing() {
        return text.startsWith("Pending: still");
    }

    /// Whether a pod that begins well says so for a while too.
    private boolean mild() {
        return passing() || text.startsWith("running, but");
    }

    /// `2 pods of web-5fb4: ErrImagePull: no such image`.
    @Override
    public String toString() {
        return "%d pod%s of %s: %s".formatted(pods, pods == 1 ? "" : "s", owner, text);
    }

    /// Of a container that ends again and again it matters how it ended, not how long kubelet waits now.
    private String brief() {
        int reason = text.indexOf(": ");
        int end = text.indexOf(LAST);
        return reason < 0 || end < reason
                ? toString()
                : new Trouble(owner, pods, text.substring(0, reason) + text.substring(end)).toString();
    }

    /// The sentence with the worst of it as the cause, where there is any.
    static Headline cause(Headline headline, Rollout rollout, List<Trouble> troubles) {
        // A spec that is wrong comes first; what its pods do is another matter.
        if (rollout.status().condition("InvalidSpec").filter(Condition::isTrue).isPresent()) return headline;
        boolean late = Headline.phase(rollout).phase().equals("Degraded");
        return worst(troubles, late)
                .map(worst -> new Headline(
                        headline.state(), headline.why() + "; " + cut(worst), headline.next(), headline.acts()))
                .orElse(headline);
    }

    /// @param late whether what begins had the time to
    private static Optional<Trouble> worst(List<Trouble> troubles, boolean late) {
        return troubles.stream()
                .filter(trouble -> late || !trouble.mild())
                .min(Comparator.comparing(Trouble::mild).thenComparing(Trouble::pods, Comparator.reverseOrder()));
    }

    private static String cut(Trouble trouble) {
        var line = String.join(" ", trouble.brief().lines().toList());
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST - 1) + "…";
    }
}
