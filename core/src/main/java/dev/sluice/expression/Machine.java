package dev.sluice.expression;

import dev.sluice.expression.Regex.Compilation.Ready;
import dev.sluice.expression.Regex.Compilation.Refused;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// Walks a checked tree once. Every node costs a step and every made item a cell, so that it always
/// ends; the depth of the tree was bounded by the checker.
final class Machine {
    private record Variable(String name, Value value) {}

    /// What `#`, `#index` and `#acc` are at the moment.
    private static final class Scope {
        private final List<Value> items;
        private int index;
        private Value accumulator = Value.Nil.VALUE;

        Scope(List<Value> items) {
            this.items = items;
        }
    }

    private final Environment environment;
    private final Names names;
    private final Meter meter = new Meter();
    private final List<Variable> variables = new ArrayList<>();
    private final List<Scope> scopes = new ArrayList<>();
    private final LinkedHashMap<String, Regex> patterns = new LinkedHashMap<>();

    /// A `?.` met `nil`: everything up to the end of its chain is skipped.
    private boolean cut;

    Machine(Environment environment, Names names) {
        this.environment = environment;
        this.names = names;
    }

    Value run(Node tree) {
        return eval(tree);
    }

    Value result() {
        return environment.result();
    }

    Instant now() {
        return environment.now();
    }

    Meter meter() {
        return meter;
    }

    private Value eval(Node node) {
        try {
            meter.step();
            return value(node);
        } catch (Fault fault) {
            throw fault.at(node.at());
        }
    }

    private Value value(Node node) {
        return switch (node) {
            case Node.Literal(var value, var _) -> value;
            case Node.Name(var name, var _) -> named(name);
            case Node.Unary(var operator, var operand, var _) ->
                switch (operator) {
                    case "-" -> Operations.negate(eval(operand));
                    case "+" -> eval(operand);
                    default -> Value.of(!Builtins.bool(eval(operand)));
                };
            case Node.Binary binary -> binary(binary);
            case Node.Chain(var body, var _) -> {
                var value = eval(body);
                cut = false;
                yield value;
            }
            case Node.Member member -> member(member);
            case Node.Slice slice -> {
                var base = eval(slice.base());
                var to = slice.to().map(this::eval).orElseGet(() -> Value.of(Long.MAX_VALUE));
                var from = slice.from().map(this::eval).orElseGet(() -> Value.of(0L));
                yield Operations.slice(base, from, to, meter);
            }
            case Node.Call call -> call(call);
            case Node.BuiltinCall call -> builtin(call);
            case Node.Predicate(var body, var _) -> eval(body);
            case Node.Pointer(var name, var _) -> {
                var scope = scopes.getLast();
                yield switch (name) {
                    case "index" -> Value.of(scope.index);
                    case "acc" -> scope.accumulator;
                    default -> scope.items.get(scope.index);
                };
            }
            case Node.Let(var name, var value, var body, var _) -> {
                variables.add(new Variable(name, eval(value)));
                var result = eval(body);
                variables.removeLast();
                yield result;
            }
            case Node.Sequence(var nodes, var _) -> {
                var last = Value.Nil.VALUE;
                for (var one : nodes) last = eval(one);
                yield last;
            }
            case Node.Conditional(var condition, var then, var otherwise, var _) ->
                Builtins.bool(eval(condition)) ? eval(then) : eval(otherwise);
            case Node.ArrayLiteral(var items, var _) -> {
                var values = new ArrayList<Value>(items.size());
                for (var item : items) values.add(eval(item));
                meter.cells(values.size());
                yield new Value.Array(values);
            }
            case Node.MapLiteral(var pairs, var _) -> {
                var entries = new LinkedHashMap<Value, Value>();
                for (var pair : pairs) entries.put(Value.of(Builtins.text(eval(pair.key()))), eval(pair.value()));
                meter.cells(entries.size());
                yield new Value.Dict(entries, Type.Basic.STRING, Type.Basic.ANY);
            }
        };
    }

    private Value named(String name) {
        for (var variable : variables.reversed()) {
            if (variable.name().equals(name)) return variable.value();
        }
        if (name.equals("$env")) return everything();
        if (names.variable(name).isPresent()) return environment.variable(name);
        var function = names.function(name).or(() -> Builtins.named(name));
        return new Value.Function(
                name, function.map(Builtin::goName).orElse("func(...interface {}) (interface {}, error)"));
    }

    private Value everything() {
        var entries = new LinkedHashMap<Value, Value>();
        names.variables().forEach((name, _) -> entries.put(Value.of(name), environment.variable(name)));
        return new Value.Dict(entries, Type.Basic.STRING, Type.Basic.ANY);
    }

