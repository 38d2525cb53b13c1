package dev.sluice.expression;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/// What an expression may refer to besides the built-in functions.
///
/// @param variables names and their types; a name hides a built-in function of the same name
/// @param functions which of Argo's own functions there are
public record Names(SequencedMap<String, Type> variables, Functions functions) {

    /// Argo's own functions.
    public enum Functions {
        /// None.
        NONE,
        /// `isNaN` and `isInf`: the times of a range query.
        TIME,
        /// Also `asInt`, `asFloat`, `isNil` and `default`: conditions.
        CONDITION
    }

    public Names {
        variables = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(variables));
    }

    /// The names of a condition over a provider's result. The original checks against the type of the
    /// result at hand, so `result[0] == "up"` is refused for an array of floats and false for a JSON
    /// array.
    public static Names condition(Value result) {
        var variables = new LinkedHashMap<String, Type>();
        variables.put("result", result.type());
        return new Names(variables, Functions.CONDITION);
    }

    /// The names of a condition over a result of which nothing is known yet.
    static Names condition() {
        var variables = new LinkedHashMap<String, Type>();
        variables.put("result", Type.Basic.UNKNOWN);
        return new Names(variables, Functions.CONDITION);
    }

    /// The names of a time expression, `start` and `end` of a Prometheus range query.
    public static Names time() {
        return new Names(new LinkedHashMap<>(), Functions.TIME);
    }

    /// Just the language.
    public static Names none() {
        return new Names(new LinkedHashMap<>(), Functions.NONE);
    }

    /// These and one variable more.
    public Names with(String name, Type type) {
        var copy = new LinkedHashMap<>(variables);
        copy.put(name, type);
        return new Names(copy, functions);
    }

    Optional<Type> variable(String name) {
        return Optional.ofNullable(variables.get(name));
    }

    Optional<Builtin> function(String name) {
        return Builtins.provider(name, functions);
    }
}
