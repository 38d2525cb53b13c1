package dev.sluice.expression;

import static dev.sluice.expression.Type.ArrayOf.ANYTHINGS;
import static dev.sluice.expression.Type.Basic.ANY;
import static dev.sluice.expression.Type.Basic.BOOL;
import static dev.sluice.expression.Type.Basic.DURATION;
import static dev.sluice.expression.Type.Basic.FLOAT;
import static dev.sluice.expression.Type.Basic.INT;
import static dev.sluice.expression.Type.Basic.LOCATION;
import static dev.sluice.expression.Type.Basic.NIL;
import static dev.sluice.expression.Type.Basic.STRING;
import static dev.sluice.expression.Type.Basic.TIME;
import static dev.sluice.expression.Type.Basic.UNKNOWN;

import dev.sluice.expression.Regex.Compilation.Ready;
import dev.sluice.expression.Regex.Compilation.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds before any evaluation what can never work: unknown names, operators between types that have
/// none, wrong arguments. What a type cannot tell (the inside of a JSON result) is left to the
/// evaluation.
final class Checker {
    /// A tree may share nodes (`a < b < c` has `b` twice), so nodes are not visits.
    private static final int MOST_VISITS = 20 * Limits.NODES;

    private record Variable(String name, Type type) {}

    /// What `#`, `#index` and `#acc` are within a predicate.
    private record Scope(Type collection, boolean hasIndex, boolean hasAccumulator) {}

    private final Names names;
    private final List<Variable> variables = new ArrayList<>();
    private final List<Scope> scopes = new ArrayList<>();
    private int depth;
    private int visits;

    Checker(Names names) {
        this.names = names;
    }

    Type check(Node node) {
        if (++visits > MOST_VISITS) {
            throw new Fault(node.at(), "compilation failed: expression exceeds maximum allowed nodes");
        }
        if (++depth > Limits.DEPTH) throw Parser.tooDeep(node.at());
        var type = switch (node) {
            case Node.Literal(var value, var _) -> value.type();
            case Node.Name name -> name(name);
            case Node.Unary unary -> unary(unary);
            case Node.Binary binary -> binary(binary);
            case Node.Chain(var body, var _) -> check(body);
            case Node.Member member -> member(member);
            case Node.Slice slice -> slice(slice);
            case Node.Call call -> call(call);
            case Node.BuiltinCall call -> builtin(call);
            case Node.Predicate(var body, var _) -> check(body);
            case Node.Pointer pointer -> pointer(pointer);
            case Node.Let let -> let(let);
            case Node.Sequence(var nodes, var _) -> {
                Type last = NIL;
                for (var one : nodes) last = check(one);
                yield last;
            }
            case Node.Conditional conditional -> conditional(conditional);
            case Node.ArrayLiteral(var items, var _) -> array(items);
            case Node.MapLiteral(var pairs, var _) -> {
                for (var pair : pairs) {
                    check(pair.key());
                    check(pair.value());
                }
                yield Type.MapOf.OBJECT;
            }
        };
        depth--;
        return type;
    }

    private Type name(Node.Name node) {
        for (var variable : variables.reversed()) {
            if (variable.name().equals(node.name())) return variable.type();
        }
        if (node.name().equals("$env")) return UNKNOWN;
        var known = environment(node.name());
        if (known.isPresent()) return known.get();
        if (Builtins.isBuiltin(node.name())) {
            var goName = Builtins.named(node.name())
                    .map(Builtin::goName)
                    .orElse("func(...interface {}) (interface {}, error)");
            return new Type.Function(node.name(), goName);
        }
        throw new Fault(node.at(), "unknown name " + node.name());
    }

    private Optional<Type> environment(String name) {
        var variable = names.variable(name);
        if (variable.isPresent()) return variable;
        return names.function(name).map(function -> new Type.Function(name, function.goName()));
    }

    private Type unary(Node.Unary node) {
        var type = check(node.operand());
        boolean negation = node.operator().equals("!") || node.operator().equals("not");
        if (negation && (type == BOOL || type.isUnknown())) return BOOL;
        if (!negation && type.isNumber()) return type;
        if (!negation && type.isUnknown()) return UNKNOWN;
        throw new Fault(
                node.at(), "invalid operation: " + node.operator() + " (mismatched type " + type.goName() + ")");
    }

