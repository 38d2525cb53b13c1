package dev.sluice.rollout;

import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.format.IntOrPercent;
import dev.sluice.json.Json;
import dev.sluice.rollout.Observation.AnalysisRunSeen;
import dev.sluice.rollout.Observation.ServiceSeen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// The smallest world in which decisions are carried out: it does what it is told, a tick later the pods are there.
///
/// For the specs of the engine. Lag, faults and lost writes belong to the simulator, which drives the control loop.
final class World {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    Instant now = START;
    Strategy strategy;
    Optional<Integer> replicas = Optional.of(10);
    String hash = "v1";
    long generation = 1;
    int revision;
    boolean paused;
    /// Whether the data plane takes its time to serve what it was told.
    boolean routerLags;
    Optional<Instant> restartAt = Optional.empty();
    Duration progressDeadline = Duration.ofMinutes(10);
    boolean progressDeadlineAbort;
    RolloutStatus status = RolloutStatus.NONE;
    List<Problem> problems = List.of();
    /// Whether the problems are of what the spec names only.
    boolean legible = true;
    final Map<String, ReplicaSet> replicaSets = new LinkedHashMap<>();
    final LinkedHashMap<String, ServiceSeen> services = new LinkedHashMap<>();
    Optional<Observation.Routes> routes = Optional.empty();
    final List<AnalysisRunSeen> runs = new ArrayList<>();
    final List<String> broken = new ArrayList<>();
    /// Pods by the revision that they are of.
    private final Map<String, List<Pod>> pods = new LinkedHashMap<>();
    private int podsMade;
    /// How long a pod takes from its creation until it is available.
    Duration startUp = Duration.ZERO;
    /// Looked at after every single write, before the cluster has made anything of it.
    Runnable afterEachWrite = () -> {};
    /// Whether a PodDisruptionBudget allows no eviction.
    boolean evictionsRefused;
    /// Whether no pod may be changed.
    boolean podsRefused;
    /// How often somebody wanted to know about the metadata of pods.
    int listed;
    /// What the API server says of each new ReplicaSet, where it accepts none.
    Optional<String> refused = Optional.empty();
    int rollbackWindow;
    int historyLimit = 10;
    int minReadySeconds;
    /// The Deployment that the template comes from, and how it is to give way.
    Optional<Observation.WorkloadSeen> workload = Optional.empty();

    Optional<WorkloadRef> workloadRef = Optional.empty();
    /// The annotation of the Rollout.
    String workloadGeneration = "";
    /// Whether nobody may scale the workload.
    boolean workloadRefuses;
    /// Of the Rollout, those that its ReplicaSets get.
    final LinkedHashMap<String, String> annotations = new LinkedHashMap<>();
    /// The same by the revision that has them.
    private final Map<String, Map<String, String>> synced = new LinkedHashMap<>();
    final List<String> events = new ArrayList<>();
    final List<String> log = new ArrayList<>();

    World(Strategy strategy) {
        this.strategy = strategy;
        switch (strategy) {
            case Strategy.Canary canary -> {
                canary.canaryService().ifPresent(this::service);
                canary.stableService().ifPresent(this::service);
                if (canary.routed()) routes = Optional.of(new Observation.Routes(0, 100, Optional.of(true)));
            }
            case Strategy.BlueGreen blueGreen -> {
                service(blueGreen.activeService());
                blueGreen.previewService().ifPresent(this::service);
            }
        }
    }

    /// As the observer tells of a Service that is not there.
    World without(String field, String name) {
        services.remove(name);
        problems = List.of(new Problem(
                "spec.strategy.canary." + field,
                "\"" + name + "\"",
                "service \"" + name + "\" not found",
                "create it or name another"));
        return this;
    }

    /// Applied again: nobody's yet, and of no revision.
    World withAgain(String name) {
        service(name);
        problems = List.of();
        return this;
    }

    /// @param metadata what was added to the template by the time it was made, or given to it later
    private record Pod(String name, Instant created, PodMetadata metadata) {}

    private void service(String name) {
        services.put(name, new ServiceSeen(name, "1", Optional.empty(), Optional.empty()));
    }

    static Strategy.Canary canary(Step... steps) {
        return new Strategy.Canary(
                Optional.empty(),
                Optional.empty(),
                List.of(steps),
                "steps" + List.of(steps).hashCode(),
                Optional.empty(),
                new IntOrPercent.Percent(25),
                new IntOrPercent.Percent(25),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                0,
                Optional.empty(),
                Additions.NONE);
    }

