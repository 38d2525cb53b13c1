package dev.sluice.rollout;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a person can do to a Rollout, and whether it makes sense now. Every surface asks here; none derives it anew.
public enum UserAct {
    PROMOTE("promote"),
    FINISH("promote --full"),
    ABORT("abort"),
    RETRY("retry"),
    UNDO("undo"),
    RESTART("restart"),
    PAUSE("pause"),
    RESUME("resume");

    private final String words;

    UserAct(String words) {
        this.words = words;
    }

    /// As it is typed.
    @Override
    public String toString() {
        return words;
    }

    /// Whether an act is allowed, and why not.
    ///
    /// @param denial the reason in words an operator is shown; absent where it is allowed
    public record Permission(UserAct act, Optional<String> denial) {
        public boolean allowed() {
            return denial.isEmpty();
        }
    }

    private static final String INVALID =
            "its spec, or what it names, is invalid; nothing moves until that is corrected";
    private static final String REFUSED =
            "the API server refuses the pods of its new template; nothing moves until that is corrected";
    private static final String NOT_OURS = "the Deployments are their owner's to change";

    /// The act that a command line means by this word.
    public static Optional<UserAct> named(String word) {
        for (var act : values()) {
            if (act.toString().equals(word)) return Optional.of(act);
        }
        return Optional.empty();
    }

    /// Every act, in the order in which they are shown.
    public static List<Permission> permissions(Rollout rollout) {
        var permissions = new ArrayList<Permission>();
        for (var act : values()) permissions.add(act.permission(rollout));
        return permissions;
    }

    /// The acts that are allowed, in the order in which they are shown.
    public static List<UserAct> allowed(Rollout rollout) {
        return permissions(rollout).stream()
                .filter(Permission::allowed)
                .map(Permission::act)
                .toList();
    }

    public Permission permission(Rollout rollout) {
        return new Permission(
                this, rollout.deleting() ? Optional.of("it is being deleted") : denial(rollout, rollout.status()));
    }

    private Optional<String> denial(Rollout rollout, RolloutStatus status) {
        return switch (this) {
            case PROMOTE -> {
                if (status.invalid().isPresent()) yield Optional.of(INVALID);
                if (status.refused().isPresent()) yield Optional.of(REFUSED);
                if (rollout.spec().paused()) yield Optional.empty();
                if (status.abort()) yield Optional.of("it is aborted; promote has no effect on an aborted rollout");
                if (!status.pauseConditions().isEmpty()) yield Optional.empty();
                yield switch (rollout.spec().strategy()) {
                    case Strategy.Canary canary -> {
                        boolean stepsLeft = status.currentStepIndex().orElse(0)
                                < canary.steps().size();
                        yield stepsLeft && !status.fullyPromoted()
                                ? Optional.empty()
                                : Optional.of("no step is left to skip and it is not paused");
                    }
                    case Strategy.BlueGreen _ -> Optional.of("it is not paused");
                };
            }
            case FINISH -> {
                if (status.invalid().isPresent()) yield Optional.of(INVALID);
                if (status.refused().isPresent()) yield Optional.of(REFUSED);
                if (status.abort()) yield Optional.of("it is aborted; promote has no effect on an aborted rollout");
                if (status.promoteFull()) yield Optional.of("a full promotion is under way");
                yield status.fullyPromoted() || status.currentPodHash().isEmpty()
                        ? Optional.of("the newest revision is the stable one")
                        : Optional.empty();
            }
            case ABORT -> {
                // Of an invalid spec, too: the way back is open as long as there is one.
                if (status.abort()) yield Optional.of("it is aborted");
                if (status.stableRS().isEmpty()) yield Optional.of("there is no stable revision to go back to");
                if (status.stableLost()) {
                    yield Optional.of("the ReplicaSet of the stable revision was deleted: there is nothing to go back"
                            + " to; undo puts an earlier revision into the spec");
                }
                if (status.invalid().isPresent()
                        && status.condition(StatusSync.ABORT_HELD).isPresent()) {
                    yield status.condition(StatusSync.ABORT_HELD).map(Condition::message);
                }
                yield status.fullyPromoted()
                        ? Optional.of("no update is under way; the newest revision is the stable one")
                        : Optional.empty();
            }
            case RETRY ->
                status.abort() ? Optional.empty() : Optional.of("it is not aborted; there is nothing to run again");
            case UNDO ->
                switch (rollout.kind()) {
                    case ROLLOUT ->
                        // One that was refused has no number: the stable one is the one before.
                        rollout.revision() > 1
                                        || status.refused().isPresent()
                                                && !status.stableRS().isEmpty()
                                ? Optional.empty()
                                : Optional.of("there is no earlier revision to go back to");
                    case DEPLOYMENT_CANARY -> Optional.of(NOT_OURS);
                };
            case RESTART ->
                switch (rollout.kind()) {
                    case ROLLOUT -> Optional.empty();
                    case DEPLOYMENT_CANARY -> Optional.of(NOT_OURS);
                };
            case PAUSE -> rollout.spec().paused() ? Optional.of("it is paused by hand") : Optional.empty();
            case RESUME ->
                rollout.spec().paused()
                        ? Optional.empty()
                        : Optional.of("it is not paused by hand"
                                + (status.pauseConditions().isEmpty()
                                        ? ""
                                        : "; it waits at a pause of its strategy, which promote ends"));
        };
    }
}
