package dev.sluice.local.api;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.json.JsonSyntaxException;
import dev.sluice.local.api.Served.Trait;
import dev.sluice.spi.Time;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The API server of the embedded cluster: one function from request to response, whoever calls.
///
/// [HttpListener] calls it for the network, [DirectGateway] for the process it runs in. Safe for threads; with one
/// thread
/// and one seed it is deterministic: uids and generated names come from the seed, instants from [Time].
public final class ApiServer {
    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);

    /// Changes that a watch may lag behind before it must list anew.
    public static final int DEFAULT_HISTORY = 10_000;

    private final Time time;
    private final Store store;
    private final Objects objects;
    private final Content content = new Content();
    private final AtomicReference<Registry> registry;
    private final ReentrantLock lock = new ReentrantLock();

    /// A server with the built-in kinds, and Sluice's own as if their definitions had been applied without a schema.
    ///
    /// @param seed of uids and generated names
    public ApiServer(Time time, long seed) {
        this(time, seed, DEFAULT_HISTORY);
    }

    /// @param history changes kept for watches and paged lists; what is older is answered 410
    public ApiServer(Time time, long seed, int history) {
        this.time = time;
        store = new Store(history);
        var kinds = new ArrayList<>(BuiltIns.all());
        kinds.addAll(BuiltIns.undefined());
        registry = new AtomicReference<>(Registry.of(kinds));
        objects = new Objects(store, new Names(seed), time, content, new Objects.Definitions() {
            @Override
            public void written(Json.Obj definition) {}

            @Override
            public void removed(Json.Obj definition) {}
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
        var route = Route.of(request.path());
        var served = route.flatMap(r -> registry.get().find(r.group(), r.version(), r.plural()));
        if (served.isEmpty()) return ApiResponse.text(404, "404 page not found\n");
        return resource(served.get(), route.get(), request);
    }

    private ApiResponse resource(Served served, Route route, ApiRequest request) {
        boolean namespaced = served.type().namespaced();
        if (!namespaced && !route.namespace().isEmpty()) return ApiResponse.text(404, "404 page not found\n");
        if (namespaced
                && route.namespace().isEmpty()
                && (!route.name().isEmpty() || !request.method().equals("GET"))) {
            return ApiResponse.text(404, "404 page not found\n");
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
            case "GET" ->
                request.flag("watch")
                        ? watch(served, route, request)
                        : ApiResponse.ok(locked(() -> objects.get(served, route.namespace(), route.name())));
            case "PUT" -> replace(served, route, request);
            case "PATCH" -> patch(served, route, request);
            case "DELETE" -> delete(served, route, request);
            default -> throw Failure.methodNotAllowed();
        };
    }

    private ApiResponse subresource(Served served, Route route, ApiRequest request) {
        boolean known = switch (route.subresource()) {
            case "status" -> served.has(Trait.STATUS);
            case "finalize" -> served.is(ResourceType.NAMESPACES);
            default -> false;
        };
        if (!known) return ApiResponse.text(404, "404 page not found\n");
        return switch (request.method()) {
            case "GET" -> ApiResponse.ok(locked(() -> objects.get(served, route.namespace(), route.name())));
            case "PUT" -> replace(served, route, request);
            case "PATCH" -> patch(served, route, request);
            default -> throw Failure.methodNotAllowed();
        };
    }

    <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    // ---------------------------------------------------------------- verbs

    private ApiResponse list(Served served, Route route, ApiRequest request) {
        var part = Objects.part(served, route.namespace(), "", request);
        var page = locked(() -> objects.list(served, part, request));
        return ApiResponse.ok(listOf(served, page));
    }

    /// The list document; items of built-in kinds come without kind and version there, as Kubernetes sends them.
    private static Json.Obj listOf(Served served, Objects.Page page) {
        var items =
                served.builtIn() ? page.items().stream().map(ApiServer::untyped).toList() : page.items();
        return Json.obj(
                "kind",
                served.listKind(),
                "apiVersion",
                served.type().apiVersion(),
                "metadata",
                page.metadata(),
                "items",
                new Json.Arr(List.copyOf(items)));
    }

    private static Json untyped(Json.Obj object) {
        var fields = new LinkedHashMap<>(object.fields());
        fields.remove("kind");
        fields.remove("apiVersion");
        return new Json.Obj(fields);
    }

    private ApiResponse watch(Served served, Route route, ApiRequest request) {
        var part = Objects.part(served, route.namespace(), route.name(), request);
        var feed = open(served, part, request);
        ApiResponse.Lines lines = event -> Json.obj(
                "type",
                event.type().name(),
                "object",
                event.type() == Feed.Type.ERROR ? event.object() : objects.shown(served, event.object()));
        return new ApiResponse(200, new ApiResponse.Body.Watching(feed, lines, "application/json"), List.of());
    }

    private Feed open(Served served, Objects.Part part, ApiRequest request) {
        return locked(() -> objects.watch(served, part, request, feed -> {
            locked(() -> {
                store.detach(served.collection(), feed);
                return feed;
            });
        }));
    }

    private ApiResponse create(Served served, Route route, ApiRequest request) {
        var options = WriteOptions.of(request);
        var body = typed(served, body(request));
        var namespace = Metadata.namespace(body);
        if (!namespace.isEmpty() && !namespace.equals(route.namespace())) throw wrongNamespace();
        var made = locked(() -> objects.create(served, route.namespace(), body, options));
        return new ApiResponse(201, new ApiResponse.Body.Tree(made, "application/json"), options.warnings());
    }

    private static Failure wrongNamespace() {
        return Failure.badRequest(
                "the namespace of the provided object does not match the namespace sent on the request");
    }

    private ApiResponse replace(Served served, Route route, ApiRequest request) {
        var options = WriteOptions.of(request);
        var body = typed(served, body(request));
        var namespace = Metadata.namespace(body);
        if (!namespace.isEmpty() && !namespace.equals(route.namespace())) throw wrongNamespace();
        var written = locked(
                () -> objects.replace(served, route.namespace(), route.name(), route.subresource(), body, options));
        return new ApiResponse(
                written.created() ? 201 : 200,
                new ApiResponse.Body.Tree(written.object(), "application/json"),
                options.warnings());
    }

    private ApiResponse patch(Served served, Route route, ApiRequest request) {
        var options = WriteOptions.of(request);
        var media = mediaType(request);
        var accepted = patchTypes(served);
        if (!accepted.contains(media)) throw Failure.unsupportedMediaType(accepted);
        var patch = tree(request);
        var changed = locked(() -> objects.change(
                served,
                route.namespace(),
                route.name(),
                route.subresource(),
                options,
                object -> content.read(
                        served, typed(served, content.patched(served, media, object, patch)), options, true)));
        return new ApiResponse(200, new ApiResponse.Body.Tree(changed, "application/json"), options.warnings());
    }

    private static List<String> patchTypes(Served served) {
        return served.builtIn()
                ? List.of(
                        "application/json-patch+json",
                        "application/merge-patch+json",
                        "application/strategic-merge-patch+json",
                        "application/apply-patch+yaml")
                : List.of(
                        "application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml");
    }

    private ApiResponse delete(Served served, Route route, ApiRequest request) {
        var options = deleteOptions(request);
        var deleted = locked(() -> objects.delete(served, route.namespace(), route.name(), options));
        if (!deleted.gone() || served.has(Trait.RETURNS_DELETED)) return ApiResponse.ok(deleted.object());
        return ApiResponse.ok(Json.obj(
                "kind",
                "Status",
                "apiVersion",
                "v1",
                "metadata",
                Json.Obj.EMPTY,
                "status",
                "Success",
                "details",
                Failure.details(served.type().group(), served.type().plural(), route.name())
                        .with("uid", deleted.object().at("metadata", "uid"))));
    }

    private ApiResponse deleteCollection(Served served, Route route, ApiRequest request) {
        if (served.is(ResourceType.NAMESPACES) || served.is(ResourceType.SERVICES)) throw Failure.methodNotAllowed();
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
        return ApiResponse.ok(listOf(served, page));
    }

    private static Objects.DeleteOptions deleteOptions(ApiRequest request) {
        var empty = request.body() instanceof ApiRequest.Body.Text(var bytes) && bytes.length == 0;
        var body = empty ? Json.Obj.EMPTY : tree(request).obj();
        var dryRun = body.at("dryRun").items();
        var grace = body.at("gracePeriodSeconds").asLong().or(() -> Objects.number(request, "gracePeriodSeconds"));
        var propagation = body.at("propagationPolicy")
                .asString()
                .or(() -> Optional.of(request.query("propagationPolicy")).filter(text -> !text.isEmpty()));
        if (propagation.isEmpty() && body.at("orphanDependents").bool(false)) propagation = Optional.of("Orphan");
        propagation
                .filter(policy -> !List.of("Background", "Foreground", "Orphan").contains(policy))
                .ifPresent(policy -> {
                    throw Failure.invalid(
                            "meta.k8s.io",
                            "DeleteOptions",
                            "",
                            List.of(new Failure.Cause(
                                    "propagationPolicy",
                                    "FieldValueNotSupported",
                                    "Unsupported value: \"" + policy
                                            + "\": supported values: \"Background\", \"Foreground\", \"Orphan\"")));
                });
        var preconditions = body.at("preconditions");
        return new Objects.DeleteOptions(
                preconditions.at("uid").asString(),
                preconditions.at("resourceVersion").asString(),
                grace,
                propagation,
                !dryRun.isEmpty() || request.query("dryRun").equals("All"));
    }

    // ---------------------------------------------------------------- bodies

    private static String mediaType(ApiRequest request) {
        var type = request.headers().getOrDefault("content-type", "");
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }

    private static Json tree(ApiRequest request) {
        return switch (request.body()) {
            case ApiRequest.Body.Tree(var json) -> json;
            case ApiRequest.Body.Text(var bytes) -> Json.parse(bytes);
        };
    }

    private static Json.Obj body(ApiRequest request) {
        if (tree(request) instanceof Json.Obj object) return object;
        throw Failure.badRequest("the object provided is unrecognized (must be of type JSON object)");
    }

    /// The body with its kind and version, which must be those of the path.
    private static Json.Obj typed(Served served, Json.Obj body) {
        var type = served.type();
        var kind = body.at("kind").string("");
        var version = body.at("apiVersion").string("");
        if (kind.isEmpty() && version.isEmpty()) {
            var fields = new LinkedHashMap<String, Json>();
            fields.put("apiVersion", Json.of(type.apiVersion()));
            fields.put("kind", Json.of(type.kind()));
            fields.putAll(body.fields());
            return new Json.Obj(fields);
        }
        if (!version.isEmpty() && !version.equals(type.apiVersion())) {
            throw Failure.badRequest("the API version in the data (" + version
                    + ") does not match the expected API version (" + type.apiVersion() + ")");
        }
        if (!kind.isEmpty() && !kind.equals(type.kind())) {
            throw Failure.badRequest(kind + " in version \"" + type.version() + "\" cannot be handled as a "
                    + type.kind() + ": the kind in the data does not match the kind of the path");
        }
        return body.with("apiVersion", type.apiVersion()).with("kind", type.kind());
    }

    // ---------------------------------------------------------------- for tests and faults

    /// Forgets all changes up to now, as the compaction of a real cluster does: watches under way go on, a watch from
    /// an
    /// older revision is answered 410.
    public void compact() {
        locked(() -> {
            store.compact(store.revision());
            return store;
        });
    }
}
