package dev.sluice.local.workload;

import dev.sluice.cluster.Reply;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Runs the pods of a Job until enough have succeeded or too many have failed.
///
/// No finished pod is counted twice or lost: each carries a finalizer until it is in the counters. Counting takes three
/// writes, and can be cut off between any two:
///
/// ```
///   1 its uid goes into status.uncountedTerminatedPods
///   2 its finalizer is removed
///   3 the counter goes up and the uid out, in one write
/// ```
final class JobController {
    static final String TRACKING = "batch.kubernetes.io/job-tracking";
    private static final List<String> UID_LABELS = List.of("batch.kubernetes.io/controller-uid", "controller-uid");
    private static final List<String> NAME_LABELS = List.of("batch.kubernetes.io/job-name", "job-name");
    private static final Duration SETTLE = Duration.ofMillis(10);
    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(10);
    private static final Duration LAST_BACKOFF = Duration.ofMinutes(10);
    private static final int BURST = 500;

    private final World world;
    private final Cache jobs;
    private final Cache pods;
    private final Cache.Index podsByController;
    private final Events events;
    private final Worker worker;
    private final Map<Key, Integer> named = new TreeMap<>();

    JobController(World world) {
        this.world = world;
        this.jobs = world.cache(ResourceType.JOBS);
        this.pods = world.cache(ResourceType.PODS);
        this.podsByController = pods.index(pod -> List.of(Meta.controllerUid(pod)));
        this.events = new Events(world, "job-controller");
        this.worker = new Worker("job", world.time(), SETTLE, this::reconcile);
        jobs.listen((before, after) -> {
            worker.add(Key.of(after.or(() -> before).orElseThrow()));
            if (after.isEmpty()) forget(Key.of(before.orElseThrow()));
        });
        pods.listen((before, after) -> {
            var pod = after.or(() -> before).orElseThrow();
            Meta.controller(pod)
                    .filter(owner -> owner.at("kind").string("").equals("Job"))
                    .ifPresent(owner -> worker.add(
                            new Key(Meta.namespace(pod), owner.at("name").string(""))));
        });
    }

    Worker worker() {
        return worker;
    }

    private synchronized void forget(Key key) {
        named.remove(key);
    }

    private synchronized int next(Key key) {
        return named.merge(key, 1, Integer::sum);
    }

    private Outcome reconcile(Key key) {
        if (!jobs.synced() || !pods.synced())
            return new Outcome.Again(world.now().plus(Duration.ofMillis(20)));
        var found = jobs.get(key);
        if (found.isEmpty() || Meta.deleting(found.get())) return letPodsGo(key, found);
        var job = found.get();
        if (job.at("spec", "completionMode").string("NonIndexed").equals("Indexed")) {
            events.warning(
                    ResourceType.JOBS,
                    job,
                    "Unsupported",
                    "spec.completionMode: Indexed is not run by this cluster; use NonIndexed");
            return Outcome.settled();
        }
        var counted = count(job);
        if (counted.failed()) return counted;
        var now = jobs.get(key, Meta.uid(job));
        if (now.isEmpty()) return Outcome.settled();
        return finished(now.get()) ? expire(now.get()) : run(now.get());
    }

    /// Of a Job that is going or gone, nobody counts the pods any more: they need not wait.
    private Outcome letPodsGo(Key key, Optional<Json.Obj> job) {
        Outcome outcome = Outcome.settled();
        for (var pod : pods.in(key.namespace())) {
            boolean mine = Meta.controller(pod)
                    .filter(owner -> owner.at("kind").string("").equals("Job")
                            && owner.at("name").string("").equals(key.name()))
                    .isPresent();
            if (mine && Meta.finalizers(pod).contains(TRACKING) && (job.isEmpty() || Meta.deleting(pod))) {
                outcome = outcome.and(
                        Outcome.of(world.update(ResourceType.PODS, pod, Meta.withoutFinalizer(pod, TRACKING))));
            }
        }
        return outcome;
    }

    static boolean finished(Json job) {
        return Conditions.isTrue(job, "Complete") || Conditions.isTrue(job, "Failed");
    }

    private List<Json.Obj> mine(Json job) {
        return podsByController.get(Meta.uid(job));
    }

    // --- counting ---