    /// The same with additions to its pods.
    static Strategy.Canary adding(Strategy.Canary canary, Additions additions) {
        return new CanaryEdit(canary).adding(additions).edited();
    }

    static Strategy.Canary routed(Step... steps) {
        return new CanaryEdit(canary(steps)).routed().edited();
    }

    /// The same with pods allowed above and below.
    static Strategy.Canary limited(Strategy.Canary canary, int surge, int unavailable) {
        return new CanaryEdit(canary).limits(surge, unavailable).edited();
    }

    /// The same, judged from its first step on.
    static Strategy.Canary judged(Strategy.Canary canary, AnalysisSpec analysis) {
        return new CanaryEdit(canary).analysis(analysis).edited();
    }

    /// The same with a stable side that has the pods of its weight only.
    static Strategy.Canary following(Strategy.Canary canary, Optional<Duration> abortDelay, int atLeast) {
        return new CanaryEdit(canary).following(abortDelay, atLeast).edited();
    }

    /// The same, which goes on with fewer pods than it is to have.
    static Strategy.Canary enough(Strategy.Canary canary, Strategy.Enough threshold) {
        return new CanaryEdit(canary).enough(threshold).edited();
    }

    /// A canary being put together.
    private static final class CanaryEdit {
        private final Strategy.Canary from;
        private boolean routed;
        private IntOrPercent surge;
        private IntOrPercent unavailable;
        private Optional<Strategy.BackgroundAnalysis> analysis;
        private Optional<Duration> abortDelay;
        private boolean following;
        private int atLeast;
        private Additions additions;
        private Optional<Strategy.Enough> enough;

        CanaryEdit(Strategy.Canary from) {
            this.from = from;
            surge = from.maxSurge();
            unavailable = from.maxUnavailable();
            analysis = from.analysis();
            abortDelay = from.abortScaleDownDelay();
            following = from.dynamicStableScale();
            atLeast = from.minPodsPerReplicaSet();
            additions = from.additions();
            enough = from.enough();
        }

        CanaryEdit enough(Strategy.Enough threshold) {
            enough = Optional.of(threshold);
            return this;
        }

        CanaryEdit routed() {
            routed = true;
            return this;
        }

        CanaryEdit limits(int most, int least) {
            surge = new IntOrPercent.Count(most);
            unavailable = new IntOrPercent.Count(least);
            return this;
        }

        CanaryEdit adding(Additions added) {
            additions = added;
            return this;
        }

        CanaryEdit analysis(AnalysisSpec background) {
            analysis = Optional.of(new Strategy.BackgroundAnalysis(background, 0));
            return this;
        }

        CanaryEdit following(Optional<Duration> delay, int least) {
            following = true;
            abortDelay = delay;
            atLeast = least;
            return this;
        }

        Strategy.Canary edited() {
            return new Strategy.Canary(
                    routed ? Optional.of("web-canary") : from.canaryService(),
                    routed ? Optional.of("web-stable") : from.stableService(),
                    from.steps(),
                    from.stepsHash(),
                    routed ? Optional.of(new Strategy.TrafficRouting(100, List.of())) : from.trafficRouting(),
                    surge,
                    unavailable,
                    analysis,
                    from.scaleDownDelay(),
                    from.scaleDownDelayRevisionLimit(),
                    abortDelay,
                    following,
                    atLeast,
                    enough,
                    additions);
        }
    }

    static AnalysisSpec analysis(String template) {
        return new AnalysisSpec(List.of(new AnalysisSpec.TemplateRef(template, false)), Json.Obj.EMPTY);
    }

    static Strategy.BlueGreen blueGreen(boolean auto) {
        return blueGreen(auto, Optional.empty(), Optional.empty());
    }

    /// @param preview the Service that shows the new side
    /// @param previewPods as many of it until it is proven
    static Strategy.BlueGreen blueGreen(boolean auto, Optional<String> preview, Optional<Integer> previewPods) {
        return new Strategy.BlueGreen(
                "web",
                preview,
                previewPods,
                auto,
                Optional.empty(),
                new IntOrPercent.Percent(25),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Additions.NONE);
    }

