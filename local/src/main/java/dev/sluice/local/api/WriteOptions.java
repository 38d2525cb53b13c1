package dev.sluice.local.api;

import java.util.ArrayList;
import java.util.List;

/// How a write is to be done.
///
/// @param manager field manager
/// @param dryRun everything but the writing
/// @param force server-side apply takes over what others own
/// @param warnings collects what the client shall be warned of
record WriteOptions(String manager, boolean dryRun, Unknown unknown, boolean force, List<String> warnings) {
    /// What becomes of a field that the schema does not know: dropped silently, dropped with a warning, refused.
    enum Unknown {
        IGNORE,
        WARN,
        STRICT
    }

    private static final int MAX_MANAGER = 128;

    static WriteOptions of(ApiRequest request) {
        var dryRun = request.query("dryRun");
        if (!dryRun.isEmpty() && !dryRun.equals("All")) {
            throw Failure.invalid(
                    "meta.k8s.io",
                    optionsKind(request.method()),
                    "",
                    List.of(new Failure.Cause(
                            "dryRun",
                            "FieldValueNotSupported",
                            "Unsupported value: [\"" + dryRun + "\"]: supported values: \"All\"")));
        }
        var unknown = switch (request.query("fieldValidation")) {
            // The API's default is Warn; clients that want silence say so.
            case "", "Warn" -> Unknown.WARN;
            case "Ignore" -> Unknown.IGNORE;
            case "Strict" -> Unknown.STRICT;
            case String other ->
                throw Failure.invalid(
                        "meta.k8s.io",
                        optionsKind(request.method()),
                        "",
                        List.of(new Failure.Cause(
                                "fieldValidation",
                                "FieldValueNotSupported",
                                "Unsupported value: \"" + other
                                        + "\": supported values: \"Ignore\", \"Strict\", \"Warn\"")));
        };
        return new WriteOptions(manager(request), !dryRun.isEmpty(), unknown, request.flag("force"), new ArrayList<>());
    }

    private static String optionsKind(String method) {
        return switch (method) {
            case "POST" -> "CreateOptions";
            case "PUT" -> "UpdateOptions";
            case "PATCH" -> "PatchOptions";
            default -> "DeleteOptions";
        };
    }

    private static String manager(ApiRequest request) {
        var named = request.query("fieldManager");
        if (!named.isEmpty()) return named;
        var agent = request.headers().getOrDefault("user-agent", request.user());
        int slash = agent.indexOf('/');
        var head = slash >= 0 ? agent.substring(0, slash) : agent;
        return head.length() > MAX_MANAGER ? head.substring(0, MAX_MANAGER) : head;
    }
}
