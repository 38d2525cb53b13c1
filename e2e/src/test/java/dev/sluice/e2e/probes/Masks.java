package dev.sluice.e2e.probes;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Replaces what differs between two servers by nature, for the answers to one probe.
///
/// Uids and the versions of objects are numbered in order of appearance, so that "the same as before" and "another one"
/// are still compared. Versions of lists, times, addresses and generated suffixes become constants.
final class Masks {
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final Pattern TIME =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z| \\+0000 UTC)");
    private static final Pattern ADDRESS = Pattern.compile("\\b(10|127\\.\\d{1,3})(\\.\\d{1,3}){2,3}\\b");
    /// A whole object in a message; its fields stand in any order there.
    private static final Pattern QUOTED_OBJECT = Pattern.compile("(?s)Invalid value: \"\\{.*}\": ");
    private static final Pattern NODE_PORT = Pattern.compile(":3\\d{4}/");
    private static final Pattern AGE = Pattern.compile("(\\d+(ms|[smhdy]))+");

    private final Map<String, String> words = new LinkedHashMap<>();
    private final Map<String, String> uids = new HashMap<>();
    private final Map<String, String> versions = new HashMap<>();

    /// @param words text → what stands for it, wherever it occurs
    Masks(Map<String, String> words) {
        this.words.putAll(words);
    }

    Json mask(Json json) {
        return switch (json) {
            case Json.Obj object -> object(object);
            case Json.Arr(var items) ->
                new Json.Arr(items.stream().map(this::mask).toList());
            case Json.Str(var text) -> Json.of(text(text));
            case Json.Num _, Json.Bool _, Json.Null _ -> json;
        };
    }

    private Json.Obj object(Json.Obj object) {
        generated(object.at("metadata"));
        var masked = new LinkedHashMap<String, Json>();
        // In order of names: the numbers must not depend on the order that a server writes fields in.
        for (var field : new TreeMap<>(object.fields()).entrySet()) {
            var name = field.getKey();
            var value = field.getValue();
            masked.put(
                    text(name),
                    switch (name) {
                        case "resourceVersion" -> version(value, object);
                        case "cells" -> cells(value);
                        case "continue" -> value.string("").isEmpty() ? value : Json.of("{continue}");
                        case "nodePort" -> Json.of("{port}");
                        case "storageVersionHash" -> Json.of("{hash}");
                        case "managedFields" -> owners(mask(value));
                        default -> mask(value);
                    });
        }
        return unordered(new Json.Obj(masked));
    }

    /// A refusal for several causes without their order, which no client may rely on. The message repeats them.
    private static Json.Obj unordered(Json.Obj object) {
        var causes = object.at("details", "causes").items();
        if (causes.size() < 2 || !object.at("kind").string("").equals("Status")) return object;
        var sorted = causes.stream().sorted(Comparator.comparing(Json::text)).toList();
        var message = object.at("message").string("").replaceFirst("(?s)is invalid: \\[.*", "is invalid: {causes}");
        return object.with("message", message).withAt(List.of("details", "causes"), sorted);
    }

    /// Remembers the name a server has made up.
    private void generated(Json metadata) {
        var prefix = metadata.at("generateName").string("");
        var name = metadata.at("name").string("");
        if (!prefix.isEmpty() && name.startsWith(prefix) && name.length() > prefix.length())
            words.putIfAbsent(name, prefix + "{random}");
    }

    private Json version(Json value, Json.Obj of) {
        var text = value.string("");
        if (text.isEmpty() || text.equals("0")) return value;
        boolean ofAnObject = of.has("name") || of.has("uid");
        if (!ofAnObject) return Json.of("{list version}");
        return Json.of(versions.computeIfAbsent(text, _ -> "{version " + (versions.size() + 1) + "}"));
    }

    /// Owners who differ in nothing but the second of their last write stand in its order, which is chance.
    private static Json owners(Json entries) {
        var sorted = new ArrayList<Json>();
        var alike = new ArrayList<Json>();
        for (var entry : entries.items()) {
            if (!alike.isEmpty() && !sameRank(alike.getFirst(), entry)) {
                alike.sort(Comparator.comparing(Json::text));
                sorted.addAll(alike);
                alike.clear();
            }
            alike.add(entry);
        }
        alike.sort(Comparator.comparing(Json::text));
        sorted.addAll(alike);
        return entries instanceof Json.Arr ? new Json.Arr(sorted) : entries;
    }

    private static boolean sameRank(Json one, Json other) {
        return one.at("operation").equals(other.at("operation"))
                && one.at("time").equals(other.at("time"));
    }

    private Json cells(Json cells) {
        var masked = new ArrayList<Json>();
        for (var cell : cells.items())
            masked.add(AGE.matcher(cell.string("")).matches() ? Json.of("{age}") : mask(cell));
        return new Json.Arr(masked);
    }

    String text(String text) {
        var masked = text;
        for (var word : words.entrySet()) masked = masked.replace(word.getKey(), word.getValue());
        masked = UUID.matcher(masked)
                .replaceAll(found -> Matcher.quoteReplacement(
                        uids.computeIfAbsent(found.group(), _ -> "{uid " + (uids.size() + 1) + "}")));
        masked = NODE_PORT.matcher(masked).replaceAll(":{port}/");
        masked = QUOTED_OBJECT.matcher(masked).replaceAll("Invalid value: {object}: ");
        masked = TIME.matcher(masked).replaceAll("{time}");
        return ADDRESS.matcher(masked).replaceAll("{address}");
    }

    List<String> texts(List<String> texts) {
        return texts.stream().map(this::text).toList();
    }
}