    private Outcome count(Json.Obj job) {
        var before = job.at("status");
        var succeeded = uids(before, "succeeded");
        var failed = uids(before, "failed");
        var toFree = new ArrayList<Json.Obj>();
        for (var pod : mine(job)) {
            if (!Meta.finalizers(pod).contains(TRACKING)) continue;
            var uid = Meta.uid(pod);
            if (succeeded.contains(uid) || failed.contains(uid)) {
                toFree.add(pod);
            } else if (Pods.phase(pod).equals("Succeeded")) {
                succeeded.add(uid);
                toFree.add(pod);
            } else if (Meta.deleting(pod) && job.at("spec", "suspend").bool(false)) {
                // Stopped on purpose: no failure.
                if (Pods.finished(pod) || gone(pod)) toFree.add(pod);
            } else if (Pods.phase(pod).equals("Failed") || gone(pod)) {
                failed.add(uid);
                toFree.add(pod);
            }
        }
        if (succeeded.isEmpty() && failed.isEmpty() && toFree.isEmpty()) return Outcome.settled();
        var first = world.updateStatus(ResourceType.JOBS, job, uncounted(before.obj(), succeeded, failed));
        if (first.answer().isEmpty()) return Outcome.of(first);
        for (var pod : toFree) {
            var freed = Outcome.of(world.update(ResourceType.PODS, pod, Meta.withoutFinalizer(pod, TRACKING)));
            if (freed.failed()) return freed;
        }
        var status = first.answer().get().at("status").obj();
        var counted = new LinkedHashMap<>(
                uncounted(status, new TreeSet<>(), new TreeSet<>()).fields());
        ReplicaSetController.count(counted, "succeeded", status.at("succeeded").integer(0) + succeeded.size());
        ReplicaSetController.count(counted, "failed", status.at("failed").integer(0) + failed.size());
        return Outcome.of(world.updateStatus(ResourceType.JOBS, first.answer().get(), new Json.Obj(counted)));
    }

    /// Deleted before it finished: its containers have ended, only the finalizer is left.
    private static boolean gone(Json pod) {
        return Meta.deleting(pod)
                && pod.at("metadata", "deletionGracePeriodSeconds").integer(30) == 0;
    }

    private static SortedSet<String> uids(Json status, String field) {
        var uids = new TreeSet<String>();
        for (var uid : status.at("uncountedTerminatedPods", field).items()) uids.add(uid.string(""));
        return uids;
    }

    private static Json.Obj uncounted(Json.Obj status, SortedSet<String> succeeded, SortedSet<String> failed) {
        var uncounted = Json.Obj.EMPTY;
        if (!succeeded.isEmpty()) uncounted = uncounted.with("succeeded", succeeded);
        if (!failed.isEmpty()) uncounted = uncounted.with("failed", failed);
        // An empty object would not remove what stands there: a merge patch merges.
        return status.with("uncountedTerminatedPods", uncounted);
    }

    // --- running ---

    private Outcome run(Json.Obj job) {
        var now = world.now();
        var spec = job.at("spec");
        boolean suspended = spec.at("suspend").bool(false);
        if (!suspended && job.at("status", "startTime").isNull()) {
            var reply = world.updateStatus(ResourceType.JOBS, job, resumed(job).with("startTime", Meta.stamp(now)));
            if (reply.answer().isEmpty()) return Outcome.of(reply);
            job = reply.answer().get();
        }
        var active = mine(job).stream().filter(Pods::active).toList();
        int succeeded = job.at("status", "succeeded").integer(0);
        int failed = job.at("status", "failed").integer(0);
        var verdict = verdict(job, active, succeeded, failed);
        if (verdict.isPresent()) return finish(job, active, verdict.get());
        if (suspended) return suspend(job, active);
        Outcome outcome = pace(job, active, succeeded, failed);
        var left = mine(job).stream().filter(Pods::active).toList();
        var written = Outcome.of(world.updateStatus(ResourceType.JOBS, job, shown(job, left)));
        return written.and(outcome).and(Outcome.at(deadline(job)));
    }

    private record Verdict(boolean success, String reason, String message) {}

    private Optional<Verdict> verdict(Json job, List<Json.Obj> active, int succeeded, int failed) {
        // What was once said stays: the pods were stopped because of it.
        for (var said : List.of("FailureTarget", "SuccessCriteriaMet")) {
            var condition = Conditions.find(job.at("status", "conditions"), said);
            if (condition.isPresent()) {
                return Optional.of(new Verdict(
                        said.equals("SuccessCriteriaMet"),
                        condition.get().at("reason").string(""),
                        condition.get().at("message").string("")));
            }
        }
        var spec = job.at("spec");
        int limit = spec.at("backoffLimit").integer(6);
        int restarts = spec.at("template", "spec", "restartPolicy").string("").equals("OnFailure")
                ? active.stream().mapToInt(Pods::restarts).sum()
                : 0;
        var completions = spec.at("completions").asInt();
        // Without a number of completions any success will do, once no pod is left.
        boolean enough = completions.map(wanted -> succeeded >= wanted).orElse(succeeded > 0 && active.isEmpty());
        if (enough) {
            return Optional.of(new Verdict(true, "CompletionsReached", "Reached expected number of succeeded pods"));
        }
        if (failed > limit || restarts > 0 && restarts >= limit) {
            return Optional.of(
                    new Verdict(false, "BackoffLimitExceeded", "Job has reached the specified backoff limit"));
        }
        if (deadline(job).filter(at -> !at.isAfter(world.now())).isPresent()) {
            return Optional.of(new Verdict(false, "DeadlineExceeded", "Job was active longer than specified deadline"));
        }
        return Optional.empty();
    }