    /// The same, judged before everybody is sent to the new side, and after.
    static Strategy.BlueGreen judged(
            Strategy.BlueGreen blueGreen, Optional<AnalysisSpec> before, Optional<AnalysisSpec> after) {
        return new Strategy.BlueGreen(
                blueGreen.activeService(),
                blueGreen.previewService(),
                blueGreen.previewReplicaCount(),
                blueGreen.autoPromotionEnabled(),
                blueGreen.autoPromotionAfter(),
                blueGreen.maxUnavailable(),
                blueGreen.scaleDownDelay(),
                blueGreen.scaleDownDelayRevisionLimit(),
                blueGreen.abortScaleDownDelay(),
                before,
                after,
                blueGreen.additions());
    }

    static Step weight(int weight) {
        return new Step.SetWeight(weight);
    }

    static Step pause() {
        return new Step.Pause(Optional.empty());
    }

    static Step pause(int seconds) {
        return new Step.Pause(Optional.of(Duration.ofSeconds(seconds)));
    }

    Observation observe() {
        return observe(podsSeen(), stray());
    }

    /// @param listed what is seen of the pods
    Observation listing(List<Observation.PodSeen> listed) {
        return observe(listed, stray());
    }

    /// While pods cannot be listed.
    Observation unlisted() {
        return observe(podsSeen(), Optional.empty());
    }

    private Observation observe(List<Observation.PodSeen> listed, Optional<List<Observation.StrayPod>> stray) {
        var spec = new RolloutSpec(
                replicas,
                Json.obj("matchLabels", Json.obj("app", "web")),
                Json.Obj.EMPTY,
                minReadySeconds,
                strategy,
                historyLimit,
                paused,
                progressDeadline,
                progressDeadlineAbort,
                restartAt,
                rollbackWindow,
                workloadRef);
        var rollout = new Rollout(
                Rollout.Kind.ROLLOUT,
                "shop",
                "web",
                "uid",
                "1",
                generation,
                START,
                false,
                revision,
                workloadGeneration,
                spec,
                status);
        return new Observation(
                now,
                rollout,
                problems,
                legible,
                hash,
                List.copyOf(replicaSets.values()),
                named(),
                routes,
                runs,
                listed,
                services.values().stream()
                        .filter(service ->
                                service.managedBy().filter("web"::equals).isPresent())
                        .filter(service -> !named().containsKey(service.name()))
                        .toList(),
                unsynced(),
                stray,
                Optional.empty(),
                workload);
    }

    /// Takes the template from a Deployment that has so many pods of its own.
    World referring(WorkloadRef.ScaleDown mode, int pods) {
        workloadRef = Optional.of(new WorkloadRef("Deployment", "old", mode));
        workload = Optional.of(
                new Observation.WorkloadSeen("Deployment", "old", "old-uid", "1", 1, Optional.of(pods), false, true));
        return this;
    }

    /// Somebody scales the workload, which is a generation of its own, like any other change of it.
    World scaledWorkload(int pods) {
        workload = workload.map(w -> new Observation.WorkloadSeen(
                w.kind(), w.name(), w.uid(), "2", w.generation() + 1, Optional.of(pods), w.deleting(), w.watched()));
        return this;
    }

    int workloadPods() {
        return workload.orElseThrow().replicas().orElseThrow();
    }

    private LinkedHashMap<String, String> unsynced() {
        var unsynced = new LinkedHashMap<>(annotations);
        unsynced.entrySet().removeAll(synced.getOrDefault(hash, Map.of()).entrySet());
        return unsynced;
    }

    /// The Services that the strategy names.
    private LinkedHashMap<String, ServiceSeen> named() {
        var names = switch (strategy) {
            case Strategy.Canary canary ->
                Stream.concat(canary.canaryService().stream(), canary.stableService().stream());
            case Strategy.BlueGreen blueGreen ->
                Stream.concat(Stream.of(blueGreen.activeService()), blueGreen.previewService().stream());
        };
        var named = new LinkedHashMap<String, ServiceSeen>();
        names.filter(services::containsKey).forEach(name -> named.put(name, services.get(name)));
        return named;
    }

    /// An edit of the strategy, and what it leads to.
    World edit(Strategy edited) {
        strategy = edited;
        generation++;
        return settle();
    }

