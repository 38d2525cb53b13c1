package dev.sluice.local.api;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.json.JsonSyntaxException;
import dev.sluice.local.api.Served.Trait;
import dev.sluice.local.schema.OpenApi;
import dev.sluice.local.schema.Schemas;
import dev.sluice.spi.Time;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The API server of the embedded cluster: one function from request to response, whoever calls.
///
/// [HttpListener] calls it for the network, [DirectGateway] for the process it runs in. Safe for
/// threads; with one thread and one seed it is deterministic: uids and generated names come from the
/// seed, instants from [Time].
public final class ApiServer {
    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);

    /// Changes that a watch may lag behind before it must list anew.
    public static final int DEFAULT_HISTORY = 10_000;

    /// Second octet of the addresses of Services, unless said otherwise.
    private static final int SERVICES = 96;

    private final Time time;
    private final Store store;
    private final Objects objects;
    private final Content content;
    private final AtomicReference<Kinds> kinds;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile PodLogs logs = _ -> Optional.empty();

    /// What is served and what it looks like; both change together when a definition comes or goes.
    private record Kinds(Registry registry, Schemas schemas) {
        Kinds with(Json.Obj definition, boolean applied) {
            return new Kinds(replaced(definition, Definitions.served(definition, applied)), schemas.with(definition));
        }

        Kinds without(Json.Obj definition) {
            return new Kinds(replaced(definition, List.of()), schemas.without(definition));
        }

        private Registry replaced(Json.Obj definition, List<Served> versions) {
            var spec = definition.at("spec");
            return registry.with(
                    spec.at("group").string(""), spec.at("names", "plural").string(""), versions);
        }
    }

    /// A server with the built-in kinds, and Sluice's own as if their definitions had been applied without a schema.
    ///
    /// @param seed of uids and generated names
    public ApiServer(Time time, long seed) {
        this(time, seed, DEFAULT_HISTORY);
    }

    /// @param history changes kept for watches and paged lists; what is older is answered 410
    public ApiServer(Time time, long seed, int history) {
        this(time, seed, history, SERVICES);
    }

    /// A server whose Services get addresses of 127.`services`.0.0/16.
    public static ApiServer of(Time time, long seed, int services) {
        return new ApiServer(time, seed, DEFAULT_HISTORY, services);
    }

    private ApiServer(Time time, long seed, int history, int services) {
        this.time = time;
        store = new Store(history);
        var known = new Kinds(Registry.of(BuiltIns.all()), Schemas.builtIn());
        for (var definition : BuiltIns.undefined()) known = known.with(definition, false);
        kinds = new AtomicReference<>(known);
        content = new Content(() -> kinds.get().schemas());
        objects =
                new Objects(store, new Placement(store, services), new Names(seed), time, content, new Objects.Kinds() {
                    @Override
                    public void serve(Json.Obj definition) {
                        kinds.updateAndGet(now -> now.with(definition, true));
                    }

                    @Override
                    public void withdraw(Json.Obj definition) {
                        kinds.updateAndGet(now -> now.without(definition));
                        for (var feed : List.copyOf(store.feeds(Metadata.name(definition)))) feed.end(Optional.empty());
                    }
                });
        for (var namespace : List.of("default", "kube-system")) {
            handle(ApiRequest.of(
                    "POST",
                    "/api/v1/namespaces",
                    Json.obj("apiVersion", "v1", "kind", "Namespace", "metadata", Json.obj("name", namespace)),
                    "application/json",
                    "sluice-local"));
        }
    }

    public Time time() {
        return time;
    }

    /// Says where `pods/log` reads from; until then pods have no logs.
    public void logsFrom(PodLogs source) {
        logs = source;
    }

    /// Ends all watches; their readers are told that the server has closed them. Requests are still answered.
    public void endWatches() {
        locked(() -> {
            for (var feed : store.feeds()) feed.end(Optional.empty());
            return store;
        });
    }

    /// Answers one request. Never throws: what goes wrong is a `Status`.
    public ApiResponse handle(ApiRequest request) {
        try {
            return answer(request);
        } catch (Failure failure) {
            return failure.response();
        } catch (JsonSyntaxException noJson) {
            return Failure.badRequest(
                            "the object provided is unrecognized (must be of type JSON): " + noJson.getMessage())
                    .response();
        } catch (RuntimeException bug) {
            LOG.error("request={} {} because=unexpected", request.method(), request.path(), bug);
            return Failure.unexpected(bug).response();
        }
    }

    private ApiResponse answer(ApiRequest request) {
        var known = kinds.get();
        var route = Route.of(request.path());
        var served = route.flatMap(r -> known.registry().find(r.group(), r.version(), r.plural()));
        if (served.isPresent()) {
            var response = resource(served.get(), route.get(), request);
            var deprecation = served.get().custom().flatMap(Served.Custom::deprecation);
            return deprecation.map(response::warning).orElse(response);
        }
        if (request.method().equals("GET")) {
            var other = Discovery.answer(request, known.registry()).or(() -> general(request.path(), known));
            if (other.isPresent()) return other.get();
        }
        if (route.isPresent()
                && known.registry().serves(route.get().group(), route.get().version())) {
            throw Failure.noSuchResource();
        }
        return unknownPath();
    }

    private static ApiResponse unknownPath() {
        return ApiResponse.text(404, "404 page not found\n");
    }

    /// The paths that are not about objects.
    private static Optional<ApiResponse> general(String path, Kinds known) {
        return switch (path) {
            case "/healthz", "/readyz", "/livez" -> Optional.of(ApiResponse.text(200, "ok"));
            case "/version" ->
                Optional.of(ApiResponse.ok(Json.obj(
                        "major",
                        "1",
                        "minor",
                        "34",
                        "gitVersion",
                        "v1.34.0+sluice",
                        "gitCommit",
                        "",
                        "gitTreeState",
                        "clean",
                        "buildDate",
                        "1970-01-01T00:00:00Z",
                        "goVersion",
                        "none",
                        "compiler",
                        "javac",
                        "platform",
                        "java/" + Runtime.version().feature())));
            case "/openapi/v3" -> Optional.of(ApiResponse.plain(OpenApi.index(known.schemas())));
            default -> {
                if (path.equals("/openapi/v3/api/v1")) yield document(known, "", "v1");
                if (!path.startsWith("/openapi/v3/apis/")) yield Optional.empty();
                var parts = path.substring("/openapi/v3/apis/".length()).split("/", -1);
                var found = parts.length == 2 ? document(known, parts[0], parts[1]) : Optional.<ApiResponse>empty();
                yield Optional.of(found.orElseGet(ApiResponse::nothing));
            }
        };
    }

    private static Optional<ApiResponse> document(Kinds known, String group, String version) {
        return OpenApi.document(known.schemas(), group, version).map(ApiResponse::ok);
    }

    // ---------------------------------------------------------------- routes

    private ApiResponse resource(Served served, Route route, ApiRequest request) {
        boolean namespaced = served.type().namespaced();
        if (!namespaced && !route.namespace().isEmpty()) return unknownPath();
        if (served.has(Trait.REVIEW)) {
            if (!request.method().equals("POST") || !route.name().isEmpty()) throw Failure.methodNotAllowed();
            return ApiResponse.of(201, Reviews.answered(served, typed(served, body(request)), request.user()));
        }
        if (namespaced
                && route.namespace().isEmpty()
                && (!route.name().isEmpty() || !request.method().equals("GET"))) {
            throw route.name().isEmpty() ? Failure.methodNotAllowed() : Failure.noSuchResource();
        }
        if (!route.subresource().isEmpty()) return subresource(served, route, request);
        if (route.name().isEmpty()) {
            return switch (request.method()) {
                case "GET" -> request.flag("watch") ? watch(served, route, request) : list(served, route, request);
                case "POST" -> create(served, route, request);
                case "DELETE" -> deleteCollection(served, route, request);
                default -> throw Failure.methodNotAllowed();
            };
        }
        return switch (request.method()) {
            case "GET" -> request.flag("watch") ? watch(served, route, request) : get(served, route, request);
            case "PUT" -> replace(served, route, request);
            case "PATCH" -> patch(served, route, request);
            case "DELETE" -> delete(served, route, request);
            default -> throw Failure.methodNotAllowed();
        };
    }

    private ApiResponse subresource(Served served, Route route, ApiRequest request) {
        var sub = route.subresource();
        if (sub.equals("status") && served.has(Trait.STATUS)) return part(served, route, request);
        if (sub.equals("scale") && served.has(Trait.SCALE)) return scale(served, route, request);
        if (sub.equals("finalize") && served.is(ResourceType.NAMESPACES)) return part(served, route, request);
        if (!served.builtIn()) throw Failure.notFound(served, route.name());
        if (!served.is(ResourceType.PODS)) throw Failure.noSuchResource();
        return switch (sub) {
            case "log" -> log(served, route, request);
            case "eviction" -> evict(served, route, request);
            case "binding" -> bind(served, route, request);
            case "exec", "attach", "portforward" -> throw noWayIn(served, route);
            default -> throw Failure.noSuchResource();
        };
    }

    /// A pod here is a part of this process: nothing can be run in it, and its address needs no forwarding.
    private Failure noWayIn(Served served, Route route) {
        var pod = locked(() -> objects.get(served, route.namespace(), route.name()));
        var address = pod.at("status", "podIP").string("");
        var port = pod.at("spec", "containers").items().stream()
                .flatMap(container -> container.at("ports").items().stream())
                .flatMap(listed -> listed.at("containerPort").asInt().stream())
                .findFirst()
                .orElse(8080);
        var instead = address.isEmpty()
                ? "once the pod runs, ask it at its own address, port " + port
                : "ask the pod at its own address: curl http://" + address + ":" + port;
        var sub = route.subresource().equals("portforward") ? "port-forward" : route.subresource();
        return Failure.notImplemented("the local cluster has no " + sub + "; " + instead);
    }

    private ApiResponse part(Served served, Route route, ApiRequest request) {
        return switch (request.method()) {
            case "GET" -> get(served, route, request);
            case "PUT" -> replace(served, route, request);
            case "PATCH" -> patch(served, route, request);
            default -> throw Failure.methodNotAllowed();
        };
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    // ---------------------------------------------------------------- reading

    private ApiResponse get(Served served, Route route, ApiRequest request) {
        var form = Form.of(request);
        return shown(200, served, locked(() -> objects.get(served, route.namespace(), route.name())), form, List.of());
    }

    /// One object in the form that the client asked for.
    private ApiResponse shown(int code, Served served, Json.Obj object, Form form, List<String> warnings) {
        var json = switch (form) {
            case Form.Plain() -> object;
            case Form.Partial() -> Tables.partial(object);
            case Form.Table(var include) ->
                Tables.table(
                        served,
                        List.of(object),
                        Json.obj("resourceVersion", object.at("metadata", "resourceVersion")),
                        include,
                        time.now(),
                        true);
        };
        return new ApiResponse(code, new ApiResponse.Body.Tree(json, "application/json"), warnings);
    }

    private ApiResponse list(Served served, Route route, ApiRequest request) {
        var form = Form.of(request);
        var part = Objects.part(served, route.namespace(), "", request);
        var page = locked(() -> objects.list(served, part, request));
        return ApiResponse.ok(listOf(served, page, form));
    }

    /// The list document; items of built-in kinds come without kind and version there, as Kubernetes sends them.
    private Json.Obj listOf(Served served, Objects.Page page, Form form) {
        var items = page.items();
        return switch (form) {
            case Form.Table(var include) -> Tables.table(served, items, page.metadata(), include, time.now(), true);
            case Form.Partial() ->
                Json.obj(
                        "kind",
                        "PartialObjectMetadataList",
                        "apiVersion",
                        "meta.k8s.io/v1",
                        "metadata",
                        page.metadata(),
                        "items",
                        new Json.Arr(items.stream().<Json>map(Tables::partial).toList()));
            case Form.Plain() ->
                Json.obj(
                        "kind",
                        served.listKind(),
                        "apiVersion",
                        served.type().apiVersion(),
                        "metadata",
                        // The lists of custom kinds always say it.
                        served.builtIn() || !page.next().isEmpty()
                                ? page.metadata()
                                : page.metadata().with("continue", ""),
                        "items",
                        new Json.Arr(
                                served.builtIn()
                                        ? items.stream().map(ApiServer::untyped).toList()
                                        : List.copyOf(items)));
        };
    }

    private static Json untyped(Json.Obj object) {
        var fields = new LinkedHashMap<>(object.fields());
        fields.remove("kind");
        fields.remove("apiVersion");
        return new Json.Obj(fields);
    }

    private ApiResponse watch(Served served, Route route, ApiRequest request) {
        var form = Form.of(request);
        var part = Objects.part(served, route.namespace(), route.name(), request);
        var feed = locked(() -> objects.watch(served, part, request, ended -> detach(served, ended)));
        var lines = new ApiResponse.Lines() {
            private boolean first = true;

            @Override
            public Json.Obj of(Feed.Event event) {
                var object = event.type() == Feed.Type.ERROR ? event.object() : formed(event);
                return Json.obj("type", event.type().name(), "object", object);
            }

            private Json.Obj formed(Feed.Event event) {
                var object = objects.shown(served, event.object());
                return switch (form) {
                    case Form.Plain() -> object;
                    case Form.Partial() -> Tables.partial(object);
                    case Form.Table(var include) -> {
                        // The columns are told once; a bookmark is a table without rows.
                        boolean columns = first;
                        first = false;
                        var rows = event.type() == Feed.Type.BOOKMARK ? List.<Json.Obj>of() : List.of(object);
                        var metadata = Json.obj("resourceVersion", object.at("metadata", "resourceVersion"));
                        yield Tables.table(served, rows, metadata, include, time.now(), columns);
                    }
                };
            }

            @Override
            public Optional<Json.Obj> bookmark() {
                long sent = feed.revision();
                if (locked(() -> sent > store.revision())) return Optional.empty();
                return Optional.of(of(Objects.bookmark(served, sent, Json.Obj.EMPTY)));
            }
        };
        return new ApiResponse(200, new ApiResponse.Body.Watching(feed, lines, "application/json"), List.of());
    }

    private void detach(Served served, Feed feed) {
        locked(() -> {
            store.detach(served.collection(), feed);
            return feed;
        });
    }

    // ---------------------------------------------------------------- writing

    private ApiResponse create(Served served, Route route, ApiRequest request) {
        var form = Form.of(request);
        var options = WriteOptions.of(request);
        var body = typed(served, body(request, options.repeated()::add));
        requireNamespace(route, body);
        var made = locked(() -> objects.create(served, route.namespace(), body, options));
        return shown(201, served, made, form, options.warnings());
    }

    private static void requireNamespace(Route route, Json.Obj body) {
        var namespace = Metadata.namespace(body);
        if (namespace.isEmpty() || namespace.equals(route.namespace())) return;
        throw Failure.badRequest(
                "the namespace of the provided object does not match the namespace sent on the request");
    }

    private ApiResponse replace(Served served, Route route, ApiRequest request) {
        var form = Form.of(request);
        var options = WriteOptions.of(request);
        var body = typed(served, body(request, options.repeated()::add));
        requireNamespace(route, body);
        requireName(route, Metadata.name(body));
        var written = locked(
                () -> objects.replace(served, route.namespace(), route.name(), route.subresource(), body, options));
        return shown(written.created() ? 201 : 200, served, written.object(), form, options.warnings());
    }

    private static void requireName(Route route, String name) {
        if (name.isEmpty()) {
            throw Failure.badRequest("the name of the object (" + route.name()
                    + " based on URL) was undeterminable: name must be provided");
        }
        if (!name.equals(route.name())) {
            throw Failure.badRequest(
                    "the name of the object (" + name + ") does not match the name on the URL (" + route.name() + ")");
        }
    }

    private ApiResponse patch(Served served, Route route, ApiRequest request) {
        var form = Form.of(request);
        var media = requirePatchType(served, request);
        var options = WriteOptions.of(request);
        if (options.apply()) return apply(served, route, request, options, form);
        var patch = tree(request, options.repeated()::add);
        var changed = locked(() ->
                objects.change(served, route.namespace(), route.name(), route.subresource(), options, object -> {
                    var patched = content.patched(served, media, object, patch);
                    requireType(served, patched);
                    var read = content.read(served, patched, options, Optional.of(object));
                    requireName(route, Metadata.name(read));
                    return read;
                }));
        return shown(200, served, changed, form, options.warnings());
    }

    /// A patch must not make another kind of the object.
    private static void requireType(Served served, Json.Obj patched) {
        try {
            typed(served, patched);
        } catch (Failure other) {
            throw Failure.invalid(
                    "",
                    "",
                    "",
                    List.of(Failure.Cause.invalid(
                            "patch",
                            Content.quotable(patched),
                            other.status().at("message").string(""))));
        }
    }

    private static String requirePatchType(Served served, ApiRequest request) {
        var accepted = served.builtIn()
                ? List.of(Content.JSON_PATCH, Content.MERGE_PATCH, Content.STRATEGIC_PATCH, Content.APPLY_PATCH)
                : List.of(Content.JSON_PATCH, Content.MERGE_PATCH, Content.APPLY_PATCH);
        var media = request.mediaType();
        if (!accepted.contains(media)) {
            throw served.builtIn() ? Failure.unsupportedPatch() : Failure.unsupportedPatch(accepted);
        }
        return media;
    }

    private ApiResponse apply(Served served, Route route, ApiRequest request, WriteOptions options, Form form) {
        if (!(tree(request) instanceof Json.Obj given)) throw Failure.badRequest("error decoding YAML: no object");
        var kind = given.at("kind").string("");
        var version = given.at("apiVersion").string("");
        if (!version.contains("/")) version = version.isEmpty() ? "/" : "/" + version;
        if (!kind.equals(served.type().kind()) || version.equals("/")) {
            throw Failure.badRequest("invalid object type: " + version + ", Kind=" + kind);
        }
        var applied = given;
        requireNamespace(route, applied);
        requireName(route, Metadata.name(applied));
        if (!applied.at("metadata", "managedFields").isNull()) {
            throw Failure.badRequest("metadata.managedFields must be nil");
        }
        var written = locked(
                () -> objects.apply(served, route.namespace(), route.name(), route.subresource(), applied, options));
        return shown(written.created() ? 201 : 200, served, written.object(), form, options.warnings());
    }

    // ---------------------------------------------------------------- deleting

    private ApiResponse delete(Served served, Route route, ApiRequest request) {
        var options = deleteOptions(request);
        var deleted = locked(() -> objects.delete(served, route.namespace(), route.name(), options));
        if (!deleted.gone() || served.has(Trait.RETURNS_DELETED)) return ApiResponse.ok(deleted.object());
        return ApiResponse.ok(success()
                .with(
                        "details",
                        Failure.details(served.type().group(), served.type().plural(), route.name())
                                .with("uid", deleted.object().at("metadata", "uid"))));
    }

    private static Json.Obj success() {
        return Json.obj("kind", "Status", "apiVersion", "v1", "metadata", Json.Obj.EMPTY, "status", "Success");
    }

    private ApiResponse deleteCollection(Served served, Route route, ApiRequest request) {
        if (served.is(ResourceType.NAMESPACES)) throw Failure.methodNotAllowed();
        var form = Form.of(request);
        var options = deleteOptions(request);
        var part = Objects.part(served, route.namespace(), "", request);
        var page = locked(() -> {
            var found = objects.list(served, part, request);
            var deleted = new ArrayList<Json.Obj>();
            for (var object : found.items()) {
                deleted.add(objects.delete(served, Metadata.namespace(object), Metadata.name(object), options)
                        .object());
            }
            return new Objects.Page(deleted, store.revision(), found.next(), found.remaining());
        });
        return ApiResponse.ok(listOf(served, page, form));
    }

    private static Objects.DeleteOptions deleteOptions(ApiRequest request) {
        return deleteOptions(request, hasBody(request) ? tree(request).obj() : Json.Obj.EMPTY);
    }

    private static Objects.DeleteOptions deleteOptions(ApiRequest request, Json.Obj body) {
        var grace = body.at("gracePeriodSeconds").asLong().or(() -> Objects.number(request, "gracePeriodSeconds"));
        var propagation = body.at("propagationPolicy")
                .asString()
                .or(() -> Optional.of(request.query("propagationPolicy")).filter(text -> !text.isEmpty()));
        var causes = new ArrayList<Failure.Cause>();
        if (propagation.isPresent() && !body.at("orphanDependents").isNull()) {
            causes.add(Failure.Cause.invalid(
                    "propagationPolicy",
                    propagation.get(),
                    "orphanDependents and deletionPropagation cannot be both set"));
        }
        propagation
                .filter(policy -> !List.of("Background", "Foreground", "Orphan").contains(policy))
                .ifPresent(policy -> causes.add(new Failure.Cause(
                        "propagationPolicy",
                        "FieldValueNotSupported",
                        "Unsupported value: \"" + policy
                                + "\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"")));
        var dry = new ArrayList<Json>(body.at("dryRun").items());
        if (!request.query("dryRun").isEmpty()) dry.add(Json.of(request.query("dryRun")));
        if (!dry.stream().allMatch(Json.of("All")::equals)) {
            causes.add(new Failure.Cause(
                    "dryRun",
                    "FieldValueNotSupported",
                    "Unsupported value: " + new Json.Arr(dry).text() + ": supported values: \"All\""));
        }
        if (!causes.isEmpty()) throw Failure.invalid("meta.k8s.io", "DeleteOptions", "", causes);
        if (propagation.isEmpty() && body.at("orphanDependents").bool(false)) propagation = Optional.of("Orphan");
        var preconditions = body.at("preconditions");
        boolean dryRun = !dry.isEmpty();
        return new Objects.DeleteOptions(
                preconditions.at("uid").asString(),
                preconditions.at("resourceVersion").asString(),
                grace,
                propagation,
                dryRun);
    }

    // ---------------------------------------------------------------- subresources

    private ApiResponse scale(Served served, Route route, ApiRequest request) {
        var namespace = route.namespace();
        var name = route.name();
        if (request.method().equals("GET")) {
            return ApiResponse.ok(Scales.read(served, locked(() -> objects.get(served, namespace, name))));
        }
        var options = WriteOptions.of(request);
        var changed = switch (request.method()) {
            case "PUT" -> {
                var body = body(request);
                yield locked(() -> objects.change(
                        served, namespace, name, "scale", options, object -> Scales.applied(served, object, body)));
            }
            case "PATCH" -> {
                // A Scale has no lists to merge: a strategic patch of it is a merge patch.
                var media = request.mediaType().equals(Content.JSON_PATCH) ? Content.JSON_PATCH : Content.MERGE_PATCH;
                requirePatchType(served, request);
                var patch = tree(request);
                yield locked(() -> objects.change(
                        served,
                        namespace,
                        name,
                        "scale",
                        options,
                        object -> Scales.applied(
                                served, object, content.patched(served, media, Scales.of(served, object), patch))));
            }
            default -> throw Failure.methodNotAllowed();
        };
        return new ApiResponse(
                200, new ApiResponse.Body.Tree(Scales.of(served, changed), "application/json"), options.warnings());
    }

    private ApiResponse evict(Served served, Route route, ApiRequest request) {
        if (!request.method().equals("POST")) throw Failure.methodNotAllowed();
        var body = body(request);
        if (!Metadata.name(body).equals(route.name())) {
            throw Failure.badRequest("name in URL does not match name in Eviction object");
        }
        var options = deleteOptions(request, body.at("deleteOptions").obj());
        locked(() -> {
            var pod = objects.get(served, route.namespace(), route.name());
            Evictions.check(store, pod);
            return objects.delete(served, route.namespace(), route.name(), options);
        });
        return ApiResponse.of(201, success().with("code", 201));
    }

    /// Puts a pod on a node, which can be done once.
    private ApiResponse bind(Served served, Route route, ApiRequest request) {
        if (!request.method().equals("POST")) throw Failure.methodNotAllowed();
        var node = body(request).at("target", "name").string("");
        if (node.isEmpty()) {
            throw Failure.invalid("", "Binding", route.name(), List.of(Failure.Cause.required("target.name", "")));
        }
        var options = WriteOptions.of(request);
        locked(() -> objects.change(served, route.namespace(), route.name(), "binding", options, pod -> {
            var old = pod.at("spec", "nodeName").string("");
            if (!old.isEmpty()) {
                throw Failure.bound(route.name(), old);
            }
            var conditions = new ArrayList<Json>(pod.at("status", "conditions").items());
            conditions.removeIf(condition -> condition.at("type").string("").equals("PodScheduled"));
            conditions.add(Json.obj(
                    "lastProbeTime",
                    Json.Null.VALUE,
                    "lastTransitionTime",
                    Metadata.stamp(time.now()),
                    "status",
                    "True",
                    "type",
                    "PodScheduled"));
            return pod.withAt(List.of("spec", "nodeName"), node).withAt(List.of("status", "conditions"), conditions);
        }));
        return ApiResponse.of(201, success().with("code", 201));
    }

    private ApiResponse log(Served served, Route route, ApiRequest request) {
        if (!request.method().equals("GET")) throw Failure.methodNotAllowed();
        var pod = locked(() -> objects.get(served, route.namespace(), route.name()));
        var containers = pod.at("spec", "containers").items().stream()
                .map(container -> container.at("name").string(""))
                .toList();
        var container = request.query("container");
        if (container.isEmpty() && containers.size() > 1) {
            throw Failure.badRequest("a container name must be specified for pod " + route.name() + ", choose one of: ["
                    + String.join(" ", containers) + "]");
        }
        if (!container.isEmpty() && !containers.contains(container)) {
            throw Failure.badRequest("container " + container + " is not valid for pod " + route.name());
        }
        var name = container.isEmpty() && !containers.isEmpty() ? containers.getFirst() : container;
        var tail = Objects.number(request, "tailLines");
        var since = Objects.number(request, "sinceSeconds")
                .map(seconds -> time.now().minusSeconds(seconds))
                .or(() -> Metadata.instant(Json.of(request.query("sinceTime"))));
        var source = logs.open(new PodLogs.Query(
                route.namespace(),
                route.name(),
                name,
                request.flag("previous"),
                request.flag("follow"),
                tail.isPresent()
                        ? OptionalInt.of(Math.toIntExact(Math.clamp(tail.get(), 0, Integer.MAX_VALUE)))
                        : OptionalInt.empty(),
                since,
                request.flag("timestamps")));
        if (source.isPresent()) return new ApiResponse(200, new ApiResponse.Body.Log(source.get()), List.of());
        if (request.flag("previous")) {
            throw Failure.badRequest(
                    "previous terminated container \"" + name + "\" in pod \"" + route.name() + "\" not found");
        }
        var waiting = pod.at("status", "containerStatuses").items().stream()
                .filter(status -> status.at("name").string("").equals(name))
                .map(status -> status.at("state", "waiting", "reason").string(""))
                .filter(reason -> !reason.isEmpty())
                .findFirst()
                .orElse("ContainerCreating");
        throw Failure.badRequest(
                "container \"" + name + "\" in pod \"" + route.name() + "\" is waiting to start: " + waiting);
    }

    // ---------------------------------------------------------------- bodies

    private static boolean hasBody(ApiRequest request) {
        return !(request.body() instanceof ApiRequest.Body.Text(var bytes)) || bytes.length > 0;
    }

    private static Json tree(ApiRequest request) {
        return tree(request, _ -> {});
    }

    /// @param repeated hears where a field stands more than once
    private static Json tree(ApiRequest request, Consumer<String> repeated) {
        return switch (request.body()) {
            case ApiRequest.Body.Tree(var json) -> json;
            case ApiRequest.Body.Text(var bytes) ->
                switch (request.mediaType()) {
                    case Content.APPLY_PATCH, "application/yaml" -> YamlBody.parse(bytes);
                    case ProtobufBody.MEDIA_TYPE -> ProtobufBody.parse(bytes);
                    case "application/cbor" ->
                        throw Failure.unsupportedMediaType(List.of("application/json", "application/yaml"));
                    default -> Json.parse(bytes, repeated);
                };
        };
    }

    private static Json.Obj body(ApiRequest request) {
        return body(request, _ -> {});
    }

    private static Json.Obj body(ApiRequest request, Consumer<String> repeated) {
        if (request.body() instanceof ApiRequest.Body.Text
                && !List.of("", "application/json", "application/yaml", ProtobufBody.MEDIA_TYPE)
                        .contains(request.mediaType())) {
            throw Failure.unsupportedMediaType(
                    List.of("application/json", "application/yaml", ProtobufBody.MEDIA_TYPE));
        }
        if (tree(request, repeated) instanceof Json.Obj object) return object;
        throw Failure.badRequest("the object provided is unrecognized (must be of type JSON object)");
    }

    /// The body with its kind and version, which must be those of the path.
    private static Json.Obj typed(Served served, Json.Obj body) {
        var type = served.type();
        var kind = body.at("kind").string("");
        var version = body.at("apiVersion").string("");
        if (!version.isEmpty() && !version.equals(type.apiVersion())) {
            throw Failure.badRequest("the API version in the data (" + version
                    + ") does not match the expected API version (" + type.apiVersion() + ")");
        }
        if (!kind.isEmpty() && !kind.equals(type.kind())) {
            throw Failure.badRequest(kind + " in version \"" + type.version() + "\" cannot be handled as a "
                    + type.kind() + ": the kind in the data does not match the kind of the path");
        }
        if (!kind.isEmpty() && !version.isEmpty()) return body;
        var fields = new LinkedHashMap<String, Json>();
        fields.put("apiVersion", Json.of(type.apiVersion()));
        fields.put("kind", Json.of(type.kind()));
        body.fields().forEach(fields::putIfAbsent);
        return new Json.Obj(fields);
    }

    // ---------------------------------------------------------------- for tests and faults

    /// Forgets all changes up to now, as the compaction of a real cluster does: watches under way go
    /// on, a watch from an older revision is answered 410.
    public void compact() {
        locked(() -> {
            store.compact(store.revision());
            return store;
        });
    }

    /// The revision of the last change.
    public long revision() {
        return locked(store::revision);
    }
}
