package dev.sluice.e2e.rights;

import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// What a role allows, each as `verb resource.group`, such as `patch rollouts.argoproj.io/status`.
public record Rights(SortedSet<String> all) {
    /// Of the roles in a file of `deploy`; bindings are no rights.
    public static Rights in(String file) {
        var all = new TreeSet<String>();
        for (var role : documents(file)) {
            for (var rule : role.at("rules").items()) {
                for (var verb : words(rule.at("verbs"))) {
                    for (var resource : words(rule.at("resources"))) {
                        for (var group : words(rule.at("apiGroups"))) all.add(right(verb, group, resource));
                    }
                }
            }
        }
        return new Rights(all);
    }

    static List<Json> documents(String file) {
        var path = Path.of(System.getProperty("sluice.root"), "deploy", file);
        try {
            var load = new Load(LoadSettings.builder().setLabel(file).build());
            return StreamSupport.stream(
                            load.loadAllFromString(Files.readString(path)).spliterator(), false)
                    .map(Json::of)
                    .toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(path.toString(), unreadable);
        }
    }

    private static List<String> words(Json list) {
        return list.items().stream().map(word -> word.string("")).toList();
    }

    private static String right(String verb, String group, String resource) {
        int slash = resource.indexOf('/');
        var plural = slash < 0 ? resource : resource.substring(0, slash);
        return verb + " " + plural + (group.isEmpty() ? "" : "." + group)
                + (slash < 0 ? "" : resource.substring(slash));
    }

    static String watch(ResourceType type) {
        return right("watch", type.group(), type.plural());
    }

    /// The right that a request needs.
    static String of(Request request) {
        var verb = request.verb();
        return switch (request) {
            case Request.List(var selection) ->
                right(verb, selection.type().group(), selection.type().plural());
            case Request.Get(var ref) -> right(verb, ref.type(), ref.subresource());
            case Request.Create(var ref, var _) -> right(verb, ref.type(), ref.subresource());
            case Request.Patch(var ref, var _, var _) -> right(verb, ref.type(), ref.subresource());
            case Request.Replace(var ref, var _) -> right(verb, ref.type(), ref.subresource());
            case Request.Delete delete ->
                right(verb, delete.ref().type(), delete.ref().subresource());
        };
    }

    private static String right(String verb, ResourceType type, String subresource) {
        return right(verb, type.group(), type.plural() + (subresource.isEmpty() ? "" : "/" + subresource));
    }
}
