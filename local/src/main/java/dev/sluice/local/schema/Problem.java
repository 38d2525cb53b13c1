package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.util.List;
import java.util.stream.Collectors;

/// One thing wrong with an object, in the API server's words.
///
/// @param path the field, such as `spec.template.spec.containers[0].name`
/// @param reason the machine-readable reason of a `Status` cause
/// @param text the message of the cause, value included: `Invalid value: "A": …`
public record Problem(String path, Reason reason, String text) {
    /// The reasons of a `Status` cause; [#wire] is their name there.
    public enum Reason {
        REQUIRED("FieldValueRequired"),
        INVALID("FieldValueInvalid"),
        NOT_SUPPORTED("FieldValueNotSupported"),
        FORBIDDEN("FieldValueForbidden"),
        DUPLICATE("FieldValueDuplicate"),
        TYPE_INVALID("FieldValueTypeInvalid"),
        NOT_FOUND("FieldValueNotFound"),
        TOO_LONG("FieldValueTooLong"),
        TOO_MANY("FieldValueTooMany");

        private final String wire;

        Reason(String wire) {
            this.wire = wire;
        }

        public String wire() {
            return wire;
        }
    }

    static Problem required(Path path, String detail) {
        return new Problem(path.toString(), Reason.REQUIRED, detailed("Required value", detail));
    }

    static Problem invalid(Path path, Json value, String detail) {
        return new Problem(path.toString(), Reason.INVALID, detailed("Invalid value: " + shown(value), detail));
    }

    static Problem typeInvalid(Path path, Json value, String detail) {
        return new Problem(path.toString(), Reason.TYPE_INVALID, detailed("Invalid value: " + shown(value), detail));
    }

    static Problem forbidden(Path path, String detail) {
        return new Problem(path.toString(), Reason.FORBIDDEN, detailed("Forbidden", detail));
    }

    static Problem duplicate(Path path, Json value) {
        return new Problem(path.toString(), Reason.DUPLICATE, "Duplicate value: " + shown(value));
    }

    static Problem notSupported(Path path, Json value, List<String> supported) {
        return notSupportedInOrder(path, value, supported.stream().sorted().toList());
    }

    static Problem notSupportedInOrder(Path path, Json value, List<String> supported) {
        return notSupportedJson(path, value, Json.arr(supported.toArray()).items());
    }

    static Problem notSupportedJson(Path path, Json value, List<Json> supported) {
        var names = supported.stream()
                .map(one -> one instanceof Json.Str ? one.text() : new Json.Str(one.text()).text())
                .collect(Collectors.joining(", "));
        return new Problem(
                path.toString(),
                Reason.NOT_SUPPORTED,
                "Unsupported value: " + shown(value) + ": supported values: " + names);
    }

    static Problem notFound(Path path, Json value) {
        return new Problem(path.toString(), Reason.NOT_FOUND, "Not found: " + shown(value));
    }

    static Problem tooLong(Path path, long max) {
        var unit = max == 1 ? " byte" : " bytes";
        return new Problem(path.toString(), Reason.TOO_LONG, "Too long: may not be more than " + max + unit);
    }

    static Problem tooMany(Path path, int count, long max) {
        return new Problem(
                path.toString(),
                Reason.TOO_MANY,
                "Too many: " + count + ": must have at most " + max + (max == 1 ? " item" : " items"));
    }

    private static String detailed(String head, String detail) {
        return detail.isEmpty() ? head : head + ": " + detail;
    }

    private static String shown(Json value) {
        return value.text();
    }

    /// The message of a `Status` about one object: `Deployment.apps "web" is invalid: …`.
    public static String message(KindSchema kind, String name, List<Problem> problems) {
        var qualified = kind.group().isEmpty() ? kind.kind() : kind.kind() + "." + kind.group();
        var list = problems.stream().map(Problem::toString).distinct().toList();
        var all = list.size() == 1 ? list.getFirst() : "[" + String.join(", ", list) + "]";
        return qualified + " " + new Json.Str(name).text() + " is invalid: " + all;
    }

    @Override
    public String toString() {
        return path.isEmpty() ? text : path + ": " + text;
    }
}
