package dev.sluice.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A path into a JSON tree in the dialect of `kubectl -o jsonpath`, as web metrics and printer columns use it.
///
/// `{$.data.ok}`, `{.items[*].name}`, `{.items[-1:]}`, `{.a['x','y']}`, `{..name}`, `{.items[?(@.size >
/// 3)].name}`; a dot inside a name is written `\.`. Without braces the leading dot may be missing:
/// `spec.replicas`. Several braces add up. What kubectl has beyond finding values (text between braces,
/// `range`) is refused with a message.
///
/// A value that is not there is no error: it is not found. Filters compare numbers with numbers and strings with
/// strings; of other pairs only `!=` holds.
///
/// @see "Kubernetes documentation: JSONPath support"
public final class JsonPath {
    /// More values than this on the way mean that a path multiplies rather than selects.
    static final int MAX_VALUES = 100_000;

    /// The whole document.
    public static final JsonPath ROOT = parse("{$}");

    /// One move from a value to values below it.
    sealed interface Step {
        record Root() implements Step {}

        record Field(String name) implements Step {}

        /// Every item, or the value of every field.
        record Every() implements Step {}

        record Index(int index) implements Step {}

        /// Items `from` up to but not including `to`; negative positions count from the end.
        record Slice(Optional<Integer> from, Optional<Integer> to, int stride) implements Step {}

        record Union(List<Step> parts) implements Step {}

        /// The value and everything below it, nearest first.
        record Descend() implements Step {}

        /// The items of an array for which the condition holds.
        record Filter(Operand left, Optional<Comparison> comparison) implements Step {}
    }

    record Comparison(Operator operator, Operand right) {}

    enum Operator {
        EQUAL("=="),
        NOT_EQUAL("!="),
        LESS_OR_EQUAL("<="),
        GREATER_OR_EQUAL(">="),
        LESS("<"),
        GREATER(">");

        final String sign;

        Operator(String sign) {
            this.sign = sign;
        }
    }

    sealed interface Operand {
        record Literal(Json value) implements Operand {}

        record Path(List<Step> steps) implements Operand {}
    }

    private final String text;
    private final List<List<Step>> branches;

    JsonPath(String text, List<List<Step>> branches) {
        this.text = text;
        this.branches = List.copyOf(branches);
    }

    /// Reads a path.
    ///
    /// @throws JsonPathException with the column (from 1) and what was expected there
    public static JsonPath parse(String text) {
        return new JsonPathReader(text).whole();
    }

    /// All values at the path, in document order for each pair of braces.
    ///
    /// @throws JsonPathException when there are more than [#MAX_VALUES]
    public List<Json> all(Json document) {
        var found = new ArrayList<Json>();
        for (var branch : branches) found.addAll(walk(branch, document, document));
        return List.copyOf(found);
    }

    /// The first value at the path; `null` in the document is a value.
    public Optional<Json> first(Json document) {
        return all(document).stream().findFirst();
    }

    /// The path as it was given.
    @Override
    public String toString() {
        return text;
    }

    private List<Json> walk(List<Step> steps, Json start, Json root) {
        var here = List.of(start);
        for (var step : steps) {
            var next = new ArrayList<Json>();
            for (var value : here) {
                step(step, value, root, next);
                if (next.size() > MAX_VALUES) {
                    throw new JsonPathException("jsonpath " + text + " selects more than " + MAX_VALUES + " values");
                }
            }
            here = next;
        }
        return here;
    }

    private void step(Step step, Json value, Json root, List<Json> into) {
        switch (step) {
            case Step.Root _ -> into.add(root);
            case Step.Field(var name) -> value.obj().get(name).ifPresent(into::add);
            case Step.Every _ -> children(value).forEach(into::add);
            case Step.Index(var index) -> {
                var items = value.items();
                int at = index < 0 ? items.size() + index : index;
                if (at >= 0 && at < items.size()) into.add(items.get(at));
            }
            case Step.Slice slice -> slice(slice, value.items(), into);
            case Step.Union(var parts) -> parts.forEach(part -> step(part, value, root, into));
            case Step.Descend _ -> descend(value, into);
            case Step.Filter(var left, var comparison) ->
                value.items().stream()
                        .filter(item -> holds(left, comparison, item, root))
                        .forEach(into::add);
        }
    }

    private static Stream<Json> children(Json value) {
        return switch (value) {
            case Json.Obj(var fields) -> fields.values().stream();
            case Json.Arr(var items) -> items.stream();
            case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> Stream.empty();
        };
    }

    private static void slice(Step.Slice slice, List<Json> items, List<Json> into) {
        int size = items.size();
        int from = Math.clamp(slice.from().map(at -> at < 0 ? size + at : at).orElse(0), 0, size);
        int to = Math.clamp(slice.to().map(at -> at < 0 ? size + at : at).orElse(size), 0, size);
        for (long at = from; at < to; at += slice.stride()) into.add(items.get((int) at));
    }

    private void descend(Json value, List<Json> into) {
        into.add(value);
        if (into.size() > MAX_VALUES) return;
        children(value).forEach(child -> descend(child, into));
    }

    private boolean holds(Operand left, Optional<Comparison> comparison, Json item, Json root) {
        var ours = value(left, item, root);
        if (comparison.isEmpty()) return ours.isPresent();
        var theirs = value(comparison.get().right(), item, root);
        return ours.isPresent()
                && theirs.isPresent()
                && compares(ours.get(), comparison.get().operator(), theirs.get());
    }

    private Optional<Json> value(Operand operand, Json item, Json root) {
        return switch (operand) {
            case Operand.Literal(var value) -> Optional.of(value);
            case Operand.Path(var steps) -> walk(steps, item, root).stream().findFirst();
        };
    }

    private static boolean compares(Json left, Operator operator, Json right) {
        return switch (operator) {
            case EQUAL -> equal(left, right);
            case NOT_EQUAL -> !equal(left, right);
            case LESS -> order(left, right).filter(sign -> sign < 0).isPresent();
            case LESS_OR_EQUAL -> order(left, right).filter(sign -> sign <= 0).isPresent();
            case GREATER -> order(left, right).filter(sign -> sign > 0).isPresent();
            case GREATER_OR_EQUAL ->
                order(left, right).filter(sign -> sign >= 0).isPresent();
        };
    }

    private static boolean equal(Json left, Json right) {
        return order(left, right).map(sign -> sign == 0).orElseGet(() -> left.equals(right));
    }

    private static Optional<Integer> order(Json left, Json right) {
        if (left instanceof Json.Int(var a) && right instanceof Json.Int(var b)) return Optional.of(Long.compare(a, b));
        if (left instanceof Json.Num a && right instanceof Json.Num b) {
            return Optional.of(Double.compare(a.toDouble(), b.toDouble()));
        }
        if (left instanceof Json.Str(var a) && right instanceof Json.Str(var b)) return Optional.of(a.compareTo(b));
        return Optional.empty();
    }
}
