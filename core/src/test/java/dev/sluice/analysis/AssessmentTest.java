package dev.sluice.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the measurements of one metric mean. S, F, I, E are measurements in order, R one in flight.
class AssessmentTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @ParameterizedTest(name = "{0} after {1}: {2}")
    @CsvSource(
            delimiterString = " | ",
            nullValues = "-",
            value = {
                // limits                                      | measurements | verdict | reason
                "{}                                            | ''       | Pending      | -",
                "{}                                            | R        | Running      | -",
                "{}                                            | S        | Successful   | -",
                "{}                                            | F        | Failed       | failed (1) > failureLimit (0)",
                "{}                                            | I        | Inconclusive | inconclusive (1) > inconclusiveLimit (0)",
                "{}                                            | E        | Running      | -",
                "{}                                            | EEEE     | Running      | -",
                "{}                                            | EEEEE    | Error        | consecutiveErrors (5) > consecutiveErrorLimit (4)",
                "{}                                            | EEEES    | Successful   | -",
                "{count:3}                                     | SS       | Running      | -",
                "{count:3}                                     | SSS      | Successful   | -",
                "{count:3}                                     | SSR      | Running      | -",
                "{count:3}                                     | SESES    | Successful   | -",
                "{count:3}                                     | SEEEEES  | Running      | -",
                "{count:0}                                     | SSSSSSSS | Running      | -",
                "{count:3, failureLimit:1}                     | SF       | Running      | -",
                "{count:3, failureLimit:1}                     | SFS      | Successful   | -",
                "{count:3, failureLimit:1}                     | FF       | Failed       | failed (2) > failureLimit (1)",
                "{count:3, failureLimit:1}                     | SFF      | Failed       | failed (2) > failureLimit (1)",
                "{count:3, inconclusiveLimit:1}                | III      | Inconclusive | inconclusive (3) > inconclusiveLimit (1)",
                "{count:3, inconclusiveLimit:2}                | SII      | Successful   | -",
                "{failureLimit:0, consecutiveErrorLimit:0}     | E        | Error        | consecutiveErrors (1) > consecutiveErrorLimit (0)",
                // several limits at once: the later one speaks
                "{count:9, failureLimit:1}                     | FFI      | Inconclusive | inconclusive (1) > inconclusiveLimit (0)",
                "{count:9, consecutiveErrorLimit:1}            | FEE      | Error        | consecutiveErrors (2) > consecutiveErrorLimit (1)",
                // successes in a row
                "{count:9, failureLimit:3, consecutiveSuccessLimit:3}  | SSS        | Successful   | -",
                "{count:9, failureLimit:3, consecutiveSuccessLimit:3}  | SSFSS      | Running      | -",
                "{count:9, failureLimit:3, consecutiveSuccessLimit:3}  | SSFSSS     | Successful   | -",
                "{count:9, failureLimit:3, consecutiveSuccessLimit:3}  | SSESS      | Running      | -",
                "{count:7, failureLimit:3, consecutiveSuccessLimit:3}  | SSFSSFS    | Inconclusive | -",
                "{count:7, failureLimit:3, consecutiveSuccessLimit:3}  | FFFF       | Failed       | failed (4) > failureLimit (3)",
                "{count:4, failureLimit:-1, consecutiveSuccessLimit:3} | FFFF       | Failed       | -",
                "{count:4, failureLimit:-1, consecutiveSuccessLimit:3} | FSSS       | Successful   | -",
                "{count:0, failureLimit:-1, consecutiveSuccessLimit:2} | FFFFFFFFSF | Running      | -",
                "{count:0, failureLimit:-1, consecutiveSuccessLimit:2} | FFFFFFFFSS | Successful   | -"
            })
    void theMeasurementsGiveTheVerdict(String limits, String measurements, String verdict, String reason) {
        var metric = metric(limits);
        var result = result(measurements);
        assertThat(Assessment.verdict(metric, result, false)).hasToString(verdict.strip());
        assertThat(Assessment.breach(metric, result).map(Assessment.Breach::reason))
                .isEqualTo(Optional.ofNullable(reason).map(String::strip));
    }

    @ParameterizedTest(name = "{0} after {1}, terminating: {2}")
    @CsvSource({
        "{}, '', Successful",
        "{}, R, Running",
        "{count:3}, S, Successful",
        "{count:3}, E, Successful",
        "{count:0}, SSSS, Successful",
        "{count:3}, F, Failed",
        "{count:3}, I, Inconclusive"
    })
    void aTerminatingRunEndsWhatHasNoVerdictWell(String limits, String measurements, String verdict) {
        assertThat(Assessment.verdict(metric(limits), result(measurements), true))
                .hasToString(verdict);
    }

    /// `{count:3}` with an interval, `{}` without.
    private static Metric metric(String limits) {
        var source = Json.parse(limits.strip().replaceAll("(\\w+):", "\"$1\":")).obj();
        if (source.has("count")) source = source.with("interval", "1m");
        source = source.with("name", "m").with("provider", Json.obj("web", Json.Obj.EMPTY));
        return ((Metric.Decoded.Fine) Metric.of(source)).metric();
    }

    private static MetricResult result(String measurements) {
        var result = MetricResult.first("m", false, Measured.none());
        for (char kind : measurements.strip().toCharArray()) result = result.with(measured(kind));
        return measurements.isBlank() ? result.assessed(AnalysisPhase.PENDING, "") : result;
    }

    static Measured measured(char kind) {
        var phase = switch (kind) {
            case 'S' -> AnalysisPhase.SUCCESSFUL;
            case 'F' -> AnalysisPhase.FAILED;
            case 'I' -> AnalysisPhase.INCONCLUSIVE;
            case 'E' -> AnalysisPhase.ERROR;
            default -> AnalysisPhase.RUNNING;
        };
        return new Measured(
                phase,
                "",
                Optional.of(NOW),
                phase.completed() ? Optional.of(NOW) : Optional.empty(),
                "",
                Measured.none(),
                Optional.empty());
    }
}
