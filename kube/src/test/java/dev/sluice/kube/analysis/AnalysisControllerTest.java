package dev.sluice.kube.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.analysis.Measured;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.SystemTime;
import dev.sluice.kube.rollout.Caches;
import dev.sluice.spi.Deadline;
import dev.sluice.spi.Measurement;
import dev.sluice.spi.MetricProvider;
import dev.sluice.spi.MetricProviders;
import dev.sluice.spi.Secrets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class AnalysisControllerTest {
    private static final String ONE =
            "{'metrics': [{'name': 'm', 'successCondition': 'result >= 1', 'provider': {'web': {}}}]}";
    private static final String TOKEN = "s3cr3t/t=ken \"x\"";
    private static final String WITH_TOKEN =
            "{'args': [{'name': 'token', 'valueFrom': {'secretKeyRef': {'name': 'creds', 'key': 'token'}}}],"
                    + " 'metrics': [{'name': 'm', 'interval': '10s', 'count': 2, 'successCondition': 'result >= 1',"
                    + " 'provider': {'web': {'header': 'Bearer {{args.token}}'}}}]}";

    private final Lab lab = new Lab();

    private static String metric(String name, String rest) {
        return "{'metrics': [{'name': '" + name + "', " + rest + ", 'provider': {'web': {}}}]}";
    }

    private static Measurement job(Duration lookAfter) {
        var metadata = new LinkedHashMap<String, String>();
        metadata.put("job-name", "j");
        return new Measurement.Running(Lab.START.plus(lookAfter), metadata);
    }

    private static Measurement verdict(Measurement.Outcome outcome) {
        return new Measurement.Verdict(outcome, "", Measurement.none());
    }

    @Test
    void aMetricIsMeasuredAfterItsDelayAtItsIntervalUntilItsCount() {
        lab.run("r", metric("m", "'initialDelay': '20s', 'interval': '30s', 'count': 3"))
                .toTheEnd("r");
        assertThat(lab.calls()).containsExactly("20s measure m #1", "50s measure m #2", "80s measure m #3");
        assertThat(lab.verdict("r")).isEqualTo("Successful");
        assertThat(lab.object("r").at("status", "runSummary").text()).isEqualTo("{\"count\":1,\"successful\":1}");
        assertThat(lab.events)
                .containsExactly(
                        "Normal MetricSuccessful: Metric 'm' Completed. Result: Successful",
                        "Normal AnalysisRunSuccessful: Analysis Completed. Result: Successful");
        lab.assertNothingOpen();
    }

    @Test
    void oneFailureTooManyFailsTheRunInTheWordsOfArgo() {
        lab.says("m", 1, 0, 0)
                .run("r", metric("m", "'interval': '1s', 'failureLimit': 1, 'successCondition': 'result >= 1'"))
                .toTheEnd("r");
        assertThat(lab.verdict("r"))
                .isEqualTo("Failed: Metric \"m\" assessed Failed due to failed (2) > failureLimit (1)");
        assertThat(lab.events)
                .containsExactly(
                        "Warning MetricFailed: Metric 'm' Completed. Result: Failed",
                        "Warning AnalysisRunFailed: Analysis Completed. Result: Failed");
    }

    @Test
    void neitherGoodNorBadIsInconclusive() {
        lab.run("r", metric("m", "'successCondition': 'result > 5', 'failureCondition': 'result < 0'"))
                .toTheEnd("r");
        assertThat(lab.verdict("r"))
                .isEqualTo(
                        "Inconclusive: Metric \"m\" assessed Inconclusive due to inconclusive (1) > inconclusiveLimit (0)");
    }

    @Test
    void errorsInARowAreToleratedUpToTheirLimit() {
        lab.says("m", "no route", "no route", "no route").run("r", metric("m", "'consecutiveErrorLimit': 2"));
        lab.toTheEnd("r");
        assertThat(lab.calls()).containsExactly("0s measure m #1", "10s measure m #2", "20s measure m #3");
        assertThat(lab.verdict("r"))
                .isEqualTo(
                        "Error: Metric \"m\" assessed Error due to consecutiveErrors (3) > consecutiveErrorLimit (2):"
                                + " \"Error Message: no route\"");
    }

    @Test
    void aSpecThatIsWrongEndsTheRunBeforeAnybodyIsAsked() {
        lab.run("r", "{'metrics': []}").after(Duration.ofSeconds(1));
        assertThat(lab.verdict("r")).isEqualTo("Error: Analysis spec invalid: no metrics specified");
        assertThat(lab.calls()).isEmpty();
    }

    @Test
    void aRunThatIsAskedToEndEndsItsJobAndItself() {
        lab.says("m", job(Duration.ofMinutes(5)), verdict(Measurement.Outcome.INCONCLUSIVE))
                .run("r", ONE)
                .after(Duration.ofSeconds(30));
        assertThat(lab.verdict("r")).isEqualTo("Running");
        lab.edit("r", Json.obj("spec", Json.obj("terminate", true)));
        lab.after(Duration.ofSeconds(1));
        assertThat(lab.calls()).containsExactly("0s measure m #1", "30s terminate {job-name=j} m #1");
        assertThat(lab.status("r").result("m").orElseThrow().last().map(Measured::message))
                .contains("Metric Terminated");
        assertThat(lab.status("r").completed()).isTrue();
    }

    @Test
    void aMeasurementThatTakesLongIsLookedAfterWhenItSays() {
        lab.says("m", job(Duration.ofSeconds(7)), job(Duration.ofSeconds(20)), verdict(Measurement.Outcome.SUCCESSFUL))
                .run("r", ONE)
                .toTheEnd("r");
        assertThat(lab.calls())
                .containsExactly("0s measure m #1", "7s resume {job-name=j} m #1", "20s resume {job-name=j} m #1");
        assertThat(lab.verdict("r")).isEqualTo("Successful");
        assertThat(lab.status("r").result("m").orElseThrow().measurements()).hasSize(1);
    }

    @Test
    void theStatusIsWrittenBeforeAnybodyIsAskedAndOnlyWhatChanged() {
        lab.says("m", 2).run("r", metric("m", "'interval': '10s', 'count': 2"));
        lab.after(Duration.ofSeconds(5));
        var first = lab.patches("r").getFirst();
        assertThat(first.at("status").text())
                .isEqualTo("{\"phase\":\"Running\",\"startedAt\":\"2026-01-01T00:00:00Z\","
                        + "\"runSummary\":{\"count\":1},\"dryRunSummary\":{}}");
        assertThat(first.at("metadata").text()).isEqualTo("{\"resourceVersion\":\"101\",\"uid\":\"uid-1\"}");
        assertThat(lab.patches("r").get(1).at("status").fields().keySet()).containsExactly("metricResults");
        assertThat(lab.patches("r")).hasSize(2);

        lab.toTheEnd("r");
        assertThat(lab.patches("r").get(2).at("status").fields().keySet())
                .containsExactly("phase", "metricResults", "completedAt", "runSummary");
        int writes = lab.patches("r").size();
        lab.after(Duration.ofHours(1));
        assertThat(lab.patches("r")).hasSize(writes);
    }

    @Test
    void fieldsOfOthersAreLeftAlone() {
        lab.run("r", ONE);
        lab.edit("r", Json.obj("status", Json.obj("theirs", Json.obj("a", 1))));
        lab.toTheEnd("r");
        assertThat(lab.object("r").at("status", "theirs").text()).isEqualTo("{\"a\":1}");
        assertThat(lab.patches("r")).noneMatch(patch -> patch.at("status").obj().has("theirs"));
    }

    @Test
    void whileTheStatusCannotBeWrittenNobodyIsAsked() {
        lab.cluster.refuse = request ->
                request instanceof Request.Patch ? Optional.of(new Reply.Lost("connection reset")) : Optional.empty();
        lab.run("r", ONE).after(Duration.ofMinutes(1));
        assertThat(lab.calls()).isEmpty();
        lab.cluster.refuse = _ -> Optional.empty();
        lab.toTheEnd("r");
        assertThat(lab.verdict("r")).isEqualTo("Successful");
        assertThat(lab.calls()).hasSize(1);
    }

    @Test
    void anAnswerIsKeptUntilTheStatusHoldsIt() {
        var refusals = new AtomicInteger();
        lab.run("r", metric("m", "'interval': '1m', 'count': 2")).says("m", 5);
        lab.cluster.refuse = request -> request instanceof Request.Patch patch
                        && patch.body().at("status").obj().has("metricResults")
                        && refusals.incrementAndGet() <= 5
                ? Optional.of(new Reply.Lost("connection reset"))
                : Optional.empty();
        lab.after(Duration.ofSeconds(30));
        assertThat(refusals).hasValueGreaterThan(5);
        assertThat(lab.calls()).containsExactly("0s measure m #1");
        assertThat(lab.status("r").result("m").orElseThrow().last().map(Measured::value))
                .contains("5");
        lab.assertNothingOpen();
    }

    @Test
    void aWriteWhoseAnswerWasLostCountsOnce() {
        var lost = new AtomicInteger();
        lab.run("r", metric("m", "'interval': '1m', 'count': 2"));
        lab.cluster.garble = request -> request instanceof Request.Patch && lost.incrementAndGet() <= 4
                ? Optional.of(new Reply.Lost("connection reset"))
                : Optional.empty();
        lab.after(Duration.ofSeconds(30));
        assertThat(lab.status("r").result("m").orElseThrow().count()).isEqualTo(1);
        lab.toTheEnd("r");
        assertThat(lab.calls()).hasSize(2);
    }

    @Test
    void aConflictIsDecidedAnew() {
        var meddled = new AtomicInteger();
        lab.run("r", metric("m", "'interval': '10s'"));
        lab.cluster.refuse = request -> {
            if (request instanceof Request.Patch patch
                    && patch.body().at("status").obj().has("metricResults")
                    && meddled.getAndIncrement() == 0) {
                lab.edit("r", Json.obj("spec", Json.obj("terminate", true)));
            }
            return Optional.empty();
        };
        lab.after(Duration.ofSeconds(5));
        assertThat(lab.verdict("r")).isEqualTo("Successful: Run Terminated");
        assertThat(lab.status("r").result("m").orElseThrow().count()).isEqualTo(1);
    }

    @Test
    void aDeathBetweenMeasurementAndStatusMeasuresAgainUnderTheSameOrdinal() {
        lab.run("r", metric("m", "'interval': '1m', 'count': 2"));
        lab.cluster.refuse = request -> request instanceof Request.Patch patch
                        && patch.body().at("status").obj().has("metricResults")
                ? Optional.of(new Reply.Lost("the controller dies"))
                : Optional.empty();
        lab.after(Duration.ofSeconds(1));
        lab.cluster.refuse = _ -> Optional.empty();
        lab.restart();
        lab.after(Duration.ofSeconds(2));
        assertThat(lab.calls()).containsExactly("0s measure m #1", "1s measure m #1");
        assertThat(lab.status("r").result("m").orElseThrow().count()).isEqualTo(1);
    }

    @Test
    void aDeathWhileAJobRunsFindsTheJobAgain() {
        lab.says("m", job(Duration.ofSeconds(40)), verdict(Measurement.Outcome.SUCCESSFUL))
                .run("r", ONE);
        lab.after(Duration.ofSeconds(10));
        lab.restart();
        lab.toTheEnd("r");
        assertThat(lab.calls()).containsExactly("0s measure m #1", "40s resume {job-name=j} m #1");
        assertThat(lab.verdict("r")).isEqualTo("Successful");
    }

    @Test
    void aProviderThatHangsIsGivenUpAndAskedAgain() {
        lab.delays.add(Duration.ofMinutes(30));
        lab.run("r", ONE).after(Duration.ofMinutes(5).plusSeconds(9));
        assertThat(lab.verdict("r")).isEqualTo("Running");
        lab.after(Duration.ofSeconds(1));
        assertThat(lab.status("r")
                        .result("m")
                        .orElseThrow()
                        .last()
                        .orElseThrow()
                        .message())
                .isEqualTo("provider web did not answer within PT5M10S; it is given up for this measurement");
        lab.after(Duration.ofSeconds(10));
        assertThat(lab.verdict("r")).isEqualTo("Successful");
        assertThat(lab.controller.stats().givenUp()).isEqualTo(1);
        lab.assertNothingOpen();
    }

    @Test
    void aProviderThatCrashesIsAnErrorOfItsMeasurementOnly() {
        lab.says("a", new IllegalStateException("boom"), new IllegalStateException("boom"))
                .run("r", metric("a", "'consecutiveErrorLimit': 1"))
                .run("s", metric("b", "'count': 1"));
        lab.toTheEnd("r");
        assertThat(lab.verdict("r"))
                .endsWith("\"Error Message: provider web crashed: java.lang.IllegalStateException: boom\"");
        assertThat(lab.verdict("s")).isEqualTo("Successful");
    }

    @Test
    void aProviderThatDoesNotExistIsNamedWithThoseThatDo() {
        lab.run("r", "{'metrics': [{'name': 'm', 'consecutiveErrorLimit': 0, 'provider': {'promethius': {}}}]}")
                .toTheEnd("r");
        assertThat(lab.verdict("r")).contains("no metric provider is called \"promethius\"; this controller has web");
    }

    @Test
    void oneRunThatHangsDoesNotStallTheOther() {
        lab.delays.add(Duration.ofMinutes(4));
        lab.run("a", metric("a", "'count': 1")).run("b", metric("b", "'interval': '10s', 'count': 3"));
        lab.toTheEnd("b");
        assertThat(lab.time.now()).isEqualTo(Lab.START.plusSeconds(20));
        assertThat(lab.verdict("a")).isEqualTo("Running");
        lab.toTheEnd("a");
        assertThat(lab.time.now()).isEqualTo(Lab.START.plusSeconds(240));
    }

    @Test
    void aSlowMetricHoldsUpNoOtherMetricOfItsRun() {
        lab.delays.add(Duration.ofMinutes(4));
        lab.says("bad", 0)
                .run(
                        "r",
                        "{'metrics': [{'name': 'slow', 'provider': {'web': {}}},"
                                + " {'name': 'bad', 'successCondition': 'result >= 1', 'provider': {'web': {}}}]}")
                .toTheEnd("r");
        assertThat(lab.verdict("r")).startsWith("Failed: Metric \"bad\"");
        assertThat(lab.time.now()).isEqualTo(Lab.START);
    }

    @Test
    void aMeasurementBegunForARunThatIsGoneMeanwhileIsEnded() {
        lab.options = new AnalysisController.Options(Duration.ofMinutes(1), Duration.ZERO, 2, "sluice");
        lab.restart();
        lab.run("r", ONE).says("m", (Function<Secrets, Measurement>) _ -> {
            // The run goes while its provider works.
            lab.cluster.remove(Lab.ref("r"));
            lab.caches.of(ResourceType.ANALYSIS_RUNS).learnGone(Lab.ref("r"), "uid-1");
            lab.controller.step();
            return job(Duration.ofMinutes(2));
        });
        lab.after(Duration.ofMinutes(10));
        assertThat(lab.calls()).containsExactly("0s measure m #1", "0s terminate {job-name=j} m #1");
        lab.assertNothingOpen();
    }

    @Test
    void noMoreCallsThanAllowedRunAtOnceAndEachGetsItsTurn() {
        lab.options = new AnalysisController.Options(Duration.ofMinutes(5), Duration.ZERO, 2, "sluice");
        lab.restart();
        for (int i = 0; i < 4; i++) {
            lab.delays.add(Duration.ofSeconds(30));
            lab.run("r" + i, ONE);
        }
        lab.after(Duration.ofSeconds(1));
        assertThat(lab.controller.stats()).isEqualTo(new AnalysisController.Stats(2, 2, 0, 0));
        lab.after(Duration.ofSeconds(60));
        assertThat(lab.calls())
                .containsExactly("30s measure m #1", "30s measure m #1", "60s measure m #1", "60s measure m #1");
        for (int i = 0; i < 4; i++) assertThat(lab.verdict("r" + i)).isEqualTo("Successful");
        lab.assertNothingOpen();
    }

    // ── secrets ──────────────────────────────────────────────────────────────────────────────────────────────────

    @Test
    void aSecretIsReadFreshForEachMeasurementFromTheNamespaceOfTheRun() {
        lab.secret("creds", "token", TOKEN).run("r", WITH_TOKEN).after(Duration.ofSeconds(1));
        lab.secret("creds", "token", "rotated").toTheEnd("r");
        assertThat(lab.asked.stream().map(a -> a.spec().at("header").string("")))
                .containsExactly("Bearer " + TOKEN, "Bearer rotated");
        assertThat(lab.cluster.requests.stream()
                        .filter(r -> r instanceof Request.Get(var ref)
                                && ref.equals(ObjectRef.of(ResourceType.SECRETS, Lab.NS, "creds"))))
                .hasSize(2);
        assertThat(lab.verdict("r")).isEqualTo("Successful");
    }

    @Test
    void aSecretThatIsMissingEndsTheRunInError() {
        lab.run("r", WITH_TOKEN).toTheEnd("r");
        assertThat(lab.verdict("r"))
                .isEqualTo("Error: Unable to resolve metric arguments: secrets \"creds\" not found");
        lab.secret("creds", "other", "x").run("s", WITH_TOKEN).toTheEnd("s");
        assertThat(lab.verdict("s"))
                .isEqualTo("Error: Unable to resolve metric arguments: key 'token' does not exist in secret 'creds'");
        assertThat(lab.calls()).isEmpty();
        lab.assertNothingOpen();
    }

    @Test
    void anApiServerThatDoesNotAnswerIsNotAMissingSecret() {
        var down = new AtomicInteger();
        lab.secret("creds", "token", TOKEN).run("r", WITH_TOKEN);
        lab.cluster.refuse = request -> request instanceof Request.Get && down.incrementAndGet() <= 2
                ? Optional.of(new Reply.Refused(503, "ServiceUnavailable", "try later", Optional.empty()))
                : Optional.empty();
        lab.toTheEnd("r");
        assertThat(lab.verdict("r")).isEqualTo("Successful");
        assertThat(lab.status("r").result("m").orElseThrow().error()).isEqualTo(2);
        assertThat(lab.status("r")
                        .result("m")
                        .orElseThrow()
                        .measurements()
                        .getFirst()
                        .message())
                .isEqualTo("secret 'creds' could not be read: 503 ServiceUnavailable: try later");
    }

    @Test
    void noSecretIsInAnythingThatIsWrittenOrTold() {
        lab.facts = query -> {
            var facts = new LinkedHashMap<String, String>();
            facts.put("ResolvedQuery", query.spec().at("header").string(""));
            return facts;
        };
        var echo = new LinkedHashMap<String, String>();
        echo.put("seen", TOKEN);
        lab.secret("creds", "token", TOKEN)
                .says(
                        "m",
                        "401 for " + TOKEN,
                        new IllegalArgumentException("https://x/?t="
                                + java.net.URLEncoder.encode(TOKEN, java.nio.charset.StandardCharsets.UTF_8)),
                        new Measurement.Value(Json.of(TOKEN), TOKEN, echo),
                        "quoted " + Json.of(TOKEN).text())
                .run("r", WITH_TOKEN)
                .toTheEnd("r");
        var written = lab.cluster.requests.toString() + lab.events + lab.object("r");
        assertThat(written)
                .doesNotContain(TOKEN, "s3cr3t", "t=ken")
                .contains("401 for *****", "https://x/?t=*****", "quoted \\\"*****\\\"", "Bearer *****");
    }

    // ── the end of a run ─────────────────────────────────────────────────────────────────────────────────────────

    @Test
    void aRunIsDeletedWhenItsTimeIsOverAndOnlyAsItWasSeen() {
        lab.run("r", ONE.replaceFirst("\\{", "{'ttlStrategy': {'secondsAfterCompletion': 60}, "))
                .toTheEnd("r");
        var version = lab.object("r").at("metadata", "resourceVersion").string("");
        lab.after(Duration.ofSeconds(60));
        assertThat(lab.cluster.get(Lab.ref("r"))).isPresent();
        lab.after(Duration.ofSeconds(1));
        assertThat(lab.cluster.get(Lab.ref("r"))).isEmpty();
        assertThat(lab.cluster.requests)
                .contains(new Request.Delete(Lab.ref("r"), Optional.of("uid-1"), Optional.of(version), "Background"));
    }

    @Test
    void whatOldMeasurementsLeftBehindIsSwept() {
        lab.run(
                        "r",
                        "{'measurementRetention': [{'metricName': 'm', 'limit': 2}], 'metrics': [{'name': 'm',"
                                + " 'interval': '1s', 'count': 3, 'provider': {'web': {}}}]}")
                .toTheEnd("r");
        assertThat(lab.calls()).contains("2s sweep 2 m #4");
        assertThat(lab.status("r").result("m").orElseThrow().measurements()).hasSize(2);
    }

    @Test
    void anAnswerOfAnyLengthFitsIntoTheStatus() {
        var book = "x".repeat(3_000_000);
        lab.says("m", new Measurement.Value(Json.of(1), book)).run("r", ONE).toTheEnd("r");
        assertThat(lab.status("r")
                        .result("m")
                        .orElseThrow()
                        .last()
                        .orElseThrow()
                        .value())
                .hasSize(4_096)
                .endsWith("…");
    }

    @Test
    void aDefectInOneRunHarmsNoOther() {
        var caches = new Caches(
                lab.cluster, lab.time, Optional.empty(), AnalysisController.kinds(), ObjectCache.Options.standard(1));
        lab.controller.close();
        var controller = new AnalysisController(
                lab.cluster,
                lab.time,
                caches,
                MetricProviders.of(
                        List.of(), new MetricProvider.Setting(lab.time, lab.cluster, _ -> lab.cluster, Map.of())),
                (_, _, _, _) -> {},
                lab.options,
                seen -> {
                    if (seen.run().name().equals("cursed")) throw new IllegalStateException("a defect");
                    return dev.sluice.analysis.AnalysisEngine.decide(seen);
                });
        try (var workers = controller.start(1)) {
            caches.start();
            lab.run("cursed", ONE).run("fine", "{'metrics': []}").after(Duration.ofMinutes(1));
            assertThat(workers.crashes()).isZero();
        }
        assertThat(lab.status("fine").phase()).contains(AnalysisPhase.ERROR);
        assertThat(lab.status("cursed").phase()).isEmpty();
    }

    @Test
    void onRealThreadsOneCallThatHangsHoldsUpNobody() throws InterruptedException {
        var release = new CountDownLatch(1);
        var both = new CountDownLatch(2);
        var hangs = new CountDownLatch(1);
        var last = new CountDownLatch(1);
        MetricProvider.Factory factory = new MetricProvider.Factory() {
            @Override
            public String name() {
                return "web";
            }

            @Override
            public MetricProvider create(MetricProvider.Setting setting) {
                return new Hanging(release);
            }
        };
        try (var time = new SystemTime()) {
            var cluster = new StillCluster();
            var caches = new Caches(
                    cluster, time, Optional.empty(), AnalysisController.kinds(), ObjectCache.Options.standard(1));
            var controller = new AnalysisController(
                    cluster,
                    time,
                    caches,
                    MetricProviders.of(
                            List.of(factory), new MetricProvider.Setting(time, cluster, _ -> cluster, Map.of())),
                    (regarding, _, reason, _) -> {
                        if (reason.equals("AnalysisRunSuccessful")) both.countDown();
                    },
                    lab.options);
            cluster.put("hangs", metric("hangs", "'count': 1"));
            cluster.put("a", metric("a", "'count': 1"));
            cluster.put("b", metric("b", "'count': 1"));
            var workers = controller.start(1);
            try (caches) {
                caches.start();
                assertThat(both.await(30, TimeUnit.SECONDS)).isTrue();
                // The two others may have been looked at first.
                cluster.whenPhase("hangs", "Running", hangs::countDown);
                assertThat(hangs.await(30, TimeUnit.SECONDS)).isTrue();
                release.countDown();
                cluster.whenPhase("hangs", "Successful", last::countDown);
                assertThat(last.await(30, TimeUnit.SECONDS)).isTrue();
            } finally {
                controller.close();
                assertThat(workers.drain(Duration.ofSeconds(30))).isTrue();
            }
        }
    }

    private record Hanging(CountDownLatch release) implements MetricProvider {
        @Override
        public String name() {
            return "web";
        }

        @Override
        public String type() {
            return "Web";
        }

        @Override
        public Measurement measure(Query query, Secrets secrets, Deadline deadline) {
            try {
                if (query.metric().equals("hangs") && !release.await(60, TimeUnit.SECONDS)) {
                    return new Measurement.Failed("never released");
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            return new Measurement.Value(Json.of(1), "1");
        }
    }
}