    private Type binary(Node.Binary node) {
        var l = check(node.left());
        var r = check(node.right());
        var found = switch (node.operator()) {
            case "==", "!=" -> when(l.comparableTo(r), BOOL);
            case "or", "||", "and", "&&" -> when(l == BOOL && r == BOOL || maybe(l, r, BOOL), BOOL);
            case "<", ">", "<=", ">=" ->
                when(
                        l.isNumber() && r.isNumber()
                                || same(l, r, STRING, TIME, DURATION)
                                || maybe(l, r, FLOAT, STRING, TIME, DURATION),
                        BOOL);
            case "+" -> plus(l, r);
            case "-" -> minus(l, r);
            case "*" -> times(l, r);
            case "/", "**", "^" -> when(l.isNumber() && r.isNumber() || maybe(l, r, FLOAT), FLOAT);
            case "%" -> when(l.isInteger() && r.isInteger() || maybe(l, r, INT), INT);
            case ".." -> when(l.isInteger() && r.isInteger() || maybe(l, r, INT), Type.listOf(INT));
            case "in" -> in(node, l, r);
            case "matches" -> {
                if (node.right() instanceof Node.Literal(Value.Text(var pattern), var _)) {
                    switch (Regex.compile(pattern)) {
                        case Ready _ -> {}
                        case Refused(var message) -> throw new Fault(node.at(), message);
                    }
                }
                yield when(l == STRING && r == STRING || maybe(l, r, STRING), BOOL);
            }
            case "contains", "startsWith", "endsWith" -> when(l == STRING && r == STRING || maybe(l, r, STRING), BOOL);
            case "??" -> Optional.of(coalesced(l, r));
            default -> throw new Fault(node.at(), "unknown operator (" + node.operator() + ")");
        };
        if (found.isPresent()) return found.get();
        throw new Fault(
                node.at(),
                "invalid operation: " + node.operator() + " (mismatched types " + l.goName() + " and " + r.goName()
                        + ")");
    }

    private static Optional<Type> when(boolean fits, Type type) {
        return fits ? Optional.of(type) : Optional.empty();
    }

    private static boolean same(Type l, Type r, Type.Basic... of) {
        for (var type : of) {
            if (l == type && r == type) return true;
        }
        return false;
    }

    /// At least one side is unknown and the other may be one of these; [Type.Basic#FLOAT] stands for any number.
    private static boolean maybe(Type l, Type r, Type.Basic... of) {
        if (l.isUnknown() && r.isUnknown()) return true;
        if (!l.isUnknown() && !r.isUnknown()) return false;
        var known = l.isUnknown() ? r : l;
        for (var type : of) {
            if (known == type || type == FLOAT && known.isNumber() || type == INT && known.isInteger()) return true;
        }
        return false;
    }

    private static Type number(Type l, Type r) {
        return l == FLOAT || r == FLOAT ? FLOAT : INT;
    }

    private static Optional<Type> plus(Type l, Type r) {
        if (l.isNumber() && r.isNumber()) return Optional.of(number(l, r));
        if (l == STRING && r == STRING) return Optional.of(STRING);
        if (l == TIME && r == DURATION || l == DURATION && r == TIME) return Optional.of(TIME);
        if (l == DURATION && r == DURATION) return Optional.of(DURATION);
        return when(maybe(l, r, FLOAT, STRING, TIME, DURATION), UNKNOWN);
    }

    private static Optional<Type> minus(Type l, Type r) {
        if (l.isNumber() && r.isNumber()) return Optional.of(number(l, r));
        if (l == TIME && r == TIME || l == DURATION && r == DURATION) return Optional.of(DURATION);
        if (l == TIME && r == DURATION) return Optional.of(TIME);
        return when(maybe(l, r, FLOAT, TIME, DURATION), UNKNOWN);
    }

    private static Optional<Type> times(Type l, Type r) {
        if (l.isNumber() && r.isNumber()) return Optional.of(number(l, r));
        boolean durations = (l == DURATION || l.isNumber()) && (r == DURATION || r.isNumber());
        if (durations) return Optional.of(DURATION);
        return when(maybe(l, r, FLOAT, DURATION), UNKNOWN);
    }

    private static Optional<Type> in(Node.Binary node, Type l, Type r) {
        return switch (r) {
            case Type.MapOf(var key, var _) -> {
                if (l.isUnknown() || l == NIL || l.assignableTo(key)) yield Optional.of(BOOL);
                throw new Fault(node.at(), "cannot use " + l.goName() + " as type " + key.goName() + " in map key");
            }
            case Type.ArrayOf(var element, var _) -> {
                if (l.comparableTo(element)) yield Optional.of(BOOL);
                throw new Fault(node.at(), "cannot use " + l.goName() + " as type " + element.goName() + " in array");
            }
            case Type.Basic basic -> when(basic.isUnknown() || l.isUnknown() && basic == STRING, BOOL);
            case Type.Function _ -> Optional.empty();
        };
    }

