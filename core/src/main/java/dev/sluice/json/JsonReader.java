package dev.sluice.json;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.Consumer;

/// A recursive-descent reader of RFC 8259, bounded in depth.
final class JsonReader {
    /// Deeper than any object a cluster accepts; shallower than the stack.
    static final int MAX_DEPTH = 512;

    private final String text;
    private final Optional<Consumer<String>> repeated;
    /// Where it reads, where somebody wants to know.
    private final Deque<String> path = new ArrayDeque<>();

    private int at;
    private int depth;

    /// @param repeated hears where a field stands more than once; empty where that is an error
    JsonReader(String text, Optional<Consumer<String>> repeated) {
        this.text = text;
        this.repeated = repeated;
    }

    Json whole() {
        var value = value();
        blank();
        if (at < text.length()) throw expected("the end of the text");
        return value;
    }

    private Json value() {
        blank();
        if (at >= text.length()) throw expected("a value");
        return switch (text.charAt(at)) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> new Json.Str(string());
            case 't' -> word("true", new Json.Bool(true));
            case 'f' -> word("false", new Json.Bool(false));
            case 'n' -> word("null", Json.Null.VALUE);
            default -> number();
        };
    }

    private Json object() {
        deeper();
        at++;
        var fields = new LinkedHashMap<String, Json>();
        blank();
        if (!take('}')) {
            do {
                blank();
                if (at >= text.length() || text.charAt(at) != '"') throw expected("a field name in quotes");
                var name = string();
                blank();
                if (!take(':')) throw expected("':'");
                enter(depth == 1 ? name : "." + name);
                if (fields.put(name, value()) != null) twice(name);
                leave();
                blank();
            } while (take(','));
            if (!take('}')) throw expected("',' or '}'");
        }
        depth--;
        return new Json.Obj(fields);
    }

    private Json array() {
        deeper();
        at++;
        var items = new ArrayList<Json>();
        blank();
        if (!take(']')) {
            do {
                enter("[" + items.size() + "]");
                items.add(value());
                leave();
                blank();
            } while (take(','));
            if (!take(']')) throw expected("',' or ']'");
        }
        depth--;
        return new Json.Arr(items);
    }

    private String string() {
        at++;
        var out = new StringBuilder();
        while (true) {
            if (at >= text.length()) throw expected("'\"' at the end of the string");
            char c = text.charAt(at++);
            if (c == '"') return out.toString();
            if (c < ' ') throw expected("no bare control character in a string");
            out.append(c == '\\' ? escape() : c);
        }
    }

    private char escape() {
        if (at >= text.length()) throw expected("an escape");
        char c = text.charAt(at++);
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                if (at + 4 > text.length()) throw expected("four hex digits");
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = Character.digit(text.charAt(at++), 16);
                    if (digit < 0) throw expected("four hex digits");
                    code = code * 16 + digit;
                }
                yield (char) code;
            }
            default -> throw expected("one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
        };
    }

    private Json number() {
        int start = at;
        take('-');
        if (!take('0') && digits() == 0) throw expected("a value");
        if (take('.') && digits() == 0) throw expected("a digit after '.'");
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            if (digits() == 0) throw expected("a digit in the exponent");
        }
        var number = Json.number(text.substring(start, at));
        if (Double.isInfinite(number.toDouble())) throw expected("a number within the range of a double");
        return number;
    }

    private int digits() {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') at++;
        return at - start;
    }

    private Json word(String word, Json value) {
        if (!text.startsWith(word, at)) throw expected("a value");
        at += word.length();
        return value;
    }

    private boolean take(char c) {
        if (at >= text.length() || text.charAt(at) != c) return false;
        at++;
        return true;
    }

    private void blank() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
    }

    private void enter(String segment) {
        if (repeated.isPresent()) path.addLast(segment);
    }

    private void leave() {
        if (repeated.isPresent()) path.removeLast();
    }

    private void twice(String name) {
        repeated.orElseThrow(() -> expected("each field once, but \"" + name + "\" stands twice"))
                .accept(String.join("", path));
    }

    private void deeper() {
        if (++depth > MAX_DEPTH) throw expected("at most " + MAX_DEPTH + " levels");
    }

    private JsonSyntaxException expected(String what) {
        int line = 1;
        int lineStart = 0;
        int end = Math.min(at, text.length());
        for (int i = 0; i < end; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        return new JsonSyntaxException("expected " + what, line, end - lineStart + 1);
    }
}
