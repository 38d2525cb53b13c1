package dev.sluice.local.api;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;

/// A request is refused; carries the `Status` document that says so.
///
/// The texts are those of Kubernetes, word for word: clients match on them.
///
/// @see "Kubernetes API: meta/v1 Status; apimachinery, api/errors"
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Json.Obj status;

    /// One entry of `details.causes`.
    record Cause(String field, String reason, String message) {
        /// The sentence as it stands in the message of the whole.
        String sentence() {
            return field.isEmpty() ? message : field + ": " + message;
        }

        static Cause required(String field, String detail) {
            return new Cause(field, "FieldValueRequired", "Required value" + (detail.isEmpty() ? "" : ": " + detail));
        }

        static Cause invalid(String field, Object value, String detail) {
            var shown = value instanceof String text ? "\"" + text + "\"" : String.valueOf(value);
            return new Cause(field, "FieldValueInvalid", "Invalid value: " + shown + ": " + detail);
        }

        static Cause forbidden(String field, String detail) {
            return new Cause(field, "FieldValueForbidden", "Forbidden: " + detail);
        }
    }

    private Failure(Json.Obj status) {
        super(status.at("message").string(""), null, false, false);
        this.status = status;
    }

    Json.Obj status() {
        return status;
    }

    int code() {
        return status.at("code").integer(500);
    }

    ApiResponse response() {
        return ApiResponse.of(code(), status);
    }

    private static Failure of(int code, String reason, String message, Json.Obj details) {
        var status = Json.obj(
                "kind",
                "Status",
                "apiVersion",
                "v1",
                "metadata",
                Json.Obj.EMPTY,
                "status",
                "Failure",
                "message",
                message);
        if (!reason.isEmpty()) status = status.with("reason", reason);
        if (!details.equals(NO_DETAILS)) status = status.with("details", details);
        return new Failure(status.with("code", code));
    }

    private static final Json.Obj NO_DETAILS = Json.obj("none", true);

    static Json.Obj details(String group, String kind, String name) {
        var details = Json.Obj.EMPTY;
        if (!name.isEmpty()) details = details.with("name", name);
        if (!group.isEmpty()) details = details.with("group", group);
        return kind.isEmpty() ? details : details.with("kind", kind);
    }

    private static Json.Obj details(Served served, String name) {
        return details(served.type().group(), served.type().plural(), name);
    }

    static Failure notFound(Served served, String name) {
        return of(404, "NotFound", served.resource() + " \"" + name + "\" not found", details(served, name));
    }

    static Failure namespaceNotFound(String namespace) {
        return of(404, "NotFound", "namespaces \"" + namespace + "\" not found", details("", "namespaces", namespace));
    }

    static Failure noSuchResource() {
        return of(404, "NotFound", "the server could not find the requested resource", Json.Obj.EMPTY);
    }

    static Failure alreadyExists(Served served, String name) {
        return of(409, "AlreadyExists", served.resource() + " \"" + name + "\" already exists", details(served, name));
    }

    static Failure conflict(Served served, String name, String why) {
        return of(
                409,
                "Conflict",
                "Operation cannot be fulfilled on " + served.resource() + " \"" + name + "\": " + why,
                details(served, name));
    }

    /// A pod has a node already; Kubernetes names the subresource here.
    static Failure bound(String pod, String node) {
        return of(
                409,
                "Conflict",
                "Operation cannot be fulfilled on pods/binding \"" + pod + "\": pod " + pod
                        + " is already assigned to node \"" + node + "\"",
                details("", "pods/binding", pod));
    }

    static Failure stale(Served served, String name) {
        return conflict(
                served,
                name,
                "the object has been modified; please apply your changes to the latest version and try again");
    }

    /// A precondition of a delete; Kubernetes puts the kind where the resource should stand.
    static Failure precondition(Served served, String name, String why) {
        var kind = served.qualifiedKind();
        return of(
                409,
                "Conflict",
                "Operation cannot be fulfilled on " + kind + " \"" + name + "\": " + why,
                details(served.type().group(), served.type().kind(), name));
    }

    static Failure badRequest(String message) {
        return of(400, "BadRequest", message, NO_DETAILS);
    }

    static Failure forbidden(Served served, String name, String why, List<Cause> causes) {
        var details = details(served, name);
        if (!causes.isEmpty()) details = details.with("causes", causes(causes));
        return of(403, "Forbidden", served.resource() + " \"" + name + "\" is forbidden: " + why, details);
    }

    static Failure podForbidden(String name, String why) {
        return of(403, "Forbidden", "pods \"" + name + "\" is forbidden: " + why, details("", "pods", name));
    }

    static Failure methodNotAllowed() {
        return of(
                405,
                "MethodNotAllowed",
                "the server does not allow this method on the requested resource",
                Json.Obj.EMPTY);
    }

    /// What a real cluster has and this one has not; says what to do instead.
    static Failure notImplemented(String message) {
        return of(501, "NotImplemented", message, Json.Obj.EMPTY);
    }

    static Failure terminating() {
        return of(
                405,
                "MethodNotAllowed",
                "create not allowed while custom resource definition is terminating",
                Json.Obj.EMPTY);
    }

    static Failure unsupportedMediaType(List<String> accepted) {
        return of(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: "
                        + String.join(", ", accepted),
                Json.Obj.EMPTY);
    }

    /// Of patches of built-in kinds Kubernetes does not say which types there are.
    static Failure unsupportedPatch() {
        return of(415, "UnsupportedMediaType", "415: Unsupported Media Type", Json.Obj.EMPTY);
    }

    /// Of patches of custom kinds it does.
    static Failure unsupportedPatch(List<String> accepted) {
        return of(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: "
                        + String.join(", ", accepted),
                NO_DETAILS);
    }

    static Failure unsupportedProtobuf(String what) {
        return of(
                415,
                "UnsupportedMediaType",
                "the embedded cluster reads protobuf only of what kubectl makes from flags, and not " + what
                        + "; send application/json",
                Json.Obj.EMPTY);
    }

    static Failure tooLarge(int limit) {
        return of(413, "RequestEntityTooLarge", "Request entity too large: limit is " + limit, Json.Obj.EMPTY);
    }

    static Failure expired(String message) {
        return of(410, "Expired", message, NO_DETAILS);
    }

    static Failure tooManyRequests(String message, Json.Obj details) {
        return of(429, "TooManyRequests", message, details);
    }

    static Failure resourceVersionTooLarge(long asked, long current) {
        return of(
                504,
                "Timeout",
                "Timeout: Too large resource version: " + asked + ", current: " + current,
                Json.obj(
                        "causes",
                        Json.arr(
                                Json.obj("reason", "ResourceVersionTooLarge", "message", "Too large resource version")),
                        "retryAfterSeconds",
                        1));
    }

    /// A JSON patch that does not fit the object; Kubernetes keeps the reason to itself.
    static Failure unprocessable() {
        return of(422, "Invalid", "the server rejected our request due to an error in our request", Json.Obj.EMPTY);
    }

    /// A refusal that only has a code and a message; the reason follows from the code.
    static Failure plain(int code, String message) {
        var reason = switch (code) {
            case 400 -> "BadRequest";
            case 409 -> "Conflict";
            case 415 -> "UnsupportedMediaType";
            case 422 -> "Invalid";
            default -> "";
        };
        return of(code, reason, message, NO_DETAILS);
    }

    static Failure notAcceptable() {
        return of(
                406, "NotAcceptable", "only the following media types are accepted: application/json", Json.Obj.EMPTY);
    }

    static Failure internal(String message) {
        return of(500, "", message, NO_DETAILS);
    }

    /// As [#internal], in the form that has a reason.
    static Failure internalError(String message) {
        return of(
                500,
                "InternalError",
                "Internal error occurred: " + message,
                Json.obj("causes", Json.arr(Json.obj("message", message))));
    }

    /// An exception that nobody expected: the request is answered, the server goes on.
    static Failure unexpected(RuntimeException bug) {
        return of(
                500,
                "InternalError",
                "Internal error occurred: " + bug,
                Json.obj("causes", Json.arr(Json.obj("message", bug.toString()))));
    }

    /// 422: every cause at once.
    static Failure invalid(Served served, String name, List<Cause> causes) {
        return invalid(served.type().group(), served.type().kind(), name, causes);
    }

    static Failure invalid(String group, String kind, String name, List<Cause> causes) {
        var sentences = causes.stream().map(Cause::sentence).distinct().toList();
        var all = sentences.size() == 1 ? sentences.getFirst() : "[" + String.join(", ", sentences) + "]";
        return of(
                422,
                "Invalid",
                kind + (group.isEmpty() ? "" : "." + group) + " \"" + name + "\" is invalid: " + all,
                details(group, kind, name).with("causes", causes(causes)));
    }

    /// An update that does not say of which version, of a kind that wants to know. Of a custom kind, Kubernetes names
    /// the resource where the kind should stand.
    static Failure unconditional(Served served, String name) {
        var zero = served.builtIn() ? "0x0" : "0";
        return invalid(
                served.type().group(),
                served.builtIn() ? served.type().kind() : served.type().plural(),
                name,
                List.of(new Cause(
                        "metadata.resourceVersion",
                        "FieldValueInvalid",
                        "Invalid value: " + zero + ": must be specified for an update")));
    }

    /// 409 of a server-side apply: somebody else owns the fields.
    static Failure applyConflict(String message, List<Cause> causes) {
        return of(409, "Conflict", message, Json.obj("causes", causes(causes)));
    }

    private static Json.Arr causes(List<Cause> causes) {
        var items = new ArrayList<Json>();
        for (var cause : causes) {
            var item = Json.obj("reason", cause.reason(), "message", cause.message());
            items.add(cause.field().isEmpty() ? item : item.with("field", cause.field()));
        }
        return new Json.Arr(items);
    }
}
