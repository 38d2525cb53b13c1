package dev.sluice.app.controller;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Options of Argo's controller about things that there are none of here yet. They are taken, so that the arguments of
/// an existing Deployment start this controller too, and told of, so that nobody relies on them.
///
/// @see "Argo Rollouts spec G1"
final class ForeignOptions {
    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec spec;

    @Option(
            names = {
                "--experiment-threads",
                "--service-threads",
                "--ingress-threads",
                "--ephemeral-metadata-threads",
                "--ephemeral-metadata-update-pod-retries",
                "--istio-api-version",
                "--ambassador-api-version",
                "--traffic-split-api-version",
                "--traefik-api-group",
                "--traefik-api-version",
                "--appmesh-crd-version",
                "--ingress-api-version",
                "--aws-target-group-binding-api-version",
                "--alb-tag-key-resource-id",
                "--alb-ingress-classes",
                "--nginx-ingress-classes",
                "--kloglevel",
                "--enable-pprof-address"
            },
            paramLabel = "VALUE",
            hidden = true,
            description = "Taken, and has no meaning here yet.")
    List<String> values = new ArrayList<>();

    @Option(
            names = {"--aws-verify-target-group", "--alb-verify-weight", "--self-service-notification-enabled"},
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            hidden = true,
            description = "Taken, and has no meaning here yet.")
    List<Boolean> switches = new ArrayList<>();

    private static final Pattern NAME = Pattern.compile("(--[A-Za-z-]+)(=.*)?", Pattern.DOTALL);

    /// Those that were given, each once and in their order.
    List<String> given() {
        var line = Objects.requireNonNull(spec);
        var mine = List.of("--kloglevel", "--aws-verify-target-group").stream()
                .flatMap(one -> List.of(line.findOption(one).names()).stream())
                .toList();
        return line.commandLine().getParseResult().originalArgs().stream()
                .map(NAME::matcher)
                .filter(matcher -> matcher.matches() && mine.contains(matcher.group(1)))
                .map(matcher -> matcher.group(1))
                .distinct()
                .toList();
    }

    /// One line for all of them.
    void warn(Logger log) {
        var given = given();
        if (!given.isEmpty()) log.warn("no meaning here yet: {}", String.join(", ", given));
    }
}