    private static Optional<Instant> deadline(Json job) {
        if (job.at("spec", "suspend").bool(false)) return Optional.empty();
        return job.at("spec", "activeDeadlineSeconds")
                .asLong()
                .flatMap(seconds ->
                        Meta.instant(job.at("status", "startTime")).map(start -> start.plusSeconds(seconds)));
    }

    /// Makes or removes pods; after failures only when the back-off has passed.
    private Outcome pace(Json.Obj job, List<Json.Obj> active, int succeeded, int failed) {
        int parallelism = job.at("spec", "parallelism").integer(1);
        var completions = job.at("spec", "completions").asInt();
        int wanted = completions
                .map(all -> Math.min(parallelism, all - succeeded))
                // A work queue: after the first success the pods that run may finish, no new ones begin.
                .orElse(succeeded > 0 ? active.size() : parallelism);
        if (active.size() > wanted) {
            return delete(active.stream()
                    .sorted(Pods.LEAST_MISSED)
                    .limit(active.size() - wanted)
                    .toList());
        }
        if (active.size() == wanted) return Outcome.settled();
        var from = backoff(job, failed);
        if (from.filter(at -> at.isAfter(world.now())).isPresent()) return Outcome.at(from);
        return create(job, Math.min(BURST, wanted - active.size()));
    }

    /// 10 s after the first failure, doubled with each, at most ten minutes; none after a success that came later.
    private Optional<Instant> backoff(Json job, int failed) {
        if (failed == 0) return Optional.empty();
        var ended = mine(job).stream().filter(Pods::finished).toList();
        var lastFailure = ended.stream()
                .filter(pod -> Pods.phase(pod).equals("Failed"))
                .map(JobController::endedAt)
                .max(Comparator.naturalOrder());
        if (lastFailure.isEmpty()) return Optional.empty();
        var lastSuccess = ended.stream()
                .filter(pod -> Pods.phase(pod).equals("Succeeded"))
                .map(JobController::endedAt)
                .max(Comparator.naturalOrder());
        var since = lastSuccess.orElse(Instant.MIN);
        long inARow = ended.stream()
                .filter(pod -> Pods.phase(pod).equals("Failed"))
                .filter(pod -> endedAt(pod).isAfter(since))
                .count();
        if (inARow == 0) return Optional.empty();
        var wait = FIRST_BACKOFF.multipliedBy(1L << Math.min(inARow - 1, 10));
        return Optional.of(lastFailure.get().plus(wait.compareTo(LAST_BACKOFF) < 0 ? wait : LAST_BACKOFF));
    }

    private static Instant endedAt(Json pod) {
        return pod.at("status", "containerStatuses").items().stream()
                .flatMap(status -> Meta.instant(status.at("state", "terminated", "finishedAt")).stream())
                .max(Comparator.naturalOrder())
                .orElseGet(() -> Meta.created(pod));
    }

    private Outcome create(Json.Obj job, int count) {
        for (int made = 0; made < count; ) {
            var draw = String.valueOf(next(Key.of(job)));
            var name = world.seed().name(Meta.name(job) + "-", "pod", Meta.namespace(job), Meta.name(job), draw);
            var pod = Pods.of(job.at("spec", "template"), ResourceType.JOBS, job, name);
            var labels = pod.at("metadata", "labels").obj();
            for (var label : UID_LABELS) if (!labels.has(label)) labels = labels.with(label, Meta.uid(job));
            for (var label : NAME_LABELS) if (!labels.has(label)) labels = labels.with(label, Meta.name(job));
            var finalizers = new ArrayList<>(Meta.finalizers(pod));
            finalizers.add(TRACKING);
            pod = pod.withAt(List.of("metadata", "labels"), labels)
                    .withAt(List.of("metadata", "finalizers"), finalizers);
            var reply = world.create(ResourceType.PODS, pod);
            switch (reply) {
                case Reply.Done _ -> {
                    made++;
                    events.normal(ResourceType.JOBS, job, "SuccessfulCreate", "Created pod: " + name);
                }
                case Reply.Refused refused when refused.alreadyExists() -> {}
                case Reply.Refused refused -> {
                    if (refused.message().contains("being terminated")) return Outcome.settled();
                    events.warning(ResourceType.JOBS, job, "FailedCreate", "Error creating: " + refused.message());
                    return Outcome.of(reply);
                }
                case Reply.Lost _ -> {
                    return Outcome.of(reply);
                }
            }
        }
        return Outcome.settled();
    }

