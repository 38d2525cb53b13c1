package dev.sluice.local.api;

import java.util.ArrayList;
import java.util.List;

/// How a write is to be done.
///
/// @param manager field manager
/// @param dryRun everything but the writing
/// @param apply a server-side apply: who owns what is settled by it
/// @param force a server-side apply takes over what others own
/// @param repeated collects the paths of fields that stand more than once in the body
/// @param warnings collects what the client shall be warned of
record WriteOptions(
        String manager,
        boolean dryRun,
        Unknown unknown,
        boolean apply,
        boolean force,
        List<String> repeated,
        List<String> warnings) {
    /// What becomes of a field that the schema does not know: dropped silently, dropped with a warning, refused; and of
    /// one that stands more than once, of which the last is taken.
    enum Unknown {
        IGNORE,
        WARN,
        STRICT
    }

    private static final int MAX_MANAGER = 128;

    static WriteOptions of(ApiRequest request) {
        var dryRun = request.query("dryRun");
        if (!dryRun.isEmpty() && !dryRun.equals("All")) {
            throw unsupported(request, "dryRun", "[\"" + dryRun + "\"]", "\"All\"");
        }
        var unknown = switch (request.query("fieldValidation")) {
            // The API's default is Warn; clients that want silence say so.
            case "", "Warn" -> Unknown.WARN;
            case "Ignore" -> Unknown.IGNORE;
            case "Strict" -> Unknown.STRICT;
            case String other ->
                throw unsupported(
                        request, "fieldValidation", "\"" + other + "\"", "\"\", \"Ignore\", \"Strict\", \"Warn\"");
        };
        boolean apply = request.mediaType().equals(Content.APPLY_PATCH);
        if (apply && request.query("fieldManager").isEmpty()) {
            throw refused(request, Failure.Cause.required("fieldManager", "is required for apply patch"));
        }
        if (!apply && request.method().equals("PATCH") && request.query().containsKey("force")) {
            throw refused(request, Failure.Cause.forbidden("force", "may not be specified for non-apply patch"));
        }
        return new WriteOptions(
                manager(request),
                !dryRun.isEmpty(),
                unknown,
                apply,
                request.flag("force"),
                new ArrayList<>(),
                new ArrayList<>());
    }

    private static Failure unsupported(ApiRequest request, String field, String value, String supported) {
        return refused(
                request,
                new Failure.Cause(
                        field,
                        "FieldValueNotSupported",
                        "Unsupported value: " + value + ": supported values: " + supported));
    }

    private static Failure refused(ApiRequest request, Failure.Cause cause) {
        var kind = switch (request.method()) {
            case "POST" -> "CreateOptions";
            case "PUT" -> "UpdateOptions";
            case "PATCH" -> "PatchOptions";
            default -> "DeleteOptions";
        };
        return Failure.invalid("meta.k8s.io", kind, "", List.of(cause));
    }

    private static String manager(ApiRequest request) {
        var named = request.query("fieldManager");
        if (named.length() > MAX_MANAGER) {
            throw refused(
                    request,
                    new Failure.Cause(
                            "fieldManager",
                            "FieldValueTooLong",
                            "Too long: may not be more than " + MAX_MANAGER + " bytes"));
        }
        if (!named.isEmpty()) return named;
        var agent = request.headers().getOrDefault("user-agent", request.user());
        int slash = agent.indexOf('/');
        var head = slash >= 0 ? agent.substring(0, slash) : agent;
        return head.length() > MAX_MANAGER ? head.substring(0, MAX_MANAGER) : head;
    }
}