    private static Type coalesced(Type l, Type r) {
        if (l == NIL) return r;
        if (r == NIL || r.assignableTo(l)) return l;
        return UNKNOWN;
    }

    private Type member(Node.Member node) {
        var constant = node.property() instanceof Node.Literal(Value.Text(var text), var _)
                ? Optional.of(text)
                : Optional.<String>empty();
        if (node.base() instanceof Node.Name(var base, var _) && base.equals("$env") && !isVariable("$env")) {
            if (constant.isEmpty()) {
                check(node.property());
                return UNKNOWN;
            }
            var known = environment(constant.get());
            if (known.isPresent()) return known.get();
            if (node.optional()) return UNKNOWN;
            throw new Fault(node.at(), "unknown name " + constant.get());
        }
        var base = check(node.base());
        var property = check(node.property());
        if (base.isUnknown()) return UNKNOWN;
        if (constant.isPresent()) {
            if (base == NIL) throw new Fault(node.at(), "type nil has no field " + constant.get());
            if (base == TIME || base == DURATION || base == LOCATION) {
                var method = Methods.of(base, constant.get());
                if (method.isPresent()) {
                    return new Type.Function(
                            base.goName() + "." + constant.get(), method.get().goName());
                }
            }
        }
        if (base instanceof Type.MapOf map) {
            if (property.isUnknown() || property.assignableTo(map.key())) return map.element();
            throw new Fault(
                    node.property().at(),
                    "cannot use " + property.goName() + " to get an element from " + map.goName());
        }
        if (base instanceof Type.ArrayOf(var element, var _)) {
            if (property.isUnknown() || property.isInteger()) return element;
            throw new Fault(
                    node.property().at(),
                    "array elements can only be selected using an integer (got " + property.goName() + ")");
        }
        if (constant.isPresent()) {
            var what = node.called() ? " has no method " : " has no field ";
            throw new Fault(node.at(), "type " + base.goName() + what + constant.get());
        }
        throw new Fault(node.at(), "type " + base.goName() + "[" + property.goName() + "] is undefined");
    }

    private boolean isVariable(String name) {
        return variables.stream().anyMatch(variable -> variable.name().equals(name));
    }

    private Type slice(Node.Slice node) {
        var base = check(node.base());
        boolean known = !base.isUnknown();
        if (known && base != STRING && !(base instanceof Type.ArrayOf)) {
            throw new Fault(node.at(), "cannot slice " + base.goName());
        }
        node.from().ifPresent(from -> bound(from, known));
        node.to().ifPresent(to -> bound(to, known));
        return known ? base : UNKNOWN;
    }

    private void bound(Node bound, boolean known) {
        var type = check(bound);
        if (known && !type.isInteger() && !type.isUnknown()) {
            throw new Fault(bound.at(), "non-integer slice index " + type.goName());
        }
    }

    private Type call(Node.Call node) {
        var callee = check(node.callee());
        var seen = seen(nameOf(node.callee()), node.at(), node.arguments());
        if (callee.isUnknown()) return UNKNOWN;
        if (callee == NIL) {
            throw new Fault(node.at(), nameOf(node.callee()) + " is nil; cannot call nil as function");
        }
        if (callee instanceof Type.Function(var name, var _)) {
            var function = names.function(name).or(() -> Methods.named(name)).or(() -> Builtins.named(name));
            if (function.isPresent()) return function.get().check().check(seen);
        }
        throw new Fault(node.at(), callee.goName() + " is not callable");
    }

    private static String nameOf(Node callee) {
        return switch (callee) {
            case Node.Name(var name, var _) -> name;
            case Node.Member(var _, Node.Literal(Value.Text(var name), var _), var _, var _, var _) -> name;
            default -> "function";
        };
    }

    private Builtin.Call seen(String name, int at, List<Node> arguments) {
        var types = new ArrayList<Type>();
        var places = new ArrayList<Integer>();
        for (var argument : arguments) {
            types.add(check(argument));
            places.add(argument.at());
        }
        return new Builtin.Call(name, at, types, places);
    }

