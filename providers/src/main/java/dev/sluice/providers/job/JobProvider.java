package dev.sluice.providers.job;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import dev.sluice.spi.Deadline;
import dev.sluice.spi.Measurement;
import dev.sluice.spi.MetricProvider;
import dev.sluice.spi.Secrets;
import dev.sluice.spi.Time;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Stream;

/// The metric provider `job`: runs a Job and takes its end for the verdict.
///
/// ```
/// measure ──create──► Running ──resume──► Complete             Successful
///            │                            Failed               Failed
///            │                            image cannot be had  Inconclusive
///            │                            none of these        Running, look again in √(2·age) s
///            └─ exists already and is ours: the controller died after creating it; go on with it
/// ```
///
/// A reply that got lost decides nothing: the next look tells. All that is needed to find the Job again is in the
/// measurement's metadata.
///
/// @see "argoproj.io/v1alpha1: provider.job"
public final class JobProvider implements MetricProvider {
    /// The run that a Job belongs to, as a label of the Job and its pods.
    public static final String UID = "analysisrun.argoproj.io/uid";

    static final String RUN = "analysisrun.argoproj.io/name";
    static final String NAMESPACE = "analysisrun.argoproj.io/namespace";
    static final String METRIC = "analysisrun.argoproj.io/metric-name";
    static final String JOB_NAME = "job-name";
    static final String JOB_NAMESPACE = "job-namespace";
    static final String NAMESPACE_VARIABLE = "ARGO_ROLLOUTS_ANALYSIS_JOB_NAMESPACE";
    static final String KUBECONFIG_VARIABLE = "ARGO_ROLLOUTS_ANALYSIS_JOB_KUBECONFIG";

    /// A longer name could not be the value of the label that the Job controller puts on pods.
    private static final int MAX_NAME = 63;

    private static final Set<String> NO_IMAGE = Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName");

    private final Time time;
    private final Gateway jobs;
    private final boolean otherCluster;
    private final Optional<String> otherNamespace;

    /// @param jobs the cluster in which Jobs run
    /// @param otherCluster whether that is another cluster than the one of the AnalysisRuns
    /// @param otherNamespace the namespace of all Jobs; without one, that of the run
    public JobProvider(Time time, Gateway jobs, boolean otherCluster, Optional<String> otherNamespace) {
        this.time = time;
        this.jobs = jobs;
        this.otherCluster = otherCluster;
        this.otherNamespace = otherNamespace;
    }

    /// Makes the provider; the environment may send all Jobs to another cluster or namespace.
    public record Factory() implements MetricProvider.Factory {
        @Override
        public String name() {
            return "job";
        }

        @Override
        public MetricProvider create(Setting setting) {
            var kubeconfig = setting.variable(KUBECONFIG_VARIABLE);
            return new JobProvider(
                    setting.time(),
                    kubeconfig.map(setting.clusters()).orElseGet(setting::gateway),
                    kubeconfig.isPresent(),
                    setting.variable(NAMESPACE_VARIABLE));
        }
    }

    @Override
    public String name() {
        return "job";
    }

    @Override
    public String type() {
        return "Job";
    }

    @Override
    public Measurement measure(Query query, Secrets secrets, Deadline deadline) {
        if (!(query.spec().at("spec") instanceof Json.Obj)) {
            return failed("spec is missing; expected the spec of a batch/v1 Job", secrets);
        }
        var ref = ref(query);
        return switch (jobs.send(new Request.Create(ref, job(query)))) {
            case Reply.Done(var created) -> running(created, ref);
            case Reply.Refused refused when refused.alreadyExists() -> adopt(query, ref, secrets);
            case Reply.Refused(int code, var reason, var message, var _) ->
                failed(ref + " was refused: " + code + " " + reason + ": " + message, secrets);
            // It may have been made; if so, it is under its name.
            case Reply.Lost _ -> adopt(query, ref, secrets);
        };
    }

    private Measurement adopt(Query query, ObjectRef ref, Secrets secrets) {
        return switch (jobs.send(new Request.Get(ref))) {
            case Reply.Done(var found) -> {
                var owner = found.at("metadata", "labels", UID).string("");
                yield owner.equals(query.run().uid())
                        ? running(found, ref)
                        : failed(
                                ref + " exists already and belongs to somebody else (label " + UID + " is \"" + owner
                                        + "\"); delete or rename it",
                                secrets);
            }
            case Reply.Refused(int code, var reason, var message, var _) ->
                failed(ref + " cannot be read: " + code + " " + reason + ": " + message, secrets);
            case Reply.Lost(var _, var why) -> failed(ref + ": the API server did not answer: " + why, secrets);
        };
    }

