package dev.sluice.rollout.hash;

import dev.sluice.json.Json;
import java.nio.charset.StandardCharsets;

/// The hash of the canary steps: `status.currentStepHash`. When it changes, the steps start from the first.
///
/// @see "Argo Rollouts: status.currentStepHash"
public final class StepsHash {
    private static final GoStructs STRUCTS = GoStructs.load("canary-steps.txt");
    private static final GoType STEPS = new GoType.Items(new GoType.Struct("CanaryStep"));

    private StepsHash() {}

    /// @param steps `spec.strategy.canary.steps` as stored; absent, `null` and the empty list give the same hash. (A
    ///     blue-green rollout has no step hash at all: its `currentStepHash` is empty.)
    public static String of(Json steps) {
        var hash = new Fnv32();
        hash.add(goJson(steps).getBytes(StandardCharsets.UTF_8));
        return hash.encoded();
    }

    static String goJson(Json steps) {
        var decoded = GoDecoder.decode(STRUCTS, STEPS, steps);
        // The object is written and read once before hashing, and an empty list does not survive that.
        return decoded instanceof GoValue.Items(var items) && !items.isEmpty()
                ? GoWriter.text(decoded, STRUCTS)
                : "null";
    }
}
