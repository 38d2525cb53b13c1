package dev.sluice.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// JSON patch (RFC 6902): a list of operations, applied all or none.
///
/// One difference from the RFC, because the API server has it and clients rely on it: `replace` also
/// sets a member that an object does not have yet. The words of a failure follow the API server's,
/// because people search for them.
public final class JsonPatch {
    /// More operations than this are refused, as the API server does.
    public static final int MAX_OPERATIONS = 10_000;

    /// `copy` lets a small patch describe a huge document; past this many values the patch is refused.
    private static final int MAX_COPIED_VALUES = 1_000_000;

    private JsonPatch() {}

    /// What became of a patch.
    public sealed interface Outcome {}

    /// All operations applied.
    public record Patched(Json document) implements Outcome {}

    /// Nothing was applied.
    ///
    /// @param operation index of the first operation that could not be done, or -1 where the whole patch is
    ///     none
    /// @param malformed true when the patch is not RFC 6902 at all (HTTP 400), false when it does not fit this
    ///     document (HTTP 422), a failed `test` included
    public record Failed(int operation, boolean malformed, String message) implements Outcome {}

    /// `document` after `patch`, an array of operations.
    public static Outcome apply(Json document, Json patch) {
        if (!(patch instanceof Json.Arr(var operations))) {
            return new Failed(-1, true, "a JSON patch is an array of operations, but this is " + kind(patch));
        }
        if (operations.size() > MAX_OPERATIONS) {
            return new Failed(
                    -1,
                    true,
                    "The allowed maximum operations in a JSON patch is " + MAX_OPERATIONS + ", got "
                            + operations.size());
        }
        var now = document;
        int copied = 0;
        for (int i = 0; i < operations.size(); i++) {
            var operation = operations.get(i);
            try {
                if (operation.at("op").equals(new Json.Str("copy"))) {
                    copied += size(at(now, Pointer.of(operation, "from"), "copy"));
                    if (copied > MAX_COPIED_VALUES) {
                        throw new Refusal(
                                false,
                                "copy operations make the document larger than " + MAX_COPIED_VALUES + " values");
                    }
                }
                now = step(now, operation);
            } catch (Refusal refusal) {
                return new Failed(i, refusal.malformed, refusal.text);
            }
        }
        return new Patched(now);
    }

    private static Json step(Json document, Json operation) throws Refusal {
        var path = Pointer.of(operation, "path");
        return switch (operation.at("op").string("")) {
            case "add" -> add(document, path, 0, value(operation), "add");
            case "remove" -> remove(document, path, 0, "remove");
            case "replace" -> replace(document, path, 0, value(operation));
            case "move" -> {
                var from = Pointer.of(operation, "from");
                if (from.contains(path)) {
                    throw new Refusal(
                            false, "move operation does not apply: \"" + from + "\" contains \"" + path + "\"");
                }
                var moved = at(document, from, "move");
                yield add(remove(document, from, 0, "move"), path, 0, moved, "move");
            }
            case "copy" -> add(document, path, 0, at(document, Pointer.of(operation, "from"), "copy"), "copy");
            case "test" -> {
                if (!operation.obj().has("value")) throw new Refusal(true, "test operation has no value");
                var seen = path.isRoot() ? document : find(document, path);
                if (!operation.at("value").equals(seen)) {
                    throw new Refusal(false, "testing value " + path + " failed: test failed");
                }
                yield document;
            }
            case String other ->
                throw new Refusal(
                        true,
                        other.isEmpty()
                                ? "the operation has no \"op\"; it is one of add, remove, replace, move, copy, test"
                                : "Unexpected kind: " + other);
        };
    }

    private static Json value(Json operation) throws Refusal {
        if (!operation.obj().has("value")) {
            throw new Refusal(true, operation.at("op").string("") + " operation has no value");
        }
        return operation.at("value");
    }

    private static Json add(Json here, Pointer path, int depth, Json value, String op) throws Refusal {
        if (depth == path.length()) return value;
        var token = path.token(depth);
        boolean last = depth == path.length() - 1;
        return switch (here) {
            case Json.Obj object -> {
                if (last) yield object.with(token, value);
                if (!object.has(token)) throw path.missing(op);
                yield object.with(token, add(object.at(token), path, depth + 1, value, op));
            }
            case Json.Arr(var items) -> {
                var changed = new ArrayList<>(items);
                if (last && token.equals("-")) {
                    changed.add(value);
                } else if (last) {
                    changed.add(index(path, token, items.size(), op), value);
                } else {
                    int index = index(path, token, items.size() - 1, op);
                    changed.set(index, add(items.get(index), path, depth + 1, value, op));
                }
                yield new Json.Arr(changed);
            }
            default -> throw path.missing(op);
        };
    }

    private static Json remove(Json here, Pointer path, int depth, String op) throws Refusal {
        if (path.isRoot()) throw new Refusal(false, op + " operation does not apply: the whole document cannot go");
        var token = path.token(depth);
        boolean last = depth == path.length() - 1;
        return switch (here) {
            case Json.Obj object -> {
                if (!object.has(token)) throw path.missing(op);
                yield last ? object.without(token) : object.with(token, remove(object.at(token), path, depth + 1, op));
            }
            case Json.Arr(var items) -> {
                int index = index(path, token, items.size() - 1, op);
                var changed = new ArrayList<>(items);
                if (last) changed.remove(index);
                else changed.set(index, remove(items.get(index), path, depth + 1, op));
                yield new Json.Arr(changed);
            }
            default -> throw path.missing(op);
        };
    }