    @Override
    public Measurement resume(Query query, Measurement.Running running, Secrets secrets, Deadline deadline) {
        var ref = ref(running);
        if (ref.isEmpty())
            return failed("the measurement has no metadata " + JOB_NAME + " to find its Job by", secrets);
        return switch (jobs.send(new Request.Get(ref.get()))) {
            case Reply.Done(var job) -> look(query, job, ref.get(), secrets);
            case Reply.Refused refused
            when refused.notFound() -> failed(ref.get() + " is gone; somebody deleted it before it ended", secrets);
            case Reply.Refused refused
            when !retriable(refused.code()) ->
                failed(
                        ref.get() + " cannot be read: " + refused.code() + " " + refused.reason() + ": "
                                + refused.message(),
                        secrets);
            case Reply.Refused _, Reply.Lost _ ->
                new Measurement.Running(time.now().plusSeconds(5), running.metadata());
        };
    }

    private static boolean retriable(int code) {
        return code == 429 || code >= 500;
    }

    private Measurement look(Query query, Json.Obj job, ObjectRef ref, Secrets secrets) {
        for (var condition : job.at("status", "conditions").items()) {
            if (!condition.at("status").string("").equals("True")) continue;
            switch (condition.at("type").string("")) {
                case "Complete" -> {
                    return new Measurement.Verdict(Measurement.Outcome.SUCCESSFUL, "", metadata(ref));
                }
                case "Failed" -> {
                    return new Measurement.Verdict(
                            Measurement.Outcome.FAILED, secrets.redacted(reason(ref, condition)), metadata(ref));
                }
                default -> {}
            }
        }
        return imageProblem(query, ref)
                .<Measurement>map(problem -> new Measurement.Verdict(
                        Measurement.Outcome.INCONCLUSIVE, secrets.redacted(problem), metadata(ref)))
                .orElseGet(() -> running(job, ref));
    }

    private static String reason(ObjectRef ref, Json condition) {
        return Stream.of(
                        ref + " failed",
                        condition.at("reason").string(""),
                        condition.at("message").string(""))
                .filter(part -> !part.isEmpty())
                .reduce((all, part) -> all + ": " + part)
                .orElse("");
    }

