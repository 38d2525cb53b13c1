package dev.sluice.app;

/// How a command ends. Scripts branch on these; a number never changes its meaning.
public enum Exit {
    /// Done, or the awaited state is reached.
    DONE(0),
    /// An unexpected failure: the API server, the machine, a defect.
    FAILED(1),
    /// Wrong usage.
    USAGE(2),
    /// The rollout is Degraded or was rolled back.
    DEGRADED(3),
    /// Time ran out while it was still going on.
    TIMEOUT(4),
    /// Paused and waiting for a person, and `--until` did not accept that.
    WAITING(5),
    /// Not allowed in this state, or the object belongs to somebody else.
    REFUSED(6),
    /// Not found, or forbidden; the text says which.
    NOT_FOUND(7),
    /// Findings at or above the threshold.
    FINDINGS(8),
    /// Nothing is under way that could lead to what is waited for.
    IDLE(9),
    /// Ctrl-C.
    INTERRUPTED(130);

    private final int code;

    Exit(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