    private static Json replace(Json here, Pointer path, int depth, Json value) throws Refusal {
        if (depth == path.length()) return value;
        var token = path.token(depth);
        return switch (here) {
            case Json.Obj object -> {
                boolean last = depth == path.length() - 1;
                if (!last && !object.has(token)) throw path.missing("replace");
                yield object.with(token, replace(object.at(token), path, depth + 1, value));
            }
            case Json.Arr(var items) -> {
                int index = index(path, token, items.size() - 1, "replace");
                var changed = new ArrayList<>(items);
                changed.set(index, replace(items.get(index), path, depth + 1, value));
                yield new Json.Arr(changed);
            }
            default -> throw path.missing("replace");
        };
    }

    private static Json at(Json document, Pointer path, String op) throws Refusal {
        if (path.isRoot()) return document;
        var here = document;
        for (int depth = 0; depth < path.length(); depth++) {
            var token = path.token(depth);
            here = switch (here) {
                case Json.Obj object -> {
                    if (!object.has(token)) throw path.missing(op);
                    yield object.at(token);
                }
                case Json.Arr(var items) -> items.get(index(path, token, items.size() - 1, op));
                default -> throw path.missing(op);
            };
        }
        return here;
    }

    /// As the API server: testing an absent member against `null` succeeds when its parent is there.
    private static Json find(Json document, Pointer path) throws Refusal {
        var here = document;
        for (int depth = 0; depth < path.length(); depth++) {
            var token = path.token(depth);
            boolean last = depth == path.length() - 1;
            here = switch (here) {
                case Json.Obj object when last || object.has(token) -> object.at(token);
                case Json.Arr(var items) -> items.get(index(path, token, items.size() - 1, "test"));
                default -> throw path.missing("test");
            };
        }
        return here;
    }

    /// RFC 6901, 4: digits without leading zeros.
    private static int index(Pointer path, String token, int max, String op) throws Refusal {
        boolean digits = !token.isEmpty()
                && token.length() < 10
                && token.chars().allMatch(c -> c >= '0' && c <= '9')
                && (token.length() == 1 || token.charAt(0) != '0');
        if (!digits) {
            throw new Refusal(
                    false,
                    op + " operation does not apply: doc is missing path: \"" + path + "\": \"" + token
                            + "\" is no array index");
        }
        int index = Integer.parseInt(token);
        if (index > max) {
            throw new Refusal(
                    false,
                    op + " operation does not apply: doc is missing path: \"" + path
                            + "\": Unable to access invalid index: " + index + ": invalid index referenced");
        }
        return index;
    }

    private static int size(Json json) {
        int size = 1;
        for (var field : json.fields().values()) size += size(field);
        for (var item : json.items()) size += size(item);
        return size;
    }

    static String kind(Json json) {
        return switch (json) {
            case Json.Obj _ -> "an object";
            case Json.Arr _ -> "an array";
            case Json.Str _ -> "a string";
            case Json.Num _ -> "a number";
            case Json.Bool _ -> "a boolean";
            case Json.Null _ -> "null";
        };
    }

    /// The operations that turn `from` into `to`: objects field by field, everything else replaced whole.
    public static Json.Arr diff(Json from, Json to) {
        var operations = new ArrayList<Json>();
        diff(from, to, "", operations);
        return new Json.Arr(operations);
    }

    private static void diff(Json from, Json to, String path, List<Json> operations) {
        if (from.equals(to)) return;
        if (!(from instanceof Json.Obj(var old) && to instanceof Json.Obj(var wanted))) {
            operations.add(Json.obj("op", "replace", "path", path, "value", to));
            return;
        }
        old.forEach((name, value) -> {
            var there = path + "/" + Pointer.escape(name);
            if (!wanted.containsKey(name)) operations.add(Json.obj("op", "remove", "path", there));
        });
        new LinkedHashMap<>(wanted).forEach((name, value) -> {
            var there = path + "/" + Pointer.escape(name);
            var before = old.get(name);
            if (before == null) operations.add(Json.obj("op", "add", "path", there, "value", value));
            else diff(before, value, there, operations);
        });
    }

    /// A JSON pointer (RFC 6901).
    private record Pointer(List<String> tokens) {
        static Pointer of(Json operation, String field) throws Refusal {
            var text = operation
                    .at(field)
                    .asString()
                    .orElseThrow(() -> new Refusal(
                            true,
                            operation.at("op").string("") + " operation has no \"" + field
                                    + "\": a JSON pointer such as" + " /spec/replicas"));
            if (text.isEmpty()) return new Pointer(List.of());
            if (!text.startsWith("/")) {
                throw new Refusal(true, "\"" + text + "\" is no JSON pointer: it must be empty or begin with /");
            }
            var tokens = new ArrayList<String>();
            for (var token : text.substring(1).split("/", -1)) {
                tokens.add(token.replace("~1", "/").replace("~0", "~"));
            }
            return new Pointer(tokens);
        }

        static String escape(String name) {
            return name.replace("~", "~0").replace("/", "~1");
        }

        boolean isRoot() {
            return tokens.isEmpty();
        }

        int length() {
            return tokens.size();
        }

        String token(int depth) {
            return tokens.get(depth);
        }

        /// Whether `other` lies strictly inside the value this points to.
        boolean contains(Pointer other) {
            return other.length() > length()
                    && other.tokens.subList(0, length()).equals(tokens);
        }

        Refusal missing(String op) {
            return new Refusal(
                    false, op + " operation does not apply: doc is missing path: \"" + this + "\": missing value");
        }

        @Override
        public String toString() {
            var out = new StringBuilder();
            for (var token : tokens) out.append('/').append(escape(token));
            return out.toString();
        }
    }

    /// Leaves the operation; never leaves this class.
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;
        private final boolean malformed;
        private final String text;

        Refusal(boolean malformed, String text) {
            super(text, null, false, false);
            this.malformed = malformed;
            this.text = text;
        }
    }
}
