package dev.sluice.analysis;

import static dev.sluice.analysis.AnalysisPhase.ERROR;
import static dev.sluice.analysis.AnalysisPhase.FAILED;
import static dev.sluice.analysis.AnalysisPhase.INCONCLUSIVE;
import static dev.sluice.analysis.AnalysisPhase.RUNNING;
import static dev.sluice.analysis.AnalysisPhase.SUCCESSFUL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisDecision.Event;
import dev.sluice.analysis.AnalysisRunStatus.Summary;
import dev.sluice.analysis.World.Reply;
import dev.sluice.json.Json;
import dev.sluice.json.MergePatch;
import dev.sluice.spi.Measurement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnalysisEngineTest {
    private static final int SEEDS = Integer.getInteger("sluice.analysis.seeds", 100);
    private static final String ONE =
            "{'metrics': [{'name': 'm', 'successCondition': 'result >= 1', 'provider': {'web': {}}}]}";
    private static final String THREE =
            "{'metrics': [{'name': 'm', 'interval': '1m', 'count': 3, 'successCondition': 'result >= 1', 'provider': {'web': {}}}]}";

    private static final Measurement JOB =
            new Measurement.Running(World.START.plusSeconds(5), new LinkedHashMap<>(Map.of("job-name", "j")));

    @Test
    void oneGoodMeasurementEndsAnAnalysisThatAsksForOne() {
        var world = new World(ONE).toTheEnd();
        assertThat(world.phase()).isEqualTo(SUCCESSFUL);
        assertThat(world.message()).isEmpty();
        assertThat(world.result("m").measurements()).hasSize(1);
        assertThat(world.status().runSummary()).contains(new Summary(1, 1, 0, 0, 0));
        assertThat(world.status().dryRunSummary()).contains(new Summary(0, 0, 0, 0, 0));
        assertThat(world.status().startedAt()).contains(World.START);
        assertThat(world.status().completedAt()).contains(World.START);
        assertThat(world.events)
                .containsExactly(
                        new Event(false, "MetricSuccessful", "Metric 'm' Completed. Result: Successful"),
                        new Event(false, "AnalysisRunSuccessful", "Analysis Completed. Result: Successful"));
    }

    @Test
    void aBadMeasurementFailsTheRunInTheWordsOfTheOriginal() {
        var world = new World(ONE).says("m", 0.5).toTheEnd();
        assertThat(world.phase()).isEqualTo(FAILED);
        assertThat(world.message()).isEqualTo("Metric \"m\" assessed Failed due to failed (1) > failureLimit (0)");
        assertThat(world.result("m").measurements().getFirst().value()).isEqualTo("0.5");
        assertThat(world.status().runSummary()).contains(new Summary(1, 0, 1, 0, 0));
        assertThat(world.events).contains(new Event(true, "AnalysisRunFailed", "Analysis Completed. Result: Failed"));
    }

    @Test
    void measurementsAreAnIntervalApartFromTheEndOfOneToTheStartOfTheNext() {
        var world = new World(THREE)
                .says("m", new Reply(World.value(1), Duration.ofSeconds(10)), 1, 1)
                .toTheEnd();
        assertThat(world.log)
                .containsExactly(
                        "0s MeasurementDue: measurement 1 of metric m is due",
                        "70s MeasurementDue: measurement 2 of metric m is due",
                        "130s MeasurementDue: measurement 3 of metric m is due");
        assertThat(world.phase()).isEqualTo(SUCCESSFUL);
    }

    @Test
    void anErrorIsTriedAgainAfterTenSecondsAndDoesNotCount() {
        var world = new World(THREE).says("m", 1, "down", "down", 1, 1).toTheEnd();
        assertThat(world.log)
                .extracting(line -> line.substring(0, line.indexOf(' ')))
                .containsExactly("0s", "60s", "70s", "80s", "140s");
        assertThat(world.phase()).isEqualTo(SUCCESSFUL);
        assertThat(world.result("m").count()).isEqualTo(3);
        assertThat(world.result("m").error()).isEqualTo(2);
        assertThat(world.result("m").consecutiveError()).isZero();
    }

    @Test
    void errorsInARowEndTheRunWithTheLastOnesMessage() {
        var world = new World(ONE)
                .says("m", "a", "b", "c", "d", "no answer from http://x")
                .toTheEnd();
        assertThat(world.phase()).isEqualTo(ERROR);
        assertThat(world.message())
                .isEqualTo("Metric \"m\" assessed Error due to consecutiveErrors (5) > consecutiveErrorLimit (4):"
                        + " \"Error Message: no answer from http://x\"");
        assertThat(world.seconds()).isEqualTo(40);
    }

    @Test
    void aConditionThatCannotBeEvaluatedIsAnError() {
        var world = new World(
                        "{'metrics': [{'name': 'm', 'consecutiveErrorLimit': 0, 'successCondition': 'result.x > 1',"
                                + " 'provider': {'web': {}}}]}")
                .toTheEnd();
        assertThat(world.message())
                .isEqualTo(
                        "Metric \"m\" assessed Error due to consecutiveErrors (1) > consecutiveErrorLimit (0): \"Error"
                                + " Message: could not evaluate successCondition \"result.x > 1\": type float64 has no field x\"");
    }

    @Test
    void aVectorOfSamplesIsKnownToHoldFloats() {
        var vector = new Measurement.Value(Json.arr(1, 2), "[1,2]");
        var spec =
                "{'metrics': [{'name': 'm', 'consecutiveErrorLimit': 0, 'successCondition': 'result[0] == \\\"a\\\"',"
                        + " 'provider': {'%s': {}}}]}";
        assertThat(new World(spec.formatted("prometheus"))
                        .says("m", vector)
                        .toTheEnd()
                        .phase())
                .isEqualTo(ERROR);
        assertThat(new World(spec.formatted("web")).says("m", vector).toTheEnd().phase())
                .isEqualTo(FAILED);
    }

    @Test
    void theInitialDelayCountsFromTheStartOfTheRun() {
        var world =
                new World("{'metrics': [{'name': 'm', 'initialDelay': '90s', 'provider': {'web': {}}}]}").toTheEnd();
        assertThat(world.log).containsExactly("90s MeasurementDue: measurement 1 of metric m is due");
    }

    @Test
    void aMetricThatHasFailedStopsTheOthers() {
        var world = new World("{'metrics': ["
                        + "{'name': 'bad', 'successCondition': 'result > 5', 'provider': {'web': {}}},"
                        + "{'name': 'endless', 'interval': '10s', 'provider': {'web': {}}},"
                        + "{'name': 'late', 'initialDelay': '1h', 'provider': {'web': {}}}]}")
                .toTheEnd();
        assertThat(world.phase()).isEqualTo(FAILED);
        assertThat(world.message()).isEqualTo("Metric \"bad\" assessed Failed due to failed (1) > failureLimit (0)");
        assertThat(world.result("endless").phase()).isEqualTo(SUCCESSFUL);
        assertThat(world.status().result("late")).isEmpty();
        assertThat(world.status().runSummary()).contains(new Summary(3, 1, 1, 0, 0));
        assertThat(world.seconds()).isZero();
    }

    @Test
    void theWorstMetricSpeaksForTheRun() {
        var world = new World("{'metrics': ["
                        + "{'name': 'unsure', 'successCondition': 'result > 5', 'failureCondition': 'result < 0', 'provider': {'web': {}}},"
                        + "{'name': 'bad', 'successCondition': 'result > 5', 'provider': {'web': {}}},"
                        + "{'name': 'good', 'provider': {'web': {}}}]}")
                .toTheEnd();
        assertThat(world.phase()).isEqualTo(FAILED);
        assertThat(world.message()).startsWith("Metric \"bad\" assessed Failed");
        assertThat(world.status().runSummary()).contains(new Summary(3, 1, 1, 1, 0));
    }

    @Test
    void betweenGoodAndBadIsInconclusive() {
        var world = new World(
                        "{'metrics': [{'name': 'm', 'successCondition': 'result > 5', 'failureCondition': 'result < 0',"
                                + " 'provider': {'web': {}}}]}")
                .toTheEnd();
        assertThat(world.phase()).isEqualTo(INCONCLUSIVE);
        assertThat(world.message())
                .isEqualTo("Metric \"m\" assessed Inconclusive due to inconclusive (1) > inconclusiveLimit (0)");
    }

    @Test
    void aCountReachedWithoutEnoughSuccessesInARowHasNoReasonText() {
        var world = new World(
                        "{'metrics': [{'name': 'm', 'interval': '1s', 'count': 4, 'failureLimit': 1,"
                                + " 'consecutiveSuccessLimit': 3, 'successCondition': 'result >= 1', 'provider': {'web': {}}}]}")
                .says("m", 1, 0, 1, 1)
                .toTheEnd();
        assertThat(world.phase()).isEqualTo(INCONCLUSIVE);
        assertThat(world.message()).isEmpty();
        assertThat(world.status().runSummary()).contains(new Summary(1, 1, 0, 0, 0)); // as the original counts it
    }

    @Test
    void metricsThatAreOnlyTriedNeverDecide() {
        var world = new World("{'dryRun': [{'metricName': '^tri'}], 'metrics': ["
                        + "{'name': 'tried', 'successCondition': 'result > 5', 'provider': {'web': {}}},"
                        + "{'name': 'm', 'interval': '1m', 'count': 2, 'provider': {'web': {}}}]}")
                .toTheEnd();
        assertThat(world.phase()).isEqualTo(SUCCESSFUL);
        assertThat(world.result("tried").phase()).isEqualTo(FAILED);
        assertThat(world.result("tried").dryRun()).isTrue();
        assertThat(world.result("tried").message())
                .isEqualTo("Metric assessed Failed due to failed (1) > failureLimit (0)");
        assertThat(world.status().runSummary()).contains(new Summary(1, 1, 0, 0, 0));
        assertThat(world.status().dryRunSummary()).contains(new Summary(1, 0, 1, 0, 0));
        assertThat(world.seconds()).isEqualTo(60);
    }

    @Test
    void aRunWithNothingButTriedMetricsEndsWell() {
        var world = new World(
                        "{'dryRun': [{'metricName': '.*'}], 'metrics': [{'name': 'm', 'successCondition': 'result > 5',"
                                + " 'provider': {'web': {}}}]}")
                .toTheEnd();
        assertThat(world.phase()).isEqualTo(SUCCESSFUL);
    }

    @Test
    void aRunThatIsAskedToEndMeasuresNothingMore() {
        var world = new World(THREE).until(Duration.ofSeconds(70));
        assertThat(world.phase()).isEqualTo(RUNNING);
        world.object = MergePatch.apply(world.object, Json.obj("spec", Json.obj("terminate", true)))
                .obj();
        world.toTheEnd();
        assertThat(world.phase()).isEqualTo(SUCCESSFUL);
        assertThat(world.message()).isEqualTo("Run Terminated");
        assertThat(world.result("m").count()).isEqualTo(2);
    }

    @Test
    void aRunThatIsAskedToEndBeforeItBeganEndsWell() {
        var world = new World("{'terminate': true, 'metrics': [{'name': 'm', 'provider': {'web': {}}}]}").toTheEnd();
        assertThat(world.phase()).isEqualTo(SUCCESSFUL);
        assertThat(world.message()).isEqualTo("Run Terminated");
        assertThat(world.actions).isEmpty();
    }

    @Test
    void aMeasurementThatTakesLongIsLookedAfter() {
        var world = new World(ONE)
                .says(
                        "m",
                        JOB,
                        new Measurement.Running(World.START.plusSeconds(9), Measured.none()),
                        new Measurement.Verdict(Measurement.Outcome.SUCCESSFUL, "", Measured.none()))
                .toTheEnd();
        assertThat(world.log)
                .containsExactly(
                        "0s MeasurementDue: measurement 1 of metric m is due",
                        "5s MeasurementInFlight: measurement 1 of metric m was not finished",
                        "9s MeasurementInFlight: measurement 1 of metric m was not finished");
        assertThat(world.phase()).isEqualTo(SUCCESSFUL);
        assertThat(world.result("m").measurements()).hasSize(1);
        assertThat(world.result("m").measurements().getFirst().metadata()).containsEntry("job-name", "j");
        assertThat(world.result("m").measurements().getFirst().startedAt()).contains(World.START);
    }

    @Test
    void aMeasurementInFlightIsEndedBeforeItsRunIs() {
        var world = new World("{'metrics': ["
                        + "{'name': 'bad', 'initialDelay': '2s', 'successCondition': 'result > 5', 'provider': {'web': {}}},"
                        + "{'name': 'job', 'inconclusiveLimit': 1, 'provider': {'job': {}}}]}")
                .says(
                        "job",
                        JOB,
                        new Reply(
                                new Measurement.Verdict(Measurement.Outcome.INCONCLUSIVE, "", Measured.none()),
                                Duration.ofSeconds(1)))
                .toTheEnd();
        assertThat(world.log)
                .containsExactly(
                        "0s MeasurementDue: measurement 1 of metric job is due",
                        "2s MeasurementDue: measurement 1 of metric bad is due",
                        "2s RunTerminating: the run ends while measurement 1 of metric job is in flight");
        assertThat(world.phase()).isEqualTo(FAILED);
        assertThat(world.result("job").measurements().getFirst().message()).isEqualTo("Metric Terminated");
        assertThat(world.seconds()).isEqualTo(3);
    }

    @Test
    void aSlowProviderDoesNotDelayTheVerdictAndWhatItBeganIsEnded() {
        var world = new World("{'metrics': ["
                        + "{'name': 'bad', 'successCondition': 'result > 5', 'provider': {'web': {}}},"
                        + "{'name': 'slow', 'provider': {'job': {}}}]}")
                .says("slow", new Reply(JOB, Duration.ofSeconds(30)))
                .toTheEnd();
        assertThat(world.phase()).isEqualTo(FAILED);
        assertThat(world.seconds()).isZero();
        assertThat(world.next()).isTrue();
        assertThat(world.log.getLast()).isEqualTo("30s RunEnded: metric slow began a measurement while its run ended");
        assertThat(world.actions.getLast()).isInstanceOf(AnalysisAction.Terminate.class);
    }

    @Test
    void onlyTheNewestMeasurementsAreKept() {
        var world = new World("{'measurementRetention': [{'metricName': '^b$', 'limit': 2}], 'metrics': ["
                        + "{'name': 'a', 'interval': '1s', 'count': 15, 'provider': {'web': {}}},"
                        + "{'name': 'b', 'interval': '1s', 'count': 15, 'provider': {'job': {}}}]}")
                .toTheEnd();
        assertThat(world.result("a").measurements()).hasSize(10);
        assertThat(world.result("b").measurements()).hasSize(2);
        assertThat(world.result("a").count()).isEqualTo(15);
        assertThat(world.actions)
                .anyMatch(action -> action instanceof AnalysisAction.Sweep(var question, var keep)
                        && question.metric().name().equals("b")
                        && keep == 2);
    }

    /// A value that is not known yet may make it one; what is only tried, or decides by itself, may be anything.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'args': [{'name': 'x', 'valueFrom': {'secretKeyRef': {'name': 's', 'key': 'k'}}}], 'metrics': [{'name': 'm', 'successCondition': 'result {{ args.x }}', 'provider': {'web': {}}}]}",
                "{'metrics': [{'name': 'm', 'successCondition': 'result <', 'provider': {'web': {}}}], 'dryRun': [{'metricName': 'm'}]}",
                "{'metrics': [{'name': 'm', 'successCondition': 'result <', 'provider': {'job': {}}}]}"
            })
    void aConditionThatIsNotCertainToFailIsTried(String spec) {
        assertThat(Templates.check(Json.parse(spec.replace('\'', '"')).obj(), false, List.of()))
                .isEmpty();
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '~',
            value = {
                "{} | Analysis spec invalid: no metrics specified",
                "{'metrics': [{'name': 'm', 'count': 2, 'provider': {'web': {}}}]} | Analysis spec invalid: metrics[0]: interval must be specified when count > 1",
                "{'metrics': [{'name': 'm', 'provider': {'web': {}}}, {'name': 'm', 'provider': {'web': {}}}]} | Analysis spec invalid: metrics[1]: duplicate name 'm'",
                "{'metrics': [{'name': 'm', 'provider': {'web': {}}}], 'dryRun': [{'metricName': 'x'}]} | Analysis spec invalid: dryRun[0]: Rule didn't match any metric name(s)",
                "{'metrics': [{'name': 'm', 'provider': {'web': {}}}], 'measurementRetention': [{'metricName': 'm', 'limit': 1}, {'metricName': '('}]} | Analysis spec invalid: measurementRetention[1]: Rule didn't match any metric name(s)",
                "{'metrics': [{'name': 'm', 'successCondition': 'result <', 'provider': {'web': {}}}]} | Analysis spec invalid: metrics[0]: metric 'm': successCondition \"result <\" can judge nothing: unexpected token EOF (1:9: \"result <^\")",
                "{'args': [{'name': 'x', 'value': '<'}], 'metrics': [{'name': 'm', 'failureCondition': 'result {{args.x}}', 'provider': {'web': {}}}]} | Analysis spec invalid: metrics[0]: metric 'm': failureCondition \"result <\" can judge nothing: unexpected token EOF (1:9: \"result <^\")",
                "{'metrics': [{'name': 'm', 'provider': {'web': {'url': '{{args.x}}'}}}]} | Unable to resolve metric arguments: failed to resolve {{args.x}}",
                "{'args': [{'name': 'x'}], 'metrics': [{'name': 'm', 'provider': {'web': {}}}]} | Unable to resolve metric arguments: argument \"x\" was not supplied"
            })
    void aSpecThatIsWrongEndsTheRunAtOnce(String spec, String message) {
        var world = new World(spec).toTheEnd();
        assertThat(world.phase()).isEqualTo(ERROR);
        assertThat(world.message()).isEqualTo(message);
        assertThat(world.status().completedAt()).contains(World.START);
        assertThat(world.events)
                .containsExactly(new Event(true, "AnalysisRunError", "Analysis Completed. Result: Error"));
    }

    @Test
    void argumentsAreFilledInAndSecretsOnlyWhereItIsAsked() {
        var world = new World("{'args': [{'name': 'host', 'value': 'web'}, {'name': 'n', 'value': '2'},"
                + " {'name': 'token', 'valueFrom': {'secretKeyRef': {'name': 's', 'key': 'k'}}}],"
                + " 'metrics': [{'name': 'm', 'interval': '1s', 'count': '{{args.n}}', 'successCondition': 'result < {{args.n}}',"
                + " 'provider': {'web': {'url': 'http://{{args.host}}', 'token': '{{args.token}}'}}}]}");
        world.look();
        var question = ((AnalysisAction.Measure) world.actions.getFirst()).question();
        assertThat(question.metric().count()).isEqualTo(2);
        assertThat(question.metric().provider().spec())
                .isEqualTo(Json.obj("url", "http://web", "token", "temp-for-secret"));
        assertThat(question.secrets()).containsExactly(new Arguments.SecretArgument("token", "s", "k"));
        var filled = question.filled(new LinkedHashMap<>(Map.of("token", "top{{args.host}}")))
                .orElseThrow();
        assertThat(filled.provider().spec()).isEqualTo(Json.obj("url", "http://web", "token", "top{{args.host}}"));
    }

    @Test
    void aSecretThatIsNotThereEndsTheRun() {
        var world = new World(ONE);
        world.look();
        world.noSecret("m", "key 'k' does not exist in secret 's'");
        world.look();
        assertThat(world.phase()).isEqualTo(ERROR);
        assertThat(world.message())
                .isEqualTo("Unable to resolve metric arguments: key 'k' does not exist in secret 's'");
    }

    @ParameterizedTest(name = "{0} after {1}: deleted after {2} s")
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '^',
            value = {
                "{'secondsAfterCompletion': 60} | 1 | 61",
                "{'secondsAfterCompletion': 60, 'secondsAfterSuccess': 5} | 1 | 6",
                "{'secondsAfterCompletion': 60, 'secondsAfterFailure': 5} | 1 | 61",
                "{'secondsAfterCompletion': 60, 'secondsAfterFailure': 5} | 0 | 6",
                "{'secondsAfterSuccess': 5} | 0 | -1",
                "{} | 1 | -1"
            })
    void aRunLivesAsLongAsItsStrategySays(String ttl, double value, long seconds) {
        var world = new World(ONE.replaceFirst("\\{", "{'ttlStrategy': " + ttl + ", "))
                .says("m", value)
                .toTheEnd();
        for (int i = 0; i < 10 && !world.deleted && world.next(); i++) {}
        assertThat(world.deleted).isEqualTo(seconds >= 0);
        if (world.deleted) assertThat(world.seconds()).isEqualTo(seconds);
    }

    @Test
    void aRunOnItsWayOutIsLeftAlone() {
        var world = new World(ONE);
        world.object = MergePatch.apply(
                        world.object, Json.obj("metadata", Json.obj("deletionTimestamp", "2026-01-01T00:00:00Z")))
                .obj();
        assertThat(world.look().empty(AnalysisRunStatus.NEW)).isTrue();
    }

    @Test
    void anAnswerHandedInTwiceCountsOnce() {
        var world = new World(THREE);
        world.look();
        var question = ((AnalysisAction.Measure) world.actions.getFirst()).question();
        var measured = Measured.of(World.value(1), question.metric(), World.START, World.START);
        var answer = new AnalysisObservation.Answer.Taken("m", 1, measured, Measured.none());
        var once = AnalysisEngine.decide(new AnalysisObservation(world.run(), List.of(answer), List.of(), World.START));
        var again = AnalysisEngine.decide(
                new AnalysisObservation(world.run().with(once.status()), List.of(answer), List.of(), World.START));
        assertThat(once.status().result("m").map(MetricResult::count)).contains(1);
        assertThat(again.status()).isEqualTo(once.status());
    }

    @Test
    void fieldsThatNobodyKnowsSurvive() {
        var text = """
                {"phase":"Running","metricResults":[{"name":"m","phase":"Running","measurements":[{"phase":"Successful",\
                "startedAt":"2026-01-01T00:00:00Z","finishedAt":"2026-01-01T00:00:01Z","value":"1","metadata":{"a":"b"},\
                "newField":{"x":1}}],"message":"w","count":1,"successful":1,"consecutiveSuccess":1,"dryRun":true,\
                "metadata":{"q":"up"},"other":[1]}],"startedAt":"2026-01-01T00:00:00Z","runSummary":{"count":1},\
                "dryRunSummary":{},"more":true}""";
        assertThat(AnalysisRunStatus.of(Json.parse(text)).json().text()).isEqualTo(text);
        assertThat(AnalysisRunStatus.of(Json.parse("{\"metricResults\": 5, \"startedAt\": \"soon\"}")))
                .isEqualTo(AnalysisRunStatus.NEW);
    }

    @Test
    void aLookWithNothingNewChangesNothing() {
        var world = new World(THREE);
        for (int i = 0; i < 40 && !world.status().completed(); i++) {
            world.look();
            assertThat(world.look().empty(world.status())).as("%s", world.log).isTrue();
            world.next();
        }
        assertThat(world.phase()).isEqualTo(SUCCESSFUL);
    }

    /// Whatever providers say and however often the controller dies: the run ends with a verdict that fits its
    /// measurements, the clock never goes back, and a second look changes nothing.
    ///
    /// More of them: `./mvnw -pl core test -Dtest=AnalysisEngineTest -Dsluice.analysis.seeds=20000`
    @Test
    void randomRunsEnd() {
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = new Random(seed);
            var metrics = new StringBuilder();
            int number = 1 + random.nextInt(3);
            for (int i = 0; i < number; i++) {
                if (i > 0) metrics.append(", ");
                metrics.append(
                        "{'name': 'm%d', 'interval': '%ds', 'count': %d, 'failureLimit': %d, 'inconclusiveLimit': %d,"
                                .formatted(
                                        i,
                                        1 + random.nextInt(20),
                                        3 + random.nextInt(3),
                                        random.nextInt(3),
                                        random.nextInt(3)));
                if (random.nextInt(3) == 0) metrics.append("'initialDelay': '%ds',".formatted(random.nextInt(30)));
                metrics.append(
                        "'successCondition': 'result > 1', 'failureCondition': 'result < 0', 'provider': {'web': {}}}");
            }
            var dryRun = random.nextInt(4) == 0 ? "'dryRun': [{'metricName': 'm0'}]," : "";
            var world = new World("{" + dryRun + "'metrics': [" + metrics + "]}");
            for (int i = 0; i < number; i++) {
                for (int j = 0; j < 30; j++) {
                    Measurement says = switch (random.nextInt(12)) {
                        case 0 -> new Measurement.Failed("down");
                        case 1 -> World.value(-1);
                        case 2 -> World.value(0.5);
                        case 3 ->
                            new Measurement.Running(World.START.plusSeconds(random.nextInt(200)), Measured.none());
                        default -> World.value(2);
                    };
                    world.says("m" + i, new Reply(says, Duration.ofMillis(random.nextInt(5_000))));
                }
            }
            world.look();
            int looks = 0;
            while (!world.status().completed()) {
                assertThat(looks++).as("seed %d: %s", seed, world.log).isLessThan(2_000);
                if (random.nextInt(15) == 0) world.crash();
                var before = world.now;
                assertThat(world.next())
                        .as("seed %d waits for nothing: %s", seed, world.log)
                        .isTrue();
                assertThat(world.now).isAfterOrEqualTo(before);
                if (!world.status().completed() && random.nextInt(3) == 0) {
                    assertThat(world.look().empty(world.status()))
                            .as("seed %d", seed)
                            .isTrue();
                }
            }
            check(seed, world);
        }
    }

    private static void check(int seed, World world) {
        var worst = world.status().metricResults().stream()
                .filter(result -> !result.dryRun())
                .map(MetricResult::phase)
                .filter(AnalysisPhase::completed)
                .max(java.util.Comparator.comparing(List.of(SUCCESSFUL, INCONCLUSIVE, ERROR, FAILED)::indexOf));
        assertThat(world.status().phase())
                .as("seed %d: %s", seed, world.log)
                .isEqualTo(worst.or(() -> Optional.of(SUCCESSFUL)));
        assertThat(world.status().metricResults()).as("seed %d", seed).allSatisfy(result -> {
            assertThat(result.count()).isEqualTo(result.successful() + result.failed() + result.inconclusive());
            assertThat(result.measurements()).noneMatch(Measured::inFlight);
        });
    }
}