    private Value binary(Node.Binary node) {
        switch (node.operator()) {
            case "and", "&&" -> {
                return Value.of(Builtins.bool(eval(node.left())) && Builtins.bool(eval(node.right())));
            }
            case "or", "||" -> {
                return Value.of(Builtins.bool(eval(node.left())) || Builtins.bool(eval(node.right())));
            }
            case "??" -> {
                var left = eval(node.left());
                return left.isNil() ? eval(node.right()) : left;
            }
            default -> {}
        }
        var left = eval(node.left());
        var right = eval(node.right());
        return switch (node.operator()) {
            case "==" -> Value.of(Operations.equal(left, right, meter));
            case "!=" -> Value.of(!Operations.equal(left, right, meter));
            case "<", ">", "<=", ">=" -> Value.of(Operations.compare(node.operator(), left, right));
            case "+" -> Operations.add(left, right, meter);
            case "-" -> Operations.subtract(left, right);
            case "*" -> Operations.multiply(left, right);
            case "/" -> Operations.divide(left, right);
            case "%" -> Operations.modulo(left, right);
            case "**", "^" -> Operations.power(left, right);
            case "in" -> Value.of(Operations.in(left, right, meter));
            case ".." -> range(Operations.toInteger(left), Operations.toInteger(right));
            default -> Value.of(onTexts(node.operator(), left, right));
        };
    }

    /// Where either side is `nil` the answer is no, as in the original.
    private boolean onTexts(String operator, Value left, Value right) {
        if (left.isNil() || right.isNil()) return false;
        var text = Builtins.text(left);
        var other = Builtins.text(right);
        return switch (operator) {
            case "contains" -> text.contains(other);
            case "startsWith" -> text.startsWith(other);
            case "endsWith" -> text.endsWith(other);
            default -> pattern(other).find(text, meter::step);
        };
    }

    private Regex pattern(String source) {
        var known = patterns.get(source);
        if (known != null) return known;
        meter.cells(source.length());
        var regex = switch (Regex.compile(source)) {
            case Ready(var ready) -> ready;
            case Refused(var message) -> throw new Fault(message);
        };
        patterns.put(source, regex);
        return regex;
    }

    private Value range(long from, long to) {
        if (to < from) return new Value.Array(List.of(), Type.Basic.INT);
        // The difference of two far apart bounds overflows to a negative number.
        long size = to - from + 1;
        if (size <= 0 || size > Limits.CELLS) throw new Fault("memory budget exceeded");
        meter.cells(size);
        var items = new ArrayList<Value>((int) size);
        for (long i = 0; i < size; i++) items.add(Value.of(from + i));
        return new Value.Array(items, Type.Basic.INT);
    }

    private Value member(Node.Member node) {
        var base = eval(node.base());
        if (cut) return Value.Nil.VALUE;
        if (node.optional() && base.isNil()) {
            cut = true;
            return Value.Nil.VALUE;
        }
        // A property may hold a chain of its own.
        var property = apart(node.property());
        if (property instanceof Value.Text(var name)) {
            var method = Methods.of(base.type(), name);
            if (method.isPresent()) {
                return new Value.Function(
                        base.goType() + "." + name, method.get().goName());
            }
        }
        return Operations.fetch(base, property, meter);
    }

    private Value apart(Node node) {
        boolean before = cut;
        cut = false;
        var value = eval(node);
        cut = before;
        return value;
    }

    private List<Value> arguments(List<Node> nodes) {
        var values = new ArrayList<Value>(nodes.size());
        for (var node : nodes) values.add(apart(node));
        return values;
    }

    private Value call(Node.Call node) {
        if (node.callee() instanceof Node.Member member
                && member.property() instanceof Node.Literal(Value.Text(var name), var _)) {
            var base = eval(member.base());
            if (cut) return Value.Nil.VALUE;
            if (member.optional() && base.isNil()) {
                cut = true;
                return Value.Nil.VALUE;
            }
            var method = Methods.of(base.type(), name);
            if (method.isPresent()) {
                var values = new ArrayList<Value>();
                values.add(base);
                values.addAll(arguments(node.arguments()));
                return called(method.get(), values, 1);
            }
            var held = Operations.fetch(base, Value.of(name), meter);
            throw new Fault(held.goType() + " is not callable");
        }
        var callee = eval(node.callee());
        if (callee instanceof Value.Function(var name, var _)) {
            var function = names.function(name).or(() -> Builtins.named(name));
            if (function.isPresent()) return called(function.get(), arguments(node.arguments()), 0);
        }
        throw new Fault(callee.goType() + " is not callable");
    }

    /// Calls of what was unknown to the checker get its checks now, against the types of the values.
    private Value called(Builtin function, List<Value> values, int receivers) {
        var given = values.subList(receivers, values.size());
        var types = given.stream()
                .map(value -> value.isNil() ? Type.Basic.ANY : value.type())
                .toList();
        var places = given.stream().map(_ -> Fault.NOWHERE).toList();
        function.check().check(new Builtin.Call(function.name(), Fault.NOWHERE, types, places));
        return function.body().call(values, this);
    }

