package dev.sluice.rollout;

/// Why the newest revision becomes the stable one.
///
/// @param words of the event `RolloutCompleted`
record Promotion(Way way, String words) {
    /// How it came to that.
    enum Way {
        /// Through all that its strategy asks for.
        WHOLE,
        /// By command, past what is left of it.
        BY_COMMAND,
        /// Back to a revision that was found good before.
        BACK
    }

    static Promotion whole(String words) {
        return new Promotion(Way.WHOLE, words);
    }

    static Promotion byCommand() {
        return new Promotion(Way.BY_COMMAND, "Full promotion requested");
    }

    static Promotion back(String words) {
        return new Promotion(Way.BACK, words);
    }

    /// `status.duration.completionStatus` of the attempt that ends so.
    ///
    /// @param rollingBack whether the revision is an earlier one
    String completion(boolean rollingBack) {
        return switch (way) {
            case WHOLE -> rollingBack ? "RolledBack" : "Promoted";
            case BY_COMMAND -> rollingBack ? "FastRolledBack" : "FastPromoted";
            case BACK -> "FastRolledBack";
        };
    }
}
