package dev.sluice.e2e.probes;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// One request, what is kept of its answer, and which of it is compared.
///
/// @param path with query, from the root
/// @param body YAML, sent as JSON unless the content type says YAML; or the very text where `raw`
/// @param keep variable → path of a field in the answer
/// @param only fields of the answer that are compared, dotted; all where empty
/// @param except fields of the answer that are not, dotted; `*` is any field or item
/// @param view what is compared of what is left
record Ask(
        String method,
        String path,
        SortedMap<String, String> headers,
        Optional<String> body,
        boolean raw,
        SortedMap<String, String> keep,
        List<String> only,
        List<String> except,
        UnaryOperator<Json> view)
        implements Probe.Step {
    static final String JSON_TYPE = "application/json";
    static final String MERGE = "application/merge-patch+json";
    static final String JSON_PATCH = "application/json-patch+json";
    static final String STRATEGIC = "application/strategic-merge-patch+json";
    static final String APPLY = "application/apply-patch+yaml";
    static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    private static Ask ask(String method, String path, Optional<String> body, String contentType) {
        var headers = new TreeMap<String, String>();
        headers.put("Accept", JSON_TYPE);
        // Names the field manager.
        headers.put("User-Agent", "probe/1.0");
        if (body.isPresent()) headers.put("Content-Type", contentType);
        return new Ask(method, path, headers, body, false, new TreeMap<>(), List.of(), List.of(), json -> json);
    }

    static Ask get(String path) {
        return ask("GET", path, Optional.empty(), JSON_TYPE);
    }

    static Ask post(String path, String body) {
        return ask("POST", path, Optional.of(body), JSON_TYPE);
    }

    static Ask put(String path, String body) {
        return ask("PUT", path, Optional.of(body), JSON_TYPE);
    }

    static Ask delete(String path) {
        return ask("DELETE", path, Optional.empty(), JSON_TYPE);
    }

    static Ask delete(String path, String options) {
        return ask("DELETE", path, Optional.of(options), JSON_TYPE);
    }

    static Ask merge(String path, String body) {
        return ask("PATCH", path, Optional.of(body), MERGE);
    }

    static Ask strategic(String path, String body) {
        return ask("PATCH", path, Optional.of(body), STRATEGIC);
    }

    static Ask jsonPatch(String path, String body) {
        return ask("PATCH", path, Optional.of(body), JSON_PATCH);
    }

    /// Server-side apply.
    static Ask apply(String manager, String path, String body) {
        return ask(
                "PATCH", path + (path.contains("?") ? "&" : "?") + "fieldManager=" + manager, Optional.of(body), APPLY);
    }

    /// Asked for as kubectl does.
    static Ask described(String path) {
        return get(path).header("Accept", TABLE);
    }

    /// The same without what is said of the columns, which has probes of its own.
    static Ask table(String path) {
        return described(path).except("columnDefinitions.*.description", "object.columnDefinitions.*.description");
    }

    Ask header(String name, String value) {
        var more = new TreeMap<>(headers);
        more.put(name, value);
        return new Ask(method, path, more, body, raw, keep, only, except, view);
    }

    Ask type(String contentType) {
        return header("Content-Type", contentType);
    }

    /// Sends the body as it is.
    Ask asItIs() {
        return new Ask(method, path, headers, body, true, keep, only, except, view);
    }

    /// Makes a field of the answer known to the steps that follow.
    Ask keep(String variable, String field) {
        var more = new TreeMap<>(keep);
        more.put(variable, field);
        return new Ask(method, path, headers, body, raw, more, only, except, view);
    }

    /// Compares these fields of the body only.
    Ask only(String... fields) {
        return new Ask(method, path, headers, body, raw, keep, List.of(fields), except, view);
    }

    /// Compares the body without these fields.
    Ask except(String... fields) {
        var more = new ArrayList<>(except);
        more.addAll(List.of(fields));
        return new Ask(method, path, headers, body, raw, keep, only, more, view);
    }

    /// Compares what this makes of the body only.
    Ask as(UnaryOperator<Json> other) {
        return new Ask(method, path, headers, body, raw, keep, only, except, other);
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
