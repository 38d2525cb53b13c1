package dev.sluice.rollout.hash;

import dev.sluice.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The hash of a pod template: the value of the label `rollouts-pod-template-hash` and the suffix of a ReplicaSet's
/// name.
///
/// @see "Argo Rollouts: status.currentPodHash; Kubernetes 1.34 struct order"
public final class PodTemplateHash {
    private static final GoStructs STRUCTS = GoStructs.load("pod-template.txt");
    private static final GoType TEMPLATE = new GoType.Struct("PodTemplateSpec");
    private static final PodDefaults DEFAULTS = PodDefaults.load(STRUCTS);

    private PodTemplateHash() {}

    /// @param podTemplate `spec.template` as it is stored: fields that Kubernetes 1.34 does not know do not count, and
    ///     nothing is defaulted
    /// @param collisionCount `status.collisionCount`; with a number the same template gets another hash
    /// @return 1 to 10 characters out of `bcdfghjklmnpqrstvwxz2456789`
    public static String of(Json podTemplate, Optional<Integer> collisionCount) {
        var hash = new Fnv32();
        hash.add(goJson(podTemplate).getBytes(StandardCharsets.UTF_8));
        collisionCount.ifPresent(count -> hash.add(littleEndian(count)));
        return hash.encoded();
    }

    /// Whether two templates ask for the same pods, once an API server has completed them: one that is part of a
    /// ReplicaSet has its defaults, one that is part of a Rollout has not.
    public static boolean alike(Json one, Json other) {
        return completed(one).equals(completed(other));
    }

    private static String completed(Json podTemplate) {
        return GoWriter.text(DEFAULTS.complete(GoDecoder.decode(STRUCTS, TEMPLATE, podTemplate)), STRUCTS);
    }

    /// The text that is hashed: what Go writes for the template.
    static String goJson(Json podTemplate) {
        return GoWriter.text(GoDecoder.decode(STRUCTS, TEMPLATE, podTemplate), STRUCTS);
    }

    /// Eight bytes, of which the upper four are zero, as the count is 32 bits wide in a buffer for 64.
    private static byte[] littleEndian(int count) {
        return new byte[] {(byte) count, (byte) (count >> 8), (byte) (count >> 16), (byte) (count >> 24), 0, 0, 0, 0};
    }
}