    /// As the observer does: pods are looked at while a restart is asked for.
    private List<Observation.PodSeen> podsSeen() {
        if (restartAt.isEmpty() || restartAt.equals(status.restartedAt())) return List.of();
        var seen = new ArrayList<Observation.PodSeen>();
        pods.forEach((version, all) -> all.forEach(pod -> seen.add(new Observation.PodSeen(
                pod.name(),
                pod.name(),
                replicaSets.get(version).name(),
                pod.created(),
                false,
                available(version, pod)))));
        return seen;
    }

    private boolean available(String version, Pod pod) {
        return !broken.contains(version) && !now.isBefore(pod.created().plus(startUp));
    }

    /// When the pods of a revision were created, oldest first.
    List<Instant> created(String version) {
        return pods.getOrDefault(version, List.of()).stream()
                .map(Pod::created)
                .sorted()
                .toList();
    }

    /// As the observer does: pods are looked at while some may lack what the template has.
    private Optional<List<Observation.StrayPod>> stray() {
        var asked = replicaSets.values().stream()
                .filter(rs -> !rs.added().onPods() && !rs.podless())
                .toList();
        if (asked.isEmpty()) return Optional.empty();
        listed++;
        var stray = new ArrayList<Observation.StrayPod>();
        for (var rs : asked) {
            for (var pod : pods.getOrDefault(rs.hash(), List.of())) {
                if (pod.metadata().equals(rs.added().metadata())) continue;
                var labels = new TreeMap<String, Optional<String>>();
                rs.added().metadata().labels().forEach((name, value) -> labels.put(name, Optional.of(value)));
                pod.metadata().labels().keySet().forEach(name -> labels.putIfAbsent(name, Optional.empty()));
                stray.add(new Observation.StrayPod(pod.name(), pod.name(), "1", rs.name(), labels, new TreeMap<>()));
            }
        }
        return Optional.of(stray);
    }

    private PodMetadata template(String replicaSet) {
        return replicaSets.values().stream()
                .filter(rs -> rs.name().equals(replicaSet))
                .findFirst()
                .orElseThrow()
                .added()
                .metadata();
    }

    private void added(ReplicaSet target, PodMetadata metadata, boolean onPods) {
        replicaSets.computeIfPresent(
                target.hash(),
                (_, rs) -> with(
                        rs,
                        rs.minReadySeconds(),
                        new Additions.Of(metadata, rs.added().apart(), onPods)));
    }

    /// The labels that the pods of a revision have beside those of their template, without repetition.
    List<Map<String, String>> labels(String version) {
        return pods.getOrDefault(version, List.of()).stream()
                .map(pod -> Map.copyOf(pod.metadata().labels()))
                .distinct()
                .toList();
    }

    /// One pass and what the cluster makes of it.
    Decision tick() {
        var observed = observe();
        var decision = RolloutEngine.decide(observed);
        for (var move : decision.moves()) {
            if (move.action() instanceof Action.CreateReplicaSet && refused.isPresent()) {
                decision = RolloutEngine.refused(observed, refused.get());
                break;
            }
            apply(move.action());
            afterEachWrite.run();
            log.add(move.action().getClass().getSimpleName() + " ("
                    + move.because().code() + ")");
            move.events().forEach(event -> events.add(event.reason()));
        }
        status = decision.status();
        decision.statusEvents().forEach(event -> events.add(event.reason()));
        now = now.plusSeconds(1);
        podsCome();
        return decision;
    }

    /// Ticks until two passes in a row change nothing.
    World settle() {
        for (int ticks = 0, quiet = 0; quiet < 2; ticks++) {
            if (ticks == 500) throw new AssertionError("does not settle; status " + status + "\nlog " + log);
            var before = status;
            var sets = Map.copyOf(replicaSets);
            var decision = tick();
            quiet = decision.empty(before) && sets.equals(replicaSets) ? quiet + 1 : 0;
        }
        return this;
    }

    World pass(Duration time) {
        now = now.plus(time);
        return this;
    }

    World deploy(String version) {
        hash = version;
        generation++;
        return settle();
    }

    /// A user's patch of the status.
    World command(UnaryOperator<StatusEdit> patch) {
        status = patch.apply(new StatusEdit(status)).draft.freeze();
        return this;
    }

    /// What the kubectl plugin writes.
    static final class StatusEdit {
        private final StatusDraft draft;

        StatusEdit(RolloutStatus status) {
            draft = new StatusDraft(status);
        }

        StatusEdit abort(boolean abort) {
            draft.abort = abort;
            return this;
        }

        StatusEdit promoteFull() {
            draft.promoteFull = true;
            return this;
        }

