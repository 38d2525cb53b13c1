package dev.sluice.analysis;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Fills `{{args.name}}` in the strings of a JSON tree, blanks inside the braces allowed. A value that is filled in is
/// not looked through again.
public final class Placeholders {
    private static final String OPEN = "{{";
    private static final String CLOSE = "}}";

    /// The filled tree, or the tag that nothing is known for.
    public sealed interface Filled {
        record Tree(Json json) implements Filled {}

        /// @param message `failed to resolve {{args.x}}`
        record Unresolved(String message) implements Filled {}
    }

    private final SequencedMap<String, String> values;
    private Optional<String> unresolved = Optional.empty();

    private Placeholders(SequencedMap<String, String> values) {
        this.values = values;
    }

    /// @param values of arguments by name, without `args.`
    public static Filled fill(Json tree, SequencedMap<String, String> values) {
        var placeholders = new Placeholders(values);
        var filled = placeholders.filled(tree);
        return placeholders
                .unresolved
                .<Filled>map(tag -> new Filled.Unresolved("failed to resolve {{" + tag + "}}"))
                .orElseGet(() -> new Filled.Tree(filled));
    }

    /// What stands between the braces of a text, without blanks around it.
    static List<String> tags(String text) {
        var tags = new ArrayList<String>();
        for (int open = text.indexOf(OPEN); open >= 0; open = text.indexOf(OPEN, open + OPEN.length())) {
            int close = text.indexOf(CLOSE, open + OPEN.length());
            if (close < 0) break;
            tags.add(text.substring(open + OPEN.length(), close).strip());
        }
        return tags;
    }

    private Json filled(Json tree) {
        return switch (tree) {
            case Json.Str(var text) -> text.contains(OPEN) ? new Json.Str(filled(text)) : tree;
            case Json.Arr(var items) -> {
                var copy = new ArrayList<Json>(items.size());
                for (var item : items) copy.add(filled(item));
                yield new Json.Arr(copy);
            }
            case Json.Obj(var fields) -> {
                var copy = new LinkedHashMap<String, Json>();
                fields.forEach((name, value) -> copy.put(filled(name), filled(value)));
                yield new Json.Obj(copy);
            }
            case Json.Int _, Json.Dec _, Json.Bool _, Json.Null _ -> tree;
        };
    }

    private String filled(String text) {
        var out = new StringBuilder();
        int at = 0;
        while (true) {
            int open = text.indexOf(OPEN, at);
            int close = open < 0 ? -1 : text.indexOf(CLOSE, open + OPEN.length());
            if (close < 0) return out.append(text, at, text.length()).toString();
            out.append(text, at, open);
            var tag = text.substring(open + OPEN.length(), close);
            var name = tag.strip();
            var value = name.startsWith("args.") ? values.get(name.substring("args.".length())) : null;
            if (value == null) unresolved = Optional.of(tag);
            else out.append(value);
            at = close + CLOSE.length();
        }
    }
}
