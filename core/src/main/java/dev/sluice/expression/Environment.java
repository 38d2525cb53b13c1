package dev.sluice.expression;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// The values an expression is evaluated with.
///
/// @param result what the provider answered; `isNil` and `default` look at it whatever their argument is
/// @param now    what `now()` answers
/// @param args   further variables by name; each must be declared in [Names] too
public record Environment(Value result, Instant now, SequencedMap<String, Value> args) {
    public Environment {
        args = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(args));
    }

    public Environment(Value result, Instant now) {
        this(result, now, new LinkedHashMap<>());
    }

    Value variable(String name) {
        var arg = args.get(name);
        if (arg != null) return arg;
        return name.equals("result") ? result : Value.Nil.VALUE;
    }
}