        StatusEdit resume() {
            draft.pauses.clear();
            return this;
        }

        StatusEdit index(int index) {
            draft.currentStepIndex = Optional.of(index);
            return this;
        }
    }

    /// As if all ReplicaSets had been made within one second.
    void createdAtOnce() {
        replicaSets.replaceAll((_, rs) -> with(rs, START, false, rs.revision(), rs.formerRevisions()));
    }

    /// ReplicaSets make the pods they lack and delete those they have too many of: unavailable ones first, then the
    /// youngest.
    void podsCome() {
        pods.keySet().retainAll(replicaSets.keySet());
        replicaSets.replaceAll((version, rs) -> {
            var mine = pods.computeIfAbsent(version, _ -> new ArrayList<>());
            while (mine.size() < rs.replicas()) {
                mine.add(new Pod(rs.name() + "-" + ++podsMade, now, rs.added().metadata()));
            }
            mine.sort(Comparator.<Pod, Boolean>comparing(pod -> !available(version, pod))
                    .thenComparing(Pod::created));
            while (mine.size() > rs.replicas()) mine.removeLast();
            return counted(version, rs);
        });
        routes = routes.map(r -> new Observation.Routes(r.canary(), r.stable(), Optional.of(!routerLags)));
    }

    private ReplicaSet counted(String version, ReplicaSet rs) {
        var mine = pods.getOrDefault(version, List.of());
        int available =
                (int) mine.stream().filter(pod -> available(version, pod)).count();
        return with(rs, rs.replicas(), rs.desiredAtScale(), rs.scaleDownDeadline(), mine.size(), available);
    }

    /// A ReplicaSet as a status that lags behind tells of it.
    World seen(String version, int replicas, int available) {
        replicaSets.computeIfPresent(
                version,
                (_, rs) -> with(
                        rs,
                        replicas,
                        rs.desiredAtScale(),
                        rs.scaleDownDeadline(),
                        Math.max(replicas, available),
                        available));
        return this;
    }

    /// As long as the ReplicaSet's controller has not come to its newest spec.
    World unobserved(String version) {
        replicaSets.computeIfPresent(version, (_, rs) -> rs.withPods(rs.pods(), false));
        return this;
    }

    /// In the foreground: it is there until its pods are gone, and whatever holds its finalizers.
    World deleting(String version) {
        replicaSets.computeIfPresent(
                version, (_, rs) -> with(rs, rs.created(), true, rs.revision(), rs.formerRevisions()));
        return this;
    }

    private void evict(Observation.PodSeen evicted) {
        if (evictionsRefused) return;
        pods.values().forEach(all -> all.removeIf(pod -> pod.name().equals(evicted.name())));
        replicaSets.replaceAll(this::counted);
    }

    private static ReplicaSet with(
            ReplicaSet rs,
            int replicas,
            Optional<Integer> desired,
            Optional<Instant> deadline,
            int current,
            int available) {
        return new ReplicaSet(
                rs.name(),
                rs.uid(),
                rs.resourceVersion(),
                rs.hash(),
                rs.created(),
                rs.deleting(),
                rs.revision(),
                rs.formerRevisions(),
                desired,
                rs.minReadySeconds(),
                replicas,
                ReplicaSet.Pods.of(current, available, available),
                true,
                deadline,
                rs.added());
    }

    private static ReplicaSet with(
            ReplicaSet rs, Instant created, boolean deleting, int revision, List<Integer> formerRevisions) {
        return new ReplicaSet(
                rs.name(),
                rs.uid(),
                rs.resourceVersion(),
                rs.hash(),
                created,
                deleting,
                revision,
                formerRevisions,
                rs.desiredAtScale(),
                rs.minReadySeconds(),
                rs.replicas(),
                rs.pods(),
                true,
                rs.scaleDownDeadline(),
                rs.added());
    }

    private static ReplicaSet with(ReplicaSet rs, int minReadySeconds, Additions.Of added) {
        return new ReplicaSet(
                rs.name(),
                rs.uid(),
                rs.resourceVersion(),
                rs.hash(),
                rs.created(),
                rs.deleting(),
                rs.revision(),
                rs.formerRevisions(),
                rs.desiredAtScale(),
                minReadySeconds,
                rs.replicas(),
                rs.pods(),
                rs.observed(),
                rs.scaleDownDeadline(),
                added);
    }

