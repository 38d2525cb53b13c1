package dev.sluice.local.traffic.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/// Header fields in the order they were sent; names match regardless of case (RFC 9110, 5.1).
public final class Headers {
    public static final Headers NONE = new Headers(List.of());

    private final List<Field> fields;

    /// One field line.
    public record Field(String name, String value) {}

    private Headers(List<Field> fields) {
        this.fields = fields;
    }

    /// Headers of alternating names and values.
    public static Headers of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) throw new IllegalArgumentException("a name without a value");
        var fields = new ArrayList<Field>(namesAndValues.length / 2);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.add(new Field(namesAndValues[i], namesAndValues[i + 1]));
        }
        return new Headers(fields);
    }

    static Headers owned(List<Field> fields) {
        return new Headers(fields);
    }

    public Optional<String> first(String name) {
        for (var field : fields) {
            if (field.name.equalsIgnoreCase(name)) return Optional.of(field.value);
        }
        return Optional.empty();
    }

    /// The first value, or `otherwise`.
    public String first(String name, String otherwise) {
        return first(name).orElse(otherwise);
    }

    /// All values of a name, in order.
    public List<String> all(String name) {
        return fields.stream()
                .filter(field -> field.name.equalsIgnoreCase(name))
                .map(Field::value)
                .toList();
    }

    public boolean has(String name) {
        return first(name).isPresent();
    }

    /// Whether a comma-separated list such as `Connection` holds a token.
    public boolean lists(String name, String token) {
        for (var field : fields) {
            if (!field.name.equalsIgnoreCase(name)) continue;
            for (var part : field.value.split(",", -1)) {
                if (part.strip().equalsIgnoreCase(token)) return true;
            }
        }
        return false;
    }

    /// These headers with exactly one field of that name, at the end.
    public Headers with(String name, String value) {
        var copy = without(name).copy();
        copy.add(new Field(name, value));
        return new Headers(copy);
    }

    /// These headers and one field more.
    public Headers plus(String name, String value) {
        var copy = copy();
        copy.add(new Field(name, value));
        return new Headers(copy);
    }

    public Headers without(String name) {
        return without((Predicate<String>) name::equalsIgnoreCase);
    }

    /// These headers without the fields whose name the predicate takes.
    public Headers without(Predicate<String> names) {
        var copy = new ArrayList<Field>(fields.size() + 2);
        for (var field : fields) {
            if (!names.test(field.name)) copy.add(field);
        }
        return new Headers(copy);
    }

    public void forEach(BiConsumer<String, String> action) {
        for (var field : fields) action.accept(field.name, field.value);
    }

    public int size() {
        return fields.size();
    }

    private List<Field> copy() {
        var copy = new ArrayList<Field>(fields.size() + 2);
        copy.addAll(fields);
        return copy;
    }

    @Override
    public String toString() {
        return fields.toString();
    }
}
