package dev.sluice.e2e.rollout;

import dev.sluice.app.controller.Wiring;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.e2e.rights.Guard;
import dev.sluice.e2e.rights.Rights;
import dev.sluice.json.Json;
import dev.sluice.kube.Fence;
import dev.sluice.kube.SystemTime;
import dev.sluice.kube.rollout.Names;
import dev.sluice.traffic.GatewayApiRouter;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// The given/when/then of a rollout on any cluster, with the production controller running.
final class Scene implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final List<String> DEFINITIONS = List.of(
            "rollouts",
            "analysistemplates",
            "clusteranalysistemplates",
            "analysisruns",
            "experiments",
            "deploymentcanaries");

    /// A version whose pods never become ready: no kubelet can pull it, and the embedded one obeys its tag.
    static final String NEVER_READY = "v9-never-ready";

    /// What the controller of every scene may do: the role that it is installed with, for one namespace.
    static final Rights RIGHTS = Rights.in("namespaced/role.yaml");

    /// What the controllers of all scenes have asked for.
    static final Set<String> USED = Guard.book();

    private final Cluster cluster;
    private final Gateway gateway;
    private final String namespace;
    private final SystemTime time = new SystemTime();
    private final AutoCloseable controller;
    /// What the scene is about: a Rollout, or a DeploymentCanary.
    private ObjectRef driven;
    private Optional<Thread> dataPlane = Optional.empty();

    private Scene(Cluster cluster, String namespace, Controller controller) throws IOException {
        this.cluster = cluster;
        this.gateway = cluster.gateway();
        this.namespace = namespace;
        this.driven = ObjectRef.of(ResourceType.ROLLOUTS, namespace, "web");
        this.controller = controller.start(time);
    }

    /// Whoever looks after the namespace.
    @FunctionalInterface
    interface Controller {
        AutoCloseable start(SystemTime time) throws IOException;
    }

    /// Serves the kinds of `deploy/crds` on a cluster that has none yet, and HTTPRoutes where it does not itself.
    static void define(Cluster cluster) throws IOException {
        for (var name : DEFINITIONS) {
            define(
                    cluster.gateway(),
                    Files.readString(Path.of(System.getProperty("sluice.root"), "deploy/crds", name + ".yaml")));
        }
        switch (cluster) {
            case Cluster.Embedded _ -> {}
            case Cluster.Real _ -> define(cluster.gateway(), resource("httproutes.yaml"));
        }
    }

    private static void define(Gateway gateway, String yaml) {
        var definition = Json.of(new Load(LoadSettings.builder().build()).loadFromString(yaml))
                .obj();
        var ref = ObjectRef.of(ResourceType.CRDS, definition);
        must(gateway.send(new Request.Create(ref, definition)));
        until(
                ref + " is established",
                () -> gateway.send(new Request.Get(ref))
                        .answer()
                        .filter(crd -> condition(crd, "Established"))
                        .isPresent());
    }

    static String resource(String name) throws IOException {
        try (var in = Scene.class.getResourceAsStream(name)) {
            if (in == null) throw new IllegalStateException(name + " is not among the test's resources");
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static boolean condition(Json object, String type) {
        return object.at("status", "conditions").items().stream()
                .anyMatch(c -> c.at("type").string("").equals(type)
                        && c.at("status").string("").equals("True"));
    }

    /// A namespace of its own with a controller that looks after it.
    static Scene on(Cluster cluster, String namespace) {
        try {
            return on(cluster, namespace, production(new Guard(cluster.gateway(), RIGHTS, USED), namespace));
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// The production controller, of one namespace.
    static Controller production(Gateway gateway, String namespace) {
        var settings = Wiring.Settings.standard().in(namespace).withSeed(7);
        return time -> Wiring.start(gateway, time, settings, Fence.open(time));
    }

    /// The same with another controller.
    static Scene on(Cluster cluster, String namespace, Controller controller) throws IOException {
        must(cluster.gateway()
                .send(new Request.Create(
                        ObjectRef.of(ResourceType.NAMESPACES, "", namespace),
                        Json.obj("apiVersion", "v1", "kind", "Namespace", "metadata", Json.obj("name", namespace)))));
        return new Scene(cluster, namespace, controller);
    }

    private void create(ObjectRef ref, String field, Json.Obj value) {
        must(gateway.send(new Request.Create(
                ref,
                Json.obj(
                        "apiVersion",
                        ref.type().apiVersion(),
                        "kind",
                        ref.type().kind(),
                        "metadata",
                        Json.obj("name", ref.name(), "namespace", namespace),
                        field,
                        value))));
    }

    // ── given ────────────────────────────────────────────────────────────────────────────────────────────────────

    Scene service(String name) {
        create(
                ref(ResourceType.SERVICES, name),
                "spec",
                Json.obj(
                        "selector", Json.obj("app", "web"),
                        "ports", List.of(Json.obj("port", 80, "targetPort", 8080))));
        return this;
    }

    Scene rollout(int replicas, Json.Obj strategy) {
        return rolloutOf(Json.obj("replicas", replicas, "strategy", strategy));
    }

    /// @param spec as it is, but for a selector and a template where it has none
    Scene rolloutOf(Json.Obj spec) {
        return rollout("web", "web", spec);
    }

    /// Another Rollout, with pods of its own.
    Scene other(String name, Json.Obj strategy) {
        return rollout(name, name, Json.obj("replicas", 1, "strategy", strategy));
    }

    private Scene rollout(String name, String app, Json.Obj spec) {
        var whole = spec;
        if (spec.at("template").isNull()) {
            var labels = Json.obj("app", app);
            whole = spec.with("selector", Json.obj("matchLabels", labels))
                    .with("template", template("v1").withAt(List.of("metadata", "labels"), labels));
        }
        create(ref(ResourceType.ROLLOUTS, name), "spec", whole);
        return this;
    }

    /// A Rollout whose template comes from a Deployment.
    ///
    /// @param scaleDown what becomes of the Deployment's pods
    Scene rolloutOf(String deployment, String scaleDown, int replicas, List<Json.Obj> steps) {
        var ref = Json.obj("apiVersion", "apps/v1", "kind", "Deployment", "name", deployment, "scaleDown", scaleDown);
        create(
                ref(ResourceType.ROLLOUTS, "web"),
                "spec",
                Json.obj(
                        "replicas",
                        replicas,
                        "workloadRef",
                        ref,
                        "strategy",
                        Json.obj("canary", Json.obj("steps", steps))));
        return this;
    }

    /// A PodTemplate, and a Rollout that takes its template from there.
    Scene rolloutOfPodTemplate(String name, int replicas) {
        podTemplate(name, "v1");
        var ref = Json.obj("apiVersion", "v1", "kind", "PodTemplate", "name", name);
        create(
                ref(ResourceType.ROLLOUTS, "web"),
                "spec",
                Json.obj(
                        "replicas",
                        replicas,
                        "selector",
                        Json.obj("matchLabels", Json.obj("app", "web")),
                        "workloadRef",
                        ref,
                        "strategy",
                        Json.obj("canary", Json.Obj.EMPTY)));
        return this;
    }

    private void podTemplate(String name, String version) {
        create(ref(ResourceType.POD_TEMPLATES, name), "template", template(version));
    }

    /// Both Services of a canary, and the route that splits between them; all of it goes to the stable one.
    Scene route() {
        service("stable").service("canary");
        var backends = List.of(
                Json.obj("name", "stable", "port", 80, "weight", 100),
                Json.obj("name", "canary", "port", 80, "weight", 0));
        create(
                ref(ResourceType.HTTP_ROUTES, "web"),
                "spec",
                Json.obj(
                        "parentRefs",
                        List.of(Json.obj("name", "entry")),
                        "rules",
                        List.of(Json.obj("backendRefs", backends))));
        return this;
    }

    /// A canary by weights on [#route].
    static Json.Obj routed(List<Json.Obj> steps) {
        return Json.obj(
                "canary",
                Json.obj(
                        "stableService",
                        "stable",
                        "canaryService",
                        "canary",
                        "trafficRouting",
                        Json.obj("plugins", Json.obj(GatewayApiRouter.NAME, Json.obj("httpRoute", "web"))),
                        "steps",
                        steps));
    }

    /// An AnalysisTemplate `check` with one metric.
    Scene template(Json.Obj metric) {
        create(ref(ResourceType.ANALYSIS_TEMPLATES, "check"), "spec", Json.obj("metrics", List.of(metric)));
        return this;
    }

    /// A metric that is good when a Job ends well, whose one container runs this.
    static Json.Obj job(String script) {
        var container = Json.obj("name", "check", "image", "demo/check:v1", "command", List.of("sh", "-c", script));
        var pod = Json.obj("restartPolicy", "Never", "containers", List.of(container));
        var spec = Json.obj("backoffLimit", 0, "template", Json.obj("spec", pod));
        return Json.obj("name", "check", "provider", Json.obj("job", Json.obj("spec", spec)));
    }

    /// A step that runs the template.
    static Json.Obj analysis() {
        return Json.obj("analysis", Json.obj("templates", List.of(Json.obj("templateName", "check"))));
    }

    /// A Deployment of the user's own.
    Scene deployment(String name, String version, int replicas) {
        var labels = Json.obj("app", "web", "track", name);
        create(
                ref(ResourceType.DEPLOYMENTS, name),
                "spec",
                Json.obj(
                        "replicas",
                        replicas,
                        "selector",
                        Json.obj("matchLabels", labels),
                        "template",
                        template(version).withAt(List.of("metadata", "labels"), labels)));
        return this;
    }

    /// The canary of two Deployments; from here on the scene is about it.
    Scene pair(String stable, String canary, int replicas, List<Json.Obj> steps) {
        driven = ref(ResourceType.DEPLOYMENT_CANARIES, "web");
        create(
                driven,
                "spec",
                Json.obj(
                        "stable",
                        stable,
                        "canary",
                        canary,
                        "replicas",
                        replicas,
                        "maxSurge",
                        1,
                        "maxUnavailable",
                        0,
                        "steps",
                        steps));
        return this;
    }

    private static Json.Obj template(String version) {
        return Json.obj(
                "metadata", Json.obj("labels", Json.obj("app", "web")),
                "spec",
                        Json.obj(
                                "containers",
                                List.of(Json.obj(
                                        "name",
                                        "web",
                                        "image",
                                        imageOf(version),
                                        "ports",
                                        List.of(Json.obj("containerPort", 8080))))));
    }

    private static String imageOf(String version) {
        return (version.equals(NEVER_READY) ? "nowhere.invalid/web:" : "demo/web:") + version;
    }

    // ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────

    Scene image(String version) {
        return patch(ref(ResourceType.ROLLOUTS, "web"), Json.obj("spec", Json.obj("template", template(version))));
    }

    Scene spec(Json.Obj change) {
        return patch(driven, Json.obj("spec", change));
    }

    /// A change that asks for nothing.
    Scene label(String name, String value) {
        return patch(driven, Json.obj("metadata", Json.obj("labels", Json.obj(name, value))));
    }

    /// As `kubectl scale` and autoscalers do.
    Scene scaleTo(int replicas) {
        return patch(driven.sub("scale"), Json.obj("spec", Json.obj("replicas", replicas)));
    }

    /// What the API server says of a change that it does not accept.
    String refused(Json.Obj change) {
        return gateway.send(new Request.Patch(driven, PatchType.MERGE, Json.obj("spec", change)))
                        instanceof Reply.Refused refused
                ? refused.message()
                : "accepted";
    }

    Scene status(Json.Obj change) {
        return patch(driven.sub("status"), Json.obj("status", change));
    }

    /// A Deployment gets another image.
    Scene image(String deployment, String version) {
        var containers = template(version).at("spec", "containers");
        return deployment(deployment, Json.obj("template", Json.obj("spec", Json.obj("containers", containers))));
    }

    /// Somebody changes a Deployment of the pair.
    Scene deployment(String name, Json.Obj change) {
        return patch(ref(ResourceType.DEPLOYMENTS, name), Json.obj("spec", change));
    }

    Scene withoutDeployment(String name) {
        must(gateway.send(new Request.Delete(
                ref(ResourceType.DEPLOYMENTS, name), Optional.empty(), Optional.empty(), "Background")));
        return this;
    }

    Scene withoutReplicaSet(String version) {
        var name = replicaSet(version).orElseThrow().at("metadata", "name").string("");
        must(gateway.send(new Request.Delete(
                ref(ResourceType.REPLICA_SETS, name), Optional.empty(), Optional.empty(), "Background")));
        return this;
    }

    private Scene patch(ObjectRef ref, Json.Obj body) {
        must(gateway.send(new Request.Patch(ref, PatchType.MERGE, body)));
        return this;
    }

    /// The data plane takes the route up as it is, as soon as it has these weights.
    Scene served(int stable, int canary) {
        weighs(stable, canary);
        must(take(read(ref(ResourceType.HTTP_ROUTES, "web"))));
        return this;
    }

    /// From here on it does so by itself, whatever the weights are.
    Scene withDataPlane() {
        dataPlane = Optional.of(Thread.ofVirtual().start(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                var route = read(ref(ResourceType.HTTP_ROUTES, "web"));
                var generation = route.at("metadata", "generation");
                var taken = route.at("status", "parents")
                        .at(0)
                        .at("conditions")
                        .at(0)
                        .at("observedGeneration");
                if (!generation.equals(taken)) take(route);
                LockSupport.parkNanos(50_000_000);
            }
        }));
        return this;
    }

    private Reply take(Json route) {
        var accepted = Json.obj(
                "type",
                "Accepted",
                "status",
                "True",
                "reason",
                "Accepted",
                "message",
                "",
                "lastTransitionTime",
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                "observedGeneration",
                route.at("metadata", "generation"));
        var parent = Json.obj(
                "controllerName",
                "test.sluice.dev/data-plane",
                "parentRef",
                Json.obj("name", "entry"),
                "conditions",
                List.of(accepted));
        var status = Json.obj("status", Json.obj("parents", List.of(parent)));
        return gateway.send(
                new Request.Patch(ref(ResourceType.HTTP_ROUTES, "web").sub("status"), PatchType.MERGE, status));
    }

    // ── then ─────────────────────────────────────────────────────────────────────────────────────────────────────

    Scene reaches(String phase, String message) {
        until("phase %s '%s'".formatted(phase, message), () -> {
            var rollout = read(driven);
            var status = rollout.at("status");
            return status.at("phase").string("").equals(phase)
                    && status.at("message").string("").startsWith(message)
                    && status.at("observedGeneration")
                            .string("")
                            .equals(rollout.at("metadata", "generation").toString());
        });
        return this;
    }

    /// The status is of the workload as it is now.
    Scene hasSeen(String deployment) {
        until("the status is of the newest generation of " + deployment, () -> {
            var generation = read(ref(ResourceType.DEPLOYMENTS, deployment)).at("metadata", "generation");
            var rollout = read(driven);
            return rollout.at("status", "workloadObservedGeneration").string("").equals(generation.text())
                    && rollout.at("metadata", "annotations", Names.WORKLOAD_GENERATION)
                            .string("")
                            .equals(generation.text());
        });
        return this;
    }

    /// What serves `app=web`, whoever has it.
    long serving() {
        return items(ResourceType.PODS).stream()
                .filter(pod -> pod.at("metadata", "deletionTimestamp").isNull() && condition(pod, "Ready"))
                .count();
    }

    /// Whether a Deployment is scaled to nothing.
    boolean hasNone(String deployment) {
        return read(ref(ResourceType.DEPLOYMENTS, deployment))
                        .at("spec", "replicas")
                        .integer(-1)
                == 0;
    }

    Json spec() {
        return read(driven).at("spec");
    }

    Scene pods(String version, int count) {
        until(
                "%d pods of %s".formatted(count, version),
                () -> replicaSet(version)
                        .filter(rs -> rs.at("spec", "replicas").integer(-1) == count
                                && rs.at("status", "availableReplicas").integer(0) == count)
                        .isPresent());
        return this;
    }

    /// Every pod of a version has a label with this value, or none where it is empty, and there are such pods.
    Scene labelled(String version, String label, String value) {
        until("pods of %s have the label %s=%s".formatted(version, label, value), () -> {
            var hash = replicaSet(version)
                    .map(rs -> rs.at("metadata", "labels", Names.HASH).string(""))
                    .orElse("none");
            var values = items(ResourceType.PODS).stream()
                    .filter(pod -> pod.at("metadata", "deletionTimestamp").isNull())
                    .filter(pod ->
                            pod.at("metadata", "labels", Names.HASH).string("").equals(hash))
                    .map(pod -> pod.at("metadata", "labels", label).string(""))
                    .distinct()
                    .toList();
            return values.equals(List.of(value));
        });
        return this;
    }

    /// New pods of a version keep off other nodes with this weight, or with none.
    Scene apart(String version, int weight) {
        until(
                "pods of %s keep apart with weight %d".formatted(version, weight),
                () -> replicaSet(version)
                        .map(rs -> rs
                                .at("spec", "template", "spec", "affinity", "podAntiAffinity")
                                .at("preferredDuringSchedulingIgnoredDuringExecution")
                                .items()
                                .stream()
                                .mapToInt(term -> term.at("weight").integer(0))
                                .sum())
                        .equals(Optional.of(weight)));
        return this;
    }

    /// A Deployment has so many pods, all of them available.
    Scene has(String deployment, int count) {
        until("%s has %d pods".formatted(deployment, count), () -> {
            var there = read(ref(ResourceType.DEPLOYMENTS, deployment));
            return there.at("spec", "replicas").integer(-1) == count
                    && there.at("status", "availableReplicas").integer(0) == count
                    && there.at("status", "replicas").integer(0) == count;
        });
        return this;
    }

    /// The route asks for these weights.
    Scene weighs(int stable, int canary) {
        until(
                "the route weighs %d to %d".formatted(stable, canary),
                () -> weights().equals(Map.of("stable", stable, "canary", canary)));
        return this;
    }

    /// What the route asks for, by Service.
    Map<String, Integer> weights() {
        return read(ref(ResourceType.HTTP_ROUTES, "web")).at("spec", "rules").at(0).at("backendRefs").items().stream()
                .collect(Collectors.toMap(
                        backend -> backend.at("name").string(""),
                        backend -> backend.at("weight").integer(-1)));
    }

    /// The only AnalysisRun has ended so.
    Scene analysed(String phase) {
        until(
                "the AnalysisRun ends " + phase,
                () -> items(ResourceType.ANALYSIS_RUNS).stream()
                        .map(run -> run.at("status", "phase").string(""))
                        .toList()
                        .equals(List.of(phase)));
        return this;
    }

    /// The only AnalysisRun.
    Json analysisRun() {
        return items(ResourceType.ANALYSIS_RUNS).getFirst();
    }

    Scene selects(String service, String version) {
        until("service %s selects %s".formatted(service, version), () -> {
            var hash = read(ref(ResourceType.SERVICES, service))
                    .at("spec", "selector", Names.HASH)
                    .string("");
            return replicaSet(version)
                    .filter(rs ->
                            rs.at("metadata", "labels", Names.HASH).string("").equals(hash))
                    .isPresent();
        });
        return this;
    }

    /// It is at this step of its canary.
    Scene at(int step) {
        until("at step " + step, () -> status().at("currentStepIndex").integer(-1) == step);
        return this;
    }

    /// The ReplicaSet of a version is gone.
    Scene without(String version) {
        until("no ReplicaSet of " + version, () -> replicaSet(version).isEmpty());
        return this;
    }

    /// The ReplicaSet of a version says until when it is kept.
    Scene deadlined(String version) {
        until(
                "a deadline on " + version,
                () -> !set(version)
                        .at("metadata", "annotations", Names.SCALE_DOWN_DEADLINE)
                        .isNull());
        return this;
    }

    Json set(String version) {
        return replicaSet(version).orElseThrow();
    }

    /// The Service reaches the pods of all versions, and is nobody's.
    Scene selectsAll(String service) {
        until("service " + service + " is let go", () -> {
            var there = serviceNamed(service);
            return there.at("spec", "selector", Names.HASH).isNull()
                    && there.at("metadata", "annotations", Names.MANAGED_BY).isNull();
        });
        return this;
    }

    Json serviceNamed(String name) {
        return read(ref(ResourceType.SERVICES, name));
    }

    List<String> replicaSetNames() {
        return items(ResourceType.REPLICA_SETS).stream()
                .map(set -> set.at("metadata", "name").string(""))
                .sorted()
                .toList();
    }

    /// `Type=Status Reason` of each condition.
    List<String> conditions() {
        return status().at("conditions").items().stream()
                .map(c -> c.at("type").string("") + "=" + c.at("status").string("") + " "
                        + c.at("reason").string(""))
                .toList();
    }

    Scene otherReaches(String name, String phase) {
        until(name + " reaches " + phase, () -> said(name, "phase").equals(phase));
        return this;
    }

    Scene otherSays(String name, String message) {
        until(name + " says " + message, () -> said(name, "message").startsWith(message));
        return this;
    }

    private String said(String rollout, String field) {
        return read(ref(ResourceType.ROLLOUTS, rollout)).at("status", field).string("");
    }

    boolean serves(ResourceType type) {
        var selection = type.namespaced() ? Selection.in(type, namespace) : Selection.all(type);
        return gateway.send(new Request.List(selection)) instanceof Reply.Done;
    }

    /// The columns that `kubectl get` shows.
    List<String> columns() throws IOException {
        var way = cluster.way();
        var path = "/apis/argoproj.io/v1alpha1/namespaces/" + namespace + "/rollouts";
        var request = HttpRequest.newBuilder(way.target().resolve(path))
                .timeout(Duration.ofSeconds(10))
                .header("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
                .build();
        try {
            var answer = way.client().send(request, HttpResponse.BodyHandlers.ofString());
            return Json.parse(answer.body()).at("columnDefinitions").items().stream()
                    .map(column -> column.at("name").string(""))
                    .toList();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException(stopped);
        }
    }

    Json rollout() {
        return read(driven);
    }

    Json status() {
        return read(driven).at("status");
    }

    /// These reasons, one after the other; what is told besides, such as a further pod, may stand between them.
    Scene tellsInOrder(List<String> wanted) {
        var last = new AtomicReference<List<String>>(List.of());
        try {
            until("events in order", () -> {
                last.set(told());
                var left = wanted.iterator();
                var next = left.next();
                for (var reason : last.get()) {
                    if (!reason.equals(next)) continue;
                    if (!left.hasNext()) return true;
                    next = left.next();
                }
                return false;
            });
        } catch (AssertionError late) {
            throw new AssertionError(late.getMessage() + "\nwanted " + wanted + "\ntold   " + last.get());
        }
        return this;
    }

    /// An event of the Rollout says so.
    Scene tells(String words) {
        until(
                "an event says '%s'".formatted(words),
                () -> items(ResourceType.EVENTS).stream()
                        .anyMatch(event -> event.at("message").string("").contains(words)));
        return this;
    }

    /// The pods that are there and not on their way out.
    Set<String> podNames() {
        return items(ResourceType.PODS).stream()
                .filter(pod -> pod.at("metadata", "deletionTimestamp").isNull())
                .map(pod -> pod.at("metadata", "name").string(""))
                .collect(Collectors.toSet());
    }

    private List<Json> items(ResourceType type) {
        return gateway.send(new Request.List(Selection.in(type, namespace)))
                .answer()
                .orElse(Json.Obj.EMPTY)
                .at("items")
                .items();
    }

    /// Reasons of the Rollout's events, oldest first; those told more than once stand once.
    List<String> reasons(Predicate<List<String>> complete) {
        var last = new AtomicReference<List<String>>(List.of());
        until("events complete", () -> {
            last.set(told());
            return complete.test(last.get());
        });
        return last.get();
    }

    private List<String> told() {
        return items(ResourceType.EVENTS).stream()
                .filter(e -> e.at("involvedObject", "kind")
                        .string("")
                        .equals(driven.type().kind()))
                // A name ends in the nanosecond of the first time, in hexadecimal digits.
                .sorted(Comparator.comparing((Json e) -> {
                    var name = e.at("metadata", "name").string("");
                    return name.substring(name.lastIndexOf('.'));
                }))
                .map(e -> e.at("reason").string(""))
                .toList();
    }

    /// What it has come to, whatever the way and however long it took: all that lasts, without names of objects that
    /// carry a time, and without times.
    Json.Obj outcome() {
        var status = status();
        var conditions = status.at("conditions").items().stream()
                .map(c -> Json.obj("type", c.at("type"), "status", c.at("status"), "reason", c.at("reason")))
                .sorted(Comparator.comparing(Json::toString))
                .toList();
        var kept = status.obj().with("conditions", Json.of(conditions));
        for (var field : List.of("abortedAt", "restartedAt", "duration")) kept = kept.withoutAt(List.of(field));
        var sets = items(ResourceType.REPLICA_SETS).stream()
                .map(rs -> Json.obj(
                        "name", rs.at("metadata", "name"),
                        "revision", rs.at("metadata", "annotations", Names.REVISION),
                        "replicas", rs.at("spec", "replicas")))
                .toList();
        var services = items(ResourceType.SERVICES).stream()
                .map(s -> Json.obj("name", s.at("metadata", "name"), "selector", s.at("spec", "selector")))
                .toList();
        return Json.obj(
                "status", kept,
                "replicaSets", sets,
                "services", services,
                "runs", items(ResourceType.ANALYSIS_RUNS).size());
    }

    /// Nothing is left to do: the counts of the status are those of a Rollout that is whole.
    Scene rests() {
        until("at rest", () -> conditions().contains("Healthy=True RolloutHealthy"));
        return this;
    }

    /// It comes to what another scene has come to.
    Scene comesTo(Json.Obj outcome) {
        try {
            until("the same outcome", () -> outcome().equals(outcome));
        } catch (AssertionError late) {
            throw new AssertionError(late.getMessage() + "\nwanted " + outcome + "\nis     " + outcome());
        }
        return this;
    }

    Gateway gateway() {
        return gateway;
    }

    private Optional<Json> replicaSet(String version) {
        return gateway
                .send(new Request.List(Selection.in(ResourceType.REPLICA_SETS, namespace)))
                .answer()
                .orElse(Json.Obj.EMPTY)
                .at("items")
                .items()
                .stream()
                // A Deployment that the template comes from has one of the same image, and so may another Rollout.
                .filter(rs -> rs.at("metadata", "ownerReferences").items().stream()
                        .anyMatch(owner -> owner.at("kind").string("").equals("Rollout")
                                && owner.at("name").string("").equals("web")))
                .filter(rs -> rs.at("spec", "template", "spec", "containers")
                        .at(0)
                        .at("image")
                        .string("")
                        .equals(imageOf(version)))
                .findFirst();
    }

    private Json read(ObjectRef ref) {
        return gateway.send(new Request.Get(ref)).answer().orElse(Json.Obj.EMPTY);
    }

    private ObjectRef ref(ResourceType type, String name) {
        return ObjectRef.of(type, namespace, name);
    }

    private static void must(Reply reply) {
        if (!(reply instanceof Reply.Done)) throw new AssertionError(reply.toString());
    }

    interface Check {
        boolean holds();
    }

    /// Waits for it.
    static void until(String what, Check check) {
        var end = Instant.now().plus(PATIENCE);
        while (!check.holds()) {
            if (Instant.now().isAfter(end)) throw new AssertionError("not within " + PATIENCE + ": " + what);
            LockSupport.parkNanos(50_000_000);
        }
    }

    @Override
    public void close() {
        dataPlane.ifPresent(Thread::interrupt);
        try {
            controller.close();
        } catch (Exception failed) {
            throw new IllegalStateException("the controller does not end", failed);
        }
        time.close();
    }
}