    private void apply(Action action) {
        switch (action) {
            case Action.SetReplicas(var count) -> replicas = Optional.of(count);
            case Action.SetRevision(var number) -> revision = number;
            case Action.SetWorkloadGeneration(var seen) -> workloadGeneration = Long.toString(seen);
            case Action.ScaleWorkload(var _, var count) -> {
                if (!workloadRefuses) scaledWorkload(count);
            }
            case Action.CreateReplicaSet(var name, var newHash, var number, var metadata, var apart) -> {
                synced.put(newHash, Map.copyOf(annotations));
                replicaSets.put(
                        newHash,
                        new ReplicaSet(
                                name,
                                name,
                                "1",
                                newHash,
                                now,
                                false,
                                number,
                                List.of(),
                                replicas.or(() -> Optional.of(1)),
                                minReadySeconds,
                                0,
                                ReplicaSet.Pods.of(0, 0, 0),
                                true,
                                Optional.empty(),
                                new Additions.Of(metadata, apart, true)));
            }
            case Action.SyncReplicaSet(var target, var seconds, var changed, var apart) -> {
                var all = new LinkedHashMap<>(synced.getOrDefault(target.hash(), Map.of()));
                all.putAll(changed);
                synced.put(target.hash(), all);
                replicaSets.computeIfPresent(
                        target.hash(),
                        (_, rs) -> with(
                                rs,
                                seconds,
                                new Additions.Of(
                                        rs.added().metadata(), apart, rs.added().onPods())));
            }
            case Action.SetMetadata(var target, var metadata) -> added(target, metadata, target.podless());
            case Action.ConfirmMetadata(var target) ->
                added(target, target.added().metadata(), true);
            case Action.UpdatePod(var stray) -> {
                if (!podsRefused) {
                    pods.values()
                            .forEach(all -> all.replaceAll(pod -> pod.name().equals(stray.name())
                                    ? new Pod(pod.name(), pod.created(), template(stray.replicaSet()))
                                    : pod));
                }
            }
            case Action.Scale scale ->
                replicaSets.computeIfPresent(
                        scale.target().hash(),
                        (_, rs) -> with(
                                rs,
                                scale.replicas(),
                                Optional.of(scale.desired()),
                                scale.deadline(),
                                rs.current(),
                                rs.available()));
            case Action.NumberReplicaSet(var target, var number) ->
                replicaSets.computeIfPresent(
                        target.hash(), (_, rs) -> with(rs, rs.created(), false, number, target.revisionsBeforeNext()));
            case Action.DeleteReplicaSet(var target) -> replicaSets.remove(target.hash());
            case Action.SwitchService(var service, var newHash) ->
                services.put(
                        service.name(), new ServiceSeen(service.name(), "2", Optional.of(newHash), Optional.of("web")));
            case Action.ReleaseService(var service) -> service(service.name());
            case Action.SetTraffic(var canary, var stable) ->
                routes = Optional.of(new Observation.Routes(canary, stable, Optional.of(false)));
            case Action.StartAnalysis start ->
                runs.add(new AnalysisRunSeen(
                        start.name(),
                        "1",
                        start.kind(),
                        start.hash(),
                        start.stepIndex(),
                        AnalysisPhase.RUNNING,
                        "",
                        false,
                        now));
            case Action.TerminateAnalysis(var run) -> verdict(run.name(), AnalysisPhase.SUCCESSFUL, "Run Terminated");
            case Action.DeleteAnalysis(var run) -> runs.removeIf(r -> r.name().equals(run.name()));
            case Action.EvictPod(var pod) -> evict(pod);
        }
    }

    void verdict(String name, AnalysisPhase phase, String message) {
        runs.replaceAll(run -> run.name().equals(name)
                ? new AnalysisRunSeen(
                        run.name(),
                        "2",
                        run.kind(),
                        run.hash(),
                        run.stepIndex(),
                        phase,
                        message,
                        run.terminating(),
                        run.created())
                : run);
    }

    int pods(String version) {
        return Optional.ofNullable(replicaSets.get(version))
                .map(ReplicaSet::replicas)
                .orElse(0);
    }

    int available(String version) {
        return Optional.ofNullable(replicaSets.get(version))
                .map(ReplicaSet::available)
                .orElse(0);
    }

    String serves(String service) {
        return Optional.ofNullable(services.get(service))
                .flatMap(ServiceSeen::hash)
                .orElse("");
    }
}
