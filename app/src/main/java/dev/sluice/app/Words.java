package dev.sluice.app;

import dev.sluice.format.GoDuration;
import dev.sluice.rollout.Rollout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What users type, read with a clear word where it is wrong.
public final class Words {
    private Words() {}

    /// A duration such as `90s` or `1h30m`; a bare number is seconds, as kubectl has it.
    ///
    /// @throws Complaint.Failure when it is none, or negative
    public static Duration duration(String option, @Nullable String text, Duration otherwise) {
        if (text == null) return otherwise;
        var parsed = text.matches("[0-9]{1,9}")
                ? Optional.of(Duration.ofSeconds(Long.parseLong(text)))
                : GoDuration.parse(text);
        return parsed.filter(duration -> !duration.isNegative())
                .orElseThrow(() -> usage(
                                option + ": \"" + text + "\" is no duration",
                                "write it as 30s, 5m or 1h30m; a bare number is seconds")
                        .failure());
    }

    public static Complaint usage(String what, String... remedies) {
        return Complaint.of(Exit.USAGE, "SLU-A001", what).remedy(remedies);
    }

    /// What a command is about.
    public record Target(Rollout.Kind kind, String name) {}

    /// `rollout web`, `rollout/web` and `web` all mean the Rollout web, `dc/web` the DeploymentCanary.
    ///
    /// @throws Complaint.Failure for another kind, for none and for more than one name
    public static Target target(List<String> words) {
        var kind = Rollout.Kind.ROLLOUT;
        var rest = new ArrayList<>(words);
        if (rest.size() > 1 && kind(rest.getFirst()).isPresent()) {
            kind = kind(rest.removeFirst()).get();
        }
        if (rest.size() != 1) {
            throw usage(
                            rest.isEmpty()
                                    ? "the name of a rollout is missing"
                                    : "one rollout is expected, not " + rest,
                            "sluice list     shows those there are")
                    .failure();
        }
        var name = rest.getFirst();
        int slash = name.indexOf('/');
        if (slash >= 0) {
            var typed = name;
            kind = kind(name.substring(0, slash))
                    .orElseThrow(() -> usage(
                                    "\"" + typed + "\" is no rollout",
                                    "write rollout/NAME, or NAME alone",
                                    "write dc/NAME for a DeploymentCanary")
                            .failure());
            name = name.substring(slash + 1);
        }
        if (!name.matches("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")) {
            throw usage("\"" + name + "\" can be no name of a rollout", "names have a-z, 0-9, - and . only")
                    .failure();
        }
        return new Target(kind, name);
    }

    /// As `target`, of Rollouts only.
    public static String rollout(List<String> words) {
        var target = target(words);
        return switch (target.kind()) {
            case ROLLOUT -> target.name();
            case DEPLOYMENT_CANARY ->
                throw usage(
                                "this is done to Rollouts only; the Deployments of a DeploymentCanary are yours",
                                "change them with kubectl")
                        .failure();
        };
    }

    /// How a command names an object that was read.
    public static String typed(Rollout rollout) {
        return typed(rollout.kind(), rollout.name());
    }

    static String typed(Rollout.Kind kind, String name) {
        return switch (kind) {
            case ROLLOUT -> name;
            case DEPLOYMENT_CANARY -> "dc/" + name;
        };
    }

    /// The kind in a sentence.
    public static String kind(Rollout rollout) {
        return switch (rollout.kind()) {
            case ROLLOUT -> "rollout";
            case DEPLOYMENT_CANARY -> "deploymentcanary";
        };
    }

    /// The kind that a word stands for, where nothing but a kind can stand.
    ///
    /// @throws Complaint.Failure for another word
    public static Rollout.Kind kinds(String word) {
        return kind(word)
                .orElseThrow(() -> usage(
                                "there are no \"" + word + "\" to list",
                                "sluice list     of both kinds",
                                "sluice list rollouts",
                                "sluice list deploymentcanaries")
                        .failure());
    }

    /// The kind that a word stands for.
    static Optional<Rollout.Kind> kind(String word) {
        return switch (word) {
            case "rollout", "rollouts", "ro", "rollouts.argoproj.io", "rollout.argoproj.io" ->
                Optional.of(Rollout.Kind.ROLLOUT);
            case "deploymentcanary", "deploymentcanaries", "dc", "deploymentcanaries.sluice.dev" ->
                Optional.of(Rollout.Kind.DEPLOYMENT_CANARY);
            default -> Optional.empty();
        };
    }
}
