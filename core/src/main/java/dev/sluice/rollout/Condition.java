package dev.sluice.rollout;

import java.time.Instant;

/// One entry of `status.conditions`.
///
/// @param status `True`, `False` or `Unknown`
public record Condition(
        String type, String status, String reason, String message, Instant lastUpdate, Instant lastTransition) {
    public boolean isTrue() {
        return status.equals("True");
    }
}