    private Outcome delete(List<Json.Obj> some) {
        Outcome outcome = Outcome.settled();
        for (var pod : some) outcome = outcome.and(Outcome.of(world.delete(ResourceType.PODS, pod, "Background")));
        return outcome;
    }

    // --- ends ---

    /// First says what will be, then stops the pods; says that it is so when none is left.
    private Outcome finish(Json.Obj job, List<Json.Obj> active, Verdict verdict) {
        var now = world.now();
        var stopped = delete(active);
        if (stopped.failed()) return stopped;
        var left = mine(job).stream().filter(pod -> !Pods.finished(pod)).toList();
        var status = shown(job, mine(job).stream().filter(Pods::active).toList());
        var conditions =
                with(status.at("conditions"), verdict.success ? "SuccessCriteriaMet" : "FailureTarget", verdict, now);
        boolean over = left.isEmpty();
        if (over) {
            conditions = with(conditions, verdict.success ? "Complete" : "Failed", verdict, now);
            if (verdict.success) status = status.with("completionTime", Meta.stamp(now));
            // Present and zero: that is how a finished Job says that nothing runs any more.
            status = status.without("active").with("ready", 0).with("terminating", 0);
        }
        var reply = world.updateStatus(ResourceType.JOBS, job, status.with("conditions", conditions));
        if (over && reply.answer().isPresent()) {
            if (verdict.success) events.normal(ResourceType.JOBS, job, "Completed", "Job completed");
            else events.warning(ResourceType.JOBS, job, verdict.reason, verdict.message);
            return Outcome.of(reply).and(expire(reply.answer().get()));
        }
        return Outcome.of(reply);
    }

    private static Json with(Json conditions, String type, Verdict verdict, Instant now) {
        if (Conditions.find(conditions, type).isPresent()) return conditions;
        return Conditions.with(
                conditions,
                Conditions.condition(conditions, type, true, verdict.reason, verdict.message, now)
                        .with("lastProbeTime", Meta.stamp(now)));
    }

    private Outcome expire(Json.Obj job) {
        var seconds = job.at("spec", "ttlSecondsAfterFinished").asLong();
        if (seconds.isEmpty()) return Outcome.settled();
        var end = Conditions.find(job.at("status", "conditions"), "Complete")
                .or(() -> Conditions.find(job.at("status", "conditions"), "Failed"))
                .flatMap(condition -> Meta.instant(condition.at("lastTransitionTime")))
                .map(at -> at.plusSeconds(seconds.get()));
        if (end.isEmpty()) return Outcome.settled();
        if (end.get().isAfter(world.now())) return Outcome.at(end);
        return Outcome.of(world.delete(ResourceType.JOBS, job, "Foreground"));
    }

    private Outcome suspend(Json.Obj job, List<Json.Obj> active) {
        var stopped = delete(active);
        if (stopped.failed()) return stopped;
        var now = world.now();
        boolean news = !Conditions.isTrue(job, "Suspended");
        var status =
                shown(job, mine(job).stream().filter(Pods::active).toList()).without("startTime");
        var conditions = Conditions.with(
                status.at("conditions"),
                Conditions.condition(status.at("conditions"), "Suspended", true, "JobSuspended", "Job suspended", now));
        if (news) events.normal(ResourceType.JOBS, job, "Suspended", "Job suspended");
        return Outcome.of(world.updateStatus(ResourceType.JOBS, job, status.with("conditions", conditions)));
    }

    private Json.Obj resumed(Json.Obj job) {
        var status = job.at("status").obj();
        if (!Conditions.isTrue(job, "Suspended")) return status;
        events.normal(ResourceType.JOBS, job, "Resumed", "Job resumed");
        return status.with(
                "conditions",
                Conditions.with(
                        status.at("conditions"),
                        Conditions.condition(
                                status.at("conditions"),
                                "Suspended",
                                false,
                                "JobResumed",
                                "Job resumed",
                                world.now())));
    }

    private Json.Obj shown(Json.Obj job, List<Json.Obj> active) {
        var status = new LinkedHashMap<>(job.at("status").fields());
        ReplicaSetController.count(status, "active", active.size());
        status.put("ready", Json.of(active.stream().filter(Pods::ready).count()));
        status.put(
                "terminating",
                Json.of(mine(job).stream()
                        .filter(pod -> Meta.deleting(pod) && !Pods.finished(pod))
                        .count()));
        return new Json.Obj(status);
    }
}
