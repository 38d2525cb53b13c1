package dev.sluice.app.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.Clusters;
import dev.sluice.app.Main;
import dev.sluice.app.Terminal;
import dev.sluice.app.World;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// What `sluice controller` understands: all that a Deployment of Argo's controller may say to it.
class FlagsTest {
    private static ControllerCommand parsed(String... words) {
        var command = new ControllerCommand();
        line(command).parseArgs(words);
        return command;
    }

    private static CommandLine line(ControllerCommand command) {
        return new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setAbbreviatedOptionsAllowed(false);
    }

    private static String complaint(String... words) {
        var err = new ByteArrayOutputStream();
        var terminal = new Terminal(
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of(),
                false);
        Clusters clusters = _ -> {
            throw new AssertionError("no cluster is asked");
        };
        var all = new ArrayList<>(List.of("controller"));
        all.addAll(List.of(words));
        assertThat(Main.run(new World(terminal, clusters, () -> Instant.EPOCH), all.toArray(String[]::new)))
                .isEqualTo(2);
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theArgumentsOfADeploymentOfArgosAreUnderstood() {
        var command = parsed(
                "--namespaced=true",
                "--instance-id=blue",
                "--loglevel=warning",
                "--logformat=json",
                "--metricsPort=9090",
                "--healthzPort",
                "9080",
                "--rollout-resync=900",
                "--qps=50",
                "--burst=100",
                "--rollout-threads=5",
                "--analysis-threads=7",
                "--leader-elect=false",
                "--leader-election-lease-duration=30s",
                "--controllers=analysis");
        assertThat(command.namespaced).isTrue();
        assertThat(command.instance).isEqualTo("blue");
        assertThat(command.log.level).isEqualTo(LogOptions.Level.WARNING);
        assertThat(command.log.form).isEqualTo(LogOptions.Form.JSON);
        assertThat(command.metricsPort).isEqualTo(9090);
        assertThat(command.healthPort).isEqualTo(9080);
        assertThat(command.resync).isEqualTo("900");
        assertThat(command.elect).isFalse();
        assertThat(command.controllers).containsExactly("analysis");
        assertThat(command.foreign.given()).isEmpty();
        assertThat(parsed("--namespaced").namespaced).isTrue();
        assertThat(parsed().namespaced).isFalse();
    }

    @Test
    void whatHasNoMeaningHereIsTakenAndToldOnce() {
        var command = parsed(
                "--istio-api-version=v1beta1",
                "--nginx-ingress-classes",
                "a",
                "--nginx-ingress-classes=b",
                "--kloglevel=5",
                "--alb-verify-weight",
                "--self-service-notification-enabled=true",
                "--qps=9");
        assertThat(command.foreign.given())
                .containsExactly(
                        "--istio-api-version",
                        "--nginx-ingress-classes",
                        "--kloglevel",
                        "--alb-verify-weight",
                        "--self-service-notification-enabled");
    }

    @Test
    void aFlagThatNobodyKnowsIsRefusedWithTheNearest() {
        assertThat(complaint("--instance-ids", "blue"))
                .contains("there is no option \"--instance-ids\"")
                .contains("--instance-id     is probably meant");
    }

    @Test
    void whatCanBeNoLabelIsNoInstanceAndOtherControllersThereAreNone() {
        assertThat(complaint("--instance-id", "-blue")).contains("--instance-id: \"-blue\" can be no value of a label");
        assertThat(complaint("--controllers", "rollouts"))
                .contains("--controllers: there is no \"rollouts\"")
                .contains("--controllers analysis");
    }

    @Test
    void inAPodTheProbesOfItsNodeAreHeard() {
        assertThat(ControllerCommand.usualAddress("10.0.0.1")).isEqualTo("0.0.0.0");
        assertThat(ControllerCommand.usualAddress("")).isEqualTo("127.0.0.1");
    }

    /// The page is made of the options themselves: `-Dsluice.write=true` writes it anew.
    @Test
    void theReferenceIsWhatThereIs() throws IOException {
        var page = Path.of(System.getProperty("sluice.root"), "docs/reference/controller-flags.md");
        var text = reference();
        if (Boolean.getBoolean("sluice.write")) Files.writeString(page, text);
        assertThat(Files.readString(page)).isEqualTo(text);
    }

    private static String reference() {
        var options = line(new ControllerCommand()).getCommandSpec().options();
        var out = new StringBuilder("""
                # Flags of `sluice controller`

                Made from the program's own options; a test keeps it so. Those before every command, such as `--kubeconfig` and
                `--namespace`, are understood, too.

                | flag | meaning |
                | --- | --- |
                """);
        options.stream()
                .filter(option -> !option.hidden())
                .forEach(option -> out.append("| ")
                        .append(names(option))
                        .append(" | ")
                        .append(String.join(" ", option.description()).replace("|", "\\|"))
                        .append(" |\n"));
        out.append("""

                ## Taken, without a meaning yet

                What Argo's controller knows about things that there are none of here. One line of the log names those that were
                given.

                """);
        options.stream()
                .filter(OptionSpec::hidden)
                .flatMap(option -> Arrays.stream(option.names()))
                .sorted()
                .forEach(name -> out.append("- `").append(name).append("`\n"));
        out.append("""

                ## Environment

                | variable | meaning |
                | --- | --- |
                | `POD_NAMESPACE` | The controller's own namespace, for its Lease; else that of its ServiceAccount. |
                | `ARGO_ROLLOUTS_PROMETHEUS_ADDRESS` | Of metrics whose `prometheus` has no `address`. |
                | `ARGO_ROLLOUTS_ANALYSIS_JOB_KUBECONFIG` | Of the cluster that Jobs run in; `in-cluster` for this one's. |
                | `ARGO_ROLLOUTS_ANALYSIS_JOB_NAMESPACE` | That Jobs run in; else the AnalysisRun's. |
                """);
        return out.toString();
    }

    private static String names(OptionSpec option) {
        return "`" + String.join("`, `", option.names()) + "`"
                + (option.type() == boolean.class && option.arity().max() == 0
                        ? ""
                        : " " + option.paramLabel().replace("|", "\\|"));
    }
}
