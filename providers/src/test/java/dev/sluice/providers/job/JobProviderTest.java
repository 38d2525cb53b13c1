package dev.sluice.providers.job;

import static dev.sluice.providers.Asking.NOW;
import static dev.sluice.providers.Asking.RUN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.spi.Deadline;
import dev.sluice.spi.Measurement;
import dev.sluice.spi.Measurement.Outcome;
import dev.sluice.spi.MetricProvider;
import dev.sluice.spi.MetricProvider.Query;
import dev.sluice.spi.Secrets;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobProviderTest {
    private static final Json SPEC = Json.parse("""
            {"metadata": {"labels": {"team": "shop"}, "annotations": {"why": "smoke"}},
             "spec": {"backoffLimit": 0, "template": {"metadata": {"labels": {"a": "b"}},
                      "spec": {"restartPolicy": "Never", "containers": [{"name": "smoke", "image": "smoke:1"}]}}}}""");

    /// A cluster that fits into a map.
    private static final class Cluster implements Gateway, Time {
        final Map<ObjectRef, Json.Obj> objects = new TreeMap<>();
        final List<Request> sent = new ArrayList<>();
        final List<Reply> instead = new ArrayList<>();
        boolean doesItAnyway;
        Instant now = NOW;

        @Override
        public Reply send(Request request) {
            sent.add(request);
            if (!instead.isEmpty()) {
                if (doesItAnyway) answer(request);
                return instead.removeFirst();
            }
            return answer(request);
        }

        private Reply answer(Request request) {
            return switch (request) {
                case Request.Create(var ref, var body) -> {
                    if (objects.containsKey(ref)) yield refused(409, "AlreadyExists");
                    objects.put(ref, body.withAt(List.of("metadata", "creationTimestamp"), now.toString()));
                    yield new Reply.Done(objects.get(ref));
                }
                case Request.Get(var ref) ->
                    objects.containsKey(ref) ? new Reply.Done(objects.get(ref)) : refused(404, "NotFound");
                case Request.Delete(var ref, var _, var _, var _, var _) ->
                    objects.remove(ref) == null ? refused(404, "NotFound") : new Reply.Done(Json.Obj.EMPTY);
                case Request.List(var selection) ->
                    new Reply.Done(Json.obj(
                            "items",
                            objects.entrySet().stream()
                                    .filter(entry -> entry.getKey().type().equals(selection.type()))
                                    .filter(entry -> selection
                                            .namespace()
                                            .orElseThrow()
                                            .equals(entry.getKey().namespace()))
                                    .map(Map.Entry::getValue)
                                    .filter(object -> LabelSelector.parse(selection.labels())
                                            .matches(object))
                                    .toList()));
                case Request.Patch _, Request.Replace _ -> refused(405, "MethodNotAllowed");
            };
        }

        void condition(ObjectRef job, String type, String reason, String message) {
            objects.put(
                    job,
                    objects.get(job)
                            .withAt(
                                    List.of("status", "conditions"),
                                    List.of(
                                            Json.obj("type", "Suspended", "status", "False"),
                                            Json.obj(
                                                    "type", type, "status", "True", "reason", reason, "message",
                                                    message))));
        }

        void pod(String name, ObjectRef job, String kind, String reason) {
            var ref = ObjectRef.of(ResourceType.PODS, job.namespace(), name);
            objects.put(
                    ref,
                    Json.obj(
                            "metadata",
                                    Json.obj(
                                            "name", name,
                                            "namespace", job.namespace(),
                                            "labels", Json.obj(JobProvider.UID, RUN.uid()),
                                            "ownerReferences", List.of(Json.obj("kind", "Job", "name", job.name()))),
                            "status",
                                    Json.obj(
                                            kind,
                                            List.of(Json.obj(
                                                    "name",
                                                    "smoke",
                                                    "state",
                                                    Json.obj(
                                                            "waiting",
                                                            Json.obj("reason", reason, "message", "no such tag")))))));
        }

        static Reply refused(int code, String reason) {
            return new Reply.Refused(code, reason, "message of " + reason, Optional.empty());
        }

        @Override
        public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Instant now() {
            return now;
        }

        @Override
        public Timer at(Instant when, Runnable task) {
            throw new UnsupportedOperationException();
        }
    }

    private final Cluster cluster = new Cluster();
    private final JobProvider provider = new JobProvider(cluster, cluster, false, Optional.empty());
    private final Deadline deadline = Deadline.in(Duration.ofSeconds(30), NOW);

    private static Query query(int ordinal) {
        return new Query(SPEC, RUN, "smoke-test", ordinal, NOW);
    }

    private Measurement measure() {
        return provider.measure(query(1), Secrets.NONE, deadline);
    }

    private Measurement.Running started() {
        return (Measurement.Running) measure();
    }

    private Measurement resume(Measurement.Running running) {
        return provider.resume(query(1), running, Secrets.NONE, deadline);
    }

    private static ObjectRef job(int ordinal) {
        return ObjectRef.of(ResourceType.JOBS, "shop", RUN.uid() + ".smoke-test." + ordinal);
    }

    private static String message(Measurement measurement) {
        return ((Measurement.Failed) measurement).message();
    }

    @Test
    void createsAJobThatBelongsToTheRun() {
        assertThat(started().metadata())
                .containsExactly(Map.entry("job-name", job(1).name()), Map.entry("job-namespace", "shop"));
        assertThat(cluster.objects.get(job(1)).withoutAt(List.of("metadata", "creationTimestamp")))
                .isEqualTo(Json.parse("""
                {"apiVersion": "batch/v1", "kind": "Job",
                 "metadata": {
                   "name": "0a1b2c3d-0000-4000-8000-000000000001.smoke-test.1", "namespace": "shop",
                   "labels": {"team": "shop", "analysisrun.argoproj.io/uid": "0a1b2c3d-0000-4000-8000-000000000001"},
                   "annotations": {"why": "smoke",
                     "analysisrun.argoproj.io/name": "web-7-2",
                     "analysisrun.argoproj.io/namespace": "shop",
                     "analysisrun.argoproj.io/metric-name": "smoke-test"},
                   "ownerReferences": [{"apiVersion": "argoproj.io/v1alpha1", "kind": "AnalysisRun", "name": "web-7-2",
                     "uid": "0a1b2c3d-0000-4000-8000-000000000001", "controller": true, "blockOwnerDeletion": true}]},
                 "spec": {"backoffLimit": 0, "template": {
                   "metadata": {"labels": {"a": "b", "analysisrun.argoproj.io/uid": "0a1b2c3d-0000-4000-8000-000000000001"}},
                   "spec": {"restartPolicy": "Never", "containers": [{"name": "smoke", "image": "smoke:1"}]}}}}"""));
    }

    @Test
    void aJobElsewhereHasNoOwner() {
        var other = new JobProvider(cluster, cluster, false, Optional.of("jobs"));
        other.measure(query(1), Secrets.NONE, deadline);
        var ref = ObjectRef.of(ResourceType.JOBS, "jobs", job(1).name());
        assertThat(cluster.objects.get(ref).at("metadata", "ownerReferences").isNull())
                .isTrue();
        assertThat(cluster.objects.get(ref).at("metadata", "annotations", JobProvider.NAMESPACE))
                .isEqualTo(Json.of("shop"));
        var otherCluster = new JobProvider(cluster, cluster, true, Optional.empty());
        otherCluster.measure(query(2), Secrets.NONE, deadline);
        assertThat(cluster.objects.get(job(2)).at("metadata", "ownerReferences").isNull())
                .isTrue();
    }

    @Test
    void theEnvironmentMaySendJobsElsewhere() {
        var home = new Cluster();
        var setting = new MetricProvider.Setting(
                cluster,
                home,
                kubeconfig -> kubeconfig.equals("/etc/jobs") ? cluster : home,
                Map.of(JobProvider.KUBECONFIG_VARIABLE, "/etc/jobs", JobProvider.NAMESPACE_VARIABLE, "jobs"));
        new JobProvider.Factory().create(setting).measure(query(1), Secrets.NONE, deadline);
        assertThat(cluster.objects).containsOnlyKeys(ObjectRef.of(ResourceType.JOBS, "jobs", job(1).name()));
        assertThat(home.sent).isEmpty();
    }

    @Test
    void aFinishedJobIsTheVerdict() {
        var running = started();
        cluster.condition(job(1), "Complete", "", "");
        assertThat(resume(running)).isEqualTo(new Measurement.Verdict(Outcome.SUCCESSFUL, "", running.metadata()));
        cluster.condition(job(1), "Failed", "BackoffLimitExceeded", "it crashed");
        assertThat(resume(running)).isInstanceOfSatisfying(Measurement.Verdict.class, verdict -> {
            assertThat(verdict.outcome()).isEqualTo(Outcome.FAILED);
            assertThat(verdict.message()).contains("BackoffLimitExceeded: it crashed");
        });
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "2, 2", "50, 10", "5000, 100"})
    void looksAgainAfterTheRootOfTwiceItsAge(int age, int pause) {
        var running = started();
        cluster.now = NOW.plusSeconds(age);
        assertThat(((Measurement.Running) resume(running)).resumeAt()).isEqualTo(cluster.now.plusSeconds(pause));
    }

    @ParameterizedTest
    @CsvSource({
        "containerStatuses, ErrImagePull",
        "containerStatuses, ImagePullBackOff",
        "initContainerStatuses, InvalidImageName"
    })
    void anImageThatCannotBeHadIsInconclusive(String kind, String reason) {
        var running = started();
        cluster.pod("smoke-x", job(1), kind, reason);
        assertThat(resume(running))
                .isEqualTo(new Measurement.Verdict(
                        Outcome.INCONCLUSIVE,
                        "pod smoke-x, container smoke: " + reason + ": no such tag",
                        running.metadata()));
    }

    @Test
    void theImageTroubleOfAnotherJobIsNotOurs() {
        var running = started();
        cluster.pod("other", job(2), "containerStatuses", "ErrImagePull");
        cluster.pod("starting", job(1), "containerStatuses", "ContainerCreating");
        assertThat(resume(running)).isInstanceOf(Measurement.Running.class);
    }

    @Test
    void aControllerThatDiedAfterCreatingGoesOnWithItsJob() {
        started();
        assertThat(measure()).isInstanceOf(Measurement.Running.class);
        assertThat(cluster.objects).hasSize(1);
    }

    @Test
    void aLostReplyIsLookedUp() {
        cluster.doesItAnyway = true;
        cluster.instead.add(new Reply.Lost("connection reset"));
        assertThat(measure()).isInstanceOf(Measurement.Running.class);
        cluster.doesItAnyway = false;
        cluster.objects.clear();
        cluster.instead.add(new Reply.Lost("connection reset"));
        assertThat(message(measure())).contains("cannot be read: 404 NotFound");
        cluster.instead.addAll(List.of(new Reply.Lost("connection reset"), new Reply.Lost("still away")));
        assertThat(message(measure())).contains("the API server did not answer: still away");
    }

    @Test
    void aJobOfSomebodyElseIsLeftAlone() {
        cluster.objects.put(job(1), Json.obj("metadata", Json.obj("labels", Json.obj(JobProvider.UID, "other"))));
        assertThat(message(measure())).contains("exists already and belongs to somebody else");
    }

    @Test
    void aRefusalIsToldWithoutSecrets() {
        cluster.instead.add(new Reply.Refused(403, "Forbidden", "no geheim jobs here", Optional.empty()));
        var measured = provider.measure(query(1), dev.sluice.providers.Asking.hiding("geheim"), deadline);
        assertThat(message(measured)).contains("403 Forbidden: no ***** jobs here");
    }

    @Test
    void aMissingSpecIsTold() {
        var query = new Query(Json.obj("metadata", Json.Obj.EMPTY), RUN, "m", 1, NOW);
        assertThat(message(provider.measure(query, Secrets.NONE, deadline))).startsWith("job: spec is missing");
    }

    @Test
    void anOutageIsNoVerdict() {
        var running = started();
        cluster.instead.add(new Reply.Lost("away"));
        assertThat(resume(running)).isEqualTo(new Measurement.Running(NOW.plusSeconds(5), running.metadata()));
        cluster.instead.add(Cluster.refused(503, "ServiceUnavailable"));
        assertThat(resume(running)).isInstanceOf(Measurement.Running.class);
    }

    @Test
    void aDeletedJobIsAnError() {
        var running = started();
        cluster.objects.clear();
        assertThat(message(resume(running))).contains("is gone; somebody deleted it before it ended");
        assertThat(message(resume(new Measurement.Running(NOW, Measurement.none()))))
                .contains("no metadata job-name");
    }

    @Test
    void terminatingDeletesTheJobInTheForeground() {
        var running = started();
        assertThat(provider.terminate(query(1), running, Secrets.NONE, deadline))
                .isEqualTo(new Measurement.Verdict(Outcome.INCONCLUSIVE, "", running.metadata()));
        assertThat(cluster.sent.getLast())
                .isEqualTo(new Request.Delete(job(1), Optional.empty(), Optional.empty(), "Foreground"));
        // Once more, for a controller that died in between.
        assertThat(provider.terminate(query(1), running, Secrets.NONE, deadline))
                .isInstanceOf(Measurement.Verdict.class);
        cluster.instead.add(new Reply.Lost("away"));
        assertThat(message(provider.terminate(query(1), running, Secrets.NONE, deadline)))
                .contains("away");
    }

    @Test
    void onlyTheNewestJobsOfTheMetricStay() {
        for (int i = 1; i <= 4; i++) {
            cluster.now = NOW.plusSeconds(i);
            provider.measure(query(i), Secrets.NONE, deadline);
        }
        cluster.now = NOW;
        provider.measure(new Query(SPEC, RUN, "other", 1, NOW), Secrets.NONE, deadline);
        assertThat(provider.sweep(query(4), 2, deadline)).isEmpty();
        assertThat(cluster.objects.keySet())
                .extracting(ObjectRef::name)
                .containsExactly(RUN.uid() + ".other.1", job(3).name(), job(4).name());
        cluster.instead.add(new Reply.Lost("away"));
        assertThat(provider.sweep(query(4), 2, deadline)).get().asString().contains("cannot be listed: away");
    }

    @ParameterizedTest
    @CsvSource({
        "smoke-test, 1, .smoke-test.1",
        "a-very-long-name-of-a-metric-that-does-not-fit, 12, .a-very-long-name-of-a-m.12",
        "Success_Rate, 3, .success-rate.3",
        "--, 3, .3",
        "exactly-twenty-two.-ch-x, 1, .exactly-twenty-two.ch-x.1"
    })
    void namesFitIntoALabel(String metric, int ordinal, String end) {
        var name = JobProvider.jobName(new Query(SPEC, RUN, metric, ordinal, NOW));
        assertThat(name).isEqualTo(RUN.uid() + end).hasSizeLessThanOrEqualTo(63);
    }

    @ParameterizedTest
    @ValueSource(strings = {"web", "prometheus", "job"})
    void isFoundByItsName(String name) {
        var setting = new MetricProvider.Setting(cluster, cluster, _ -> cluster, Map.of());
        var found = dev.sluice.spi.MetricProviders.discover(setting).named(name);
        assertThat(found)
                .get()
                .satisfies(provider -> assertThat(provider.name()).isEqualTo(name));
    }
}