    private Value builtin(Node.BuiltinCall node) {
        var function = Builtins.named(node.name());
        if (function.isPresent()) return function.get().body().call(arguments(node.arguments()), this);

        var collection = apart(node.arguments().getFirst());
        if (!(collection instanceof Value.Array(var items, var _))) {
            var got = collection.isNil() ? "nil" : collection.goType();
            throw new Fault("builtin " + node.name() + " takes only array (got " + got + ")");
        }
        var predicate =
                node.arguments().size() > 1 ? Optional.of(node.arguments().get(1)) : Optional.<Node>empty();
        var scope = new Scope(items);
        scopes.add(scope);
        boolean before = cut;
        cut = false;
        var value = overItems(node, scope, predicate);
        cut = before;
        scopes.removeLast();
        return value;
    }

    private Value overItems(Node.BuiltinCall node, Scope scope, Optional<Node> predicate) {
        int size = scope.items.size();
        return switch (node.name()) {
            case "all" -> Value.of(firstWhere(scope, predicate, false, false) < 0);
            case "any" -> Value.of(firstWhere(scope, predicate, false, true) >= 0);
            case "none" -> Value.of(firstWhere(scope, predicate, false, true) < 0);
            case "one" -> Value.of(countWhere(scope, predicate) == 1);
            case "count" -> Value.of(countWhere(scope, predicate));
            case "find" -> itemAt(scope, firstWhere(scope, predicate, false, true));
            case "findLast" -> itemAt(scope, firstWhere(scope, predicate, true, true));
            case "findIndex" -> place(firstWhere(scope, predicate, false, true));
            case "findLastIndex" -> place(firstWhere(scope, predicate, true, true));
            case "filter" -> {
                var kept = new ArrayList<Value>();
                for (int i = 0; i < size; i++) {
                    if (Builtins.bool(at(scope, i, predicate))) kept.add(scope.items.get(i));
                }
                meter.cells(kept.size());
                yield new Value.Array(kept);
            }
            case "map" -> {
                var mapped = new ArrayList<Value>(size);
                for (int i = 0; i < size; i++) mapped.add(at(scope, i, predicate));
                meter.cells(size);
                yield new Value.Array(mapped);
            }
            case "sum" -> {
                var sum = Value.of(0L);
                for (int i = 0; i < size; i++) sum = Operations.add(sum, at(scope, i, predicate), meter);
                yield sum;
            }
            case "groupBy" -> {
                var groups = new LinkedHashMap<Value, List<Value>>();
                for (int i = 0; i < size; i++) {
                    var key = Operations.hashable(at(scope, i, predicate));
                    groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(scope.items.get(i));
                }
                meter.cells(size + groups.size());
                var entries = new LinkedHashMap<Value, Value>();
                groups.forEach((key, group) -> entries.put(key, new Value.Array(group)));
                yield new Value.Dict(entries, Type.Basic.ANY, Type.ArrayOf.ANYTHINGS);
            }
            case "sortBy" -> {
                var keys = new ArrayList<Value>(size);
                for (int i = 0; i < size; i++) keys.add(at(scope, i, predicate));
                boolean descending = node.arguments().size() > 2
                        && Builtins.descending(outside(node.arguments().get(2)));
                meter.cells(2L * size);
                yield new Value.Array(Builtins.sorted(scope.items, keys, descending, this));
            }
            case "reduce" -> {
                int start = 0;
                if (node.arguments().size() > 2) {
                    scope.accumulator = outside(node.arguments().get(2));
                } else {
                    if (size == 0) throw new Fault("reduce of empty array with no initial value");
                    scope.accumulator = scope.items.getFirst();
                    start = 1;
                }
                for (int i = start; i < size; i++) scope.accumulator = at(scope, i, predicate);
                yield scope.accumulator;
            }
            default -> throw new Fault("unknown builtin " + node.name());
        };
    }

    /// An argument after the predicate: the item in hand is not its `#`.
    private Value outside(Node node) {
        var inner = scopes.removeLast();
        var value = eval(node);
        scopes.add(inner);
        return value;
    }

    private Value at(Scope scope, int index, Optional<Node> predicate) {
        meter.step();
        scope.index = index;
        return predicate.isPresent() ? eval(predicate.get()) : scope.items.get(index);
    }

    private long countWhere(Scope scope, Optional<Node> predicate) {
        long count = 0;
        for (int i = 0; i < scope.items.size(); i++) {
            if (Builtins.bool(at(scope, i, predicate))) count++;
        }
        return count;
    }

    /// The first place, or the last, where the predicate answers as wanted; -1 for none.
    private int firstWhere(Scope scope, Optional<Node> predicate, boolean fromTheEnd, boolean wanted) {
        int size = scope.items.size();
        for (int i = 0; i < size; i++) {
            int place = fromTheEnd ? size - 1 - i : i;
            if (Builtins.bool(at(scope, place, predicate)) == wanted) return place;
        }
        return -1;
    }

    private static Value itemAt(Scope scope, int place) {
        return place < 0 ? Value.Nil.VALUE : scope.items.get(place);
    }

    private static Value place(int at) {
        return at < 0 ? Value.Nil.VALUE : Value.of(at);
    }
}