    private Type builtin(Node.BuiltinCall node) {
        if (Builtins.predicateShape(node.name()).isEmpty()) {
            if (node.name().equals("get")
                    && node.arguments().size() == 2
                    && node.arguments().getFirst() instanceof Node.Name(var base, var _)
                    && base.equals("$env")
                    && node.arguments().get(1) instanceof Node.Literal(Value.Text(var name), var _)) {
                return environment(name).orElse(UNKNOWN);
            }
            var function = Builtins.named(node.name()).orElseThrow();
            return function.check().check(seen(node.name(), node.at(), node.arguments()));
        }
        var collection = check(node.arguments().getFirst());
        if (!(collection instanceof Type.ArrayOf) && !collection.isUnknown()) {
            throw new Fault(
                    node.arguments().getFirst().at(),
                    "builtin " + node.name() + " takes only array (got " + collection.goName() + ")");
        }
        var element = collection instanceof Type.ArrayOf(var inner, var _) ? inner : UNKNOWN;
        if (node.arguments().size() == 1) return node.name().equals("count") ? INT : element;

        boolean reduce = node.name().equals("reduce");
        scopes.add(new Scope(collection, reduce || node.name().equals("map"), reduce));
        var predicate = check(node.arguments().get(1));
        scopes.removeLast();
        if (node.arguments().size() == 3) check(node.arguments().get(2));
        if (predicate == NIL && !reduce) {
            throw new Fault(node.arguments().get(1).at(), "predicate should has one input and one output param");
        }
        boolean wantsBool = switch (node.name()) {
            case "all", "none", "any", "one", "filter", "count", "find", "findLast", "findIndex", "findLastIndex" ->
                true;
            default -> false;
        };
        if (wantsBool && predicate != BOOL && !predicate.isUnknown()) {
            throw new Fault(
                    node.arguments().get(1).at(), "predicate should return boolean (got " + predicate.goName() + ")");
        }
        return switch (node.name()) {
            case "all", "none", "any", "one" -> BOOL;
            case "count", "findIndex", "findLastIndex" -> INT;
            case "filter" -> collection.isUnknown() ? ANYTHINGS : Type.listOf(element);
            case "map" -> Type.listOf(predicate);
            case "find", "findLast" -> element;
            case "groupBy" -> new Type.MapOf(ANY, Type.listOf(element));
            case "sortBy" -> collection;
            default -> predicate; // sum and reduce
        };
    }

    private Type pointer(Node.Pointer node) {
        if (scopes.isEmpty()) throw new Fault(node.at(), "cannot use pointer accessor outside predicate");
        var scope = scopes.getLast();
        if (node.name().isEmpty()) {
            return scope.collection() instanceof Type.ArrayOf(var element, var _) ? element : UNKNOWN;
        }
        if (node.name().equals("index") && scope.hasIndex()) return INT;
        if (node.name().equals("acc") && scope.hasAccumulator()) return UNKNOWN;
        throw new Fault(node.at(), "unknown pointer #" + node.name());
    }

    private Type let(Node.Let node) {
        if (environment(node.name()).isPresent()) throw new Fault(node.at(), "cannot redeclare " + node.name());
        if (Builtins.isBuiltin(node.name())) throw new Fault(node.at(), "cannot redeclare builtin " + node.name());
        if (isVariable(node.name())) throw new Fault(node.at(), "cannot redeclare variable " + node.name());
        var value = check(node.value());
        variables.add(new Variable(node.name(), value));
        var body = check(node.body());
        variables.removeLast();
        return body;
    }

    private Type conditional(Node.Conditional node) {
        var condition = check(node.condition());
        if (condition != BOOL && !condition.isUnknown()) {
            throw new Fault(
                    node.condition().at(), "non-bool expression (type " + condition.goName() + ") used as condition");
        }
        var then = check(node.then());
        var otherwise = check(node.otherwise());
        if (then == NIL) return otherwise;
        if (otherwise == NIL) return then;
        if (!then.assignableTo(otherwise)) return UNKNOWN;
        if (then instanceof Type.ArrayOf(var one, var _) && otherwise instanceof Type.ArrayOf(var other, var _)) {
            if (!one.assignableTo(other) || !other.assignableTo(one)) return ANYTHINGS;
        }
        return then;
    }

    private Type array(List<Node> items) {
        var element = Optional.<Type>empty();
        boolean alike = true;
        for (var item : items) {
            var type = check(item);
            if (element.isPresent() && !element.get().goName().equals(type.goName())) alike = false;
            element = Optional.of(type);
        }
        return alike ? Type.listOf(element.orElse(UNKNOWN)) : ANYTHINGS;
    }
}