    /// An image that cannot be had says nothing about the release, good or bad.
    private Optional<String> imageProblem(Query query, ObjectRef ref) {
        var ours = Selection.in(ResourceType.PODS, ref.namespace())
                .labelled(UID + "=" + query.run().uid());
        var pods = jobs.send(new Request.List(ours)).answer().orElse(Json.Obj.EMPTY);
        for (var pod : pods.at("items").items()) {
            if (!ownedBy(pod, ref.name())) continue;
            var status = pod.at("status");
            var containers = Stream.of("initContainerStatuses", "containerStatuses")
                    .flatMap(kind -> status.at(kind).items().stream())
                    .toList();
            for (var container : containers) {
                var waiting = container.at("state", "waiting");
                var why = waiting.at("reason").string("");
                if (NO_IMAGE.contains(why)) {
                    var message = waiting.at("message").string("");
                    return Optional.of("pod " + pod.at("metadata", "name").string("") + ", container "
                            + container.at("name").string("") + ": " + why + (message.isEmpty() ? "" : ": " + message));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean ownedBy(Json pod, String job) {
        return pod.at("metadata", "ownerReferences").items().stream()
                .anyMatch(owner -> owner.at("kind").string("").equals("Job")
                        && owner.at("name").string("").equals(job));
    }

    @Override
    public Measurement terminate(Query query, Measurement.Running running, Secrets secrets, Deadline deadline) {
        var ref = ref(running);
        if (ref.isEmpty())
            return failed("the measurement has no metadata " + JOB_NAME + " to find its Job by", secrets);
        return delete(ref.get())
                .map(problem -> failed(problem, secrets))
                .orElseGet(() -> new Measurement.Verdict(Measurement.Outcome.INCONCLUSIVE, "", running.metadata()));
    }

    /// In the foreground, so that the Job is there until its pods are gone.
    private Optional<String> delete(ObjectRef ref) {
        return switch (jobs.send(new Request.Delete(ref, Optional.empty(), Optional.empty(), "Foreground"))) {
            case Reply.Done _ -> Optional.empty();
            case Reply.Refused refused when refused.notFound() -> Optional.empty();
            case Reply.Refused(int code, var reason, var message, var _) ->
                Optional.of(ref + " cannot be deleted: " + code + " " + reason + ": " + message);
            case Reply.Lost(var _, var why) -> Optional.of(ref + ": the API server did not answer: " + why);
        };
    }

    /// Argo Rollouts counts the Jobs of all metrics of a run together; we keep to those of this metric, so that one
    /// metric does not delete the evidence of another.
    @Override
    public Optional<String> sweep(Query query, int keep, Deadline deadline) {
        var all = Selection.in(ResourceType.JOBS, namespace(query))
                .labelled(UID + "=" + query.run().uid());
        return switch (jobs.send(new Request.List(all))) {
            case Reply.Done(var list) -> sweep(query, keep, list);
            case Reply.Refused(int code, var reason, var message, var _) ->
                Optional.of("the Jobs of run " + query.run().name() + " cannot be listed: " + code + " " + reason + ": "
                        + message);
            case Reply.Lost(var _, var why) ->
                Optional.of("the Jobs of run " + query.run().name() + " cannot be listed: " + why);
        };
    }

    private Optional<String> sweep(Query query, int keep, Json list) {
        var all = list.at("items").items().stream()
                .filter(job ->
                        job.at("metadata", "annotations", METRIC).string("").equals(query.metric()))
                .sorted(Comparator.<Json, Instant>comparing(job -> created(job).orElse(Instant.MIN))
                        .thenComparing(job -> job.at("metadata", "name").string("")))
                .toList();
        var problems = new ArrayList<String>();
        for (var job : all.subList(0, Math.max(0, all.size() - keep))) {
            delete(ObjectRef.of(ResourceType.JOBS, job)).ifPresent(problems::add);
        }
        return problems.stream().findFirst();
    }

    private Measurement running(Json job, ObjectRef ref) {
        var now = time.now();
        var age = created(job).map(at -> Duration.between(at, now)).orElse(Duration.ZERO);
        double seconds = Math.sqrt(2 * Math.max(0, age.toMillis()) / 1_000.0);
        // A Job just made would be looked at again at once.
        var pause = Duration.ofMillis(Math.max(1_000, Math.round(seconds * 1_000)));
        return new Measurement.Running(now.plus(pause), metadata(ref));
    }

    private static Optional<Instant> created(Json object) {
        try {
            return object.at("metadata", "creationTimestamp").asString().map(Instant::parse);
        } catch (DateTimeException malformed) {
            return Optional.empty();
        }
    }

    private static SequencedMap<String, String> metadata(ObjectRef ref) {
        var metadata = new LinkedHashMap<String, String>();
        metadata.put(JOB_NAME, ref.name());
        metadata.put(JOB_NAMESPACE, ref.namespace());
        return metadata;
    }

    private Measurement failed(String message, Secrets secrets) {
        return new Measurement.Failed(secrets.redacted("job: " + message));
    }

    private ObjectRef ref(Query query) {
        return ObjectRef.of(ResourceType.JOBS, namespace(query), jobName(query));
    }

    private static Optional<ObjectRef> ref(Measurement.Running running) {
        var name = Optional.ofNullable(running.metadata().get(JOB_NAME));
        var namespace = Optional.ofNullable(running.metadata().get(JOB_NAMESPACE));
        return name.flatMap(n -> namespace.map(ns -> ObjectRef.of(ResourceType.JOBS, ns, n)));
    }

    private String namespace(Query query) {
        return otherNamespace.orElse(query.run().namespace());
    }

    /// `<uid of the run>.<metric>.<ordinal>`, the metric cut so that the whole fits. A metric's name may hold what the
    /// name of an object may not; such characters become dashes.
    static String jobName(Query query) {
        var end = "." + query.ordinal();
        int room = MAX_NAME - query.run().uid().length() - 1 - end.length();
        var metric = query.metric().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.-]", "-");
        var cut = metric.substring(0, Math.clamp(room, 0, metric.length()));
        var clean = cut.replaceAll("^[.-]+|[.-]+$", "").replaceAll("[.-]*\\.[.-]*", ".");
        return query.run().uid() + (clean.isEmpty() ? "" : "." + clean) + end;
    }

    private Json.Obj job(Query query) {
        var given = query.spec().at("metadata");
        var labels = new LinkedHashMap<String, Object>(given.at("labels").strings());
        labels.put(UID, query.run().uid());
        var annotations =
                new LinkedHashMap<String, Object>(given.at("annotations").strings());
        annotations.put(RUN, query.run().name());
        annotations.put(NAMESPACE, query.run().namespace());
        annotations.put(METRIC, query.metric());
        var metadata = Json.obj(
                "name", jobName(query), "namespace", namespace(query), "labels", labels, "annotations", annotations);
        if (!otherCluster && namespace(query).equals(query.run().namespace())) {
            metadata = metadata.with("ownerReferences", List.of(owner(query.run())));
        }
        var spec = query.spec()
                .at("spec")
                .obj()
                .withAt(
                        List.of("template", "metadata", "labels", UID),
                        query.run().uid());
        return Json.obj("apiVersion", "batch/v1", "kind", "Job", "metadata", metadata, "spec", spec);
    }

    private static Json owner(Run run) {
        return Json.obj(
                "apiVersion", ResourceType.ANALYSIS_RUNS.apiVersion(),
                "kind", ResourceType.ANALYSIS_RUNS.kind(),
                "name", run.name(),
                "uid", run.uid(),
                "controller", true,
                "blockOwnerDeletion", true);
    }
}
