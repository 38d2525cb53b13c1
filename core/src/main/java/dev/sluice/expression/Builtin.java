package dev.sluice.expression;

import java.util.List;
import java.util.Optional;

/// A function: how its arguments are checked before evaluation, and what it does.
///
/// @param goName the type as Go prints it
record Builtin(String name, String goName, Check check, Body body) {

    /// A call as the checker sees it.
    ///
    /// @param at     the name's place
    /// @param types  of the arguments
    /// @param places of the arguments
    record Call(String name, int at, List<Type> types, List<Integer> places) {
        Type type(int argument) {
            return types.get(argument);
        }

        int count() {
            return types.size();
        }

        Fault wrong(String message) {
            return new Fault(at, message);
        }
    }

    /// Answers the type of the call, or throws a [Fault].
    interface Check {
        Type check(Call call);
    }

    /// Answers the value of the call, or throws a [Fault] without a place.
    interface Body {
        Value call(List<Value> arguments, Machine machine);
    }

    /// One declaration of a function.
    record Signature(Type out, List<Type> in) {
        static Signature of(Type out, Type... in) {
            return new Signature(out, List.of(in));
        }

        String goName() {
            var arguments = in.stream().map(Type::goName).toList();
            return "func(" + String.join(", ", arguments) + ") " + out.goName();
        }

        /// What is wrong with a call; empty when it fits.
        Optional<Fault> complaint(Call call) {
            if (call.count() > in.size()) {
                return Optional.of(call.wrong("too many arguments to call " + call.name()));
            }
            if (call.count() < in.size()) {
                return Optional.of(call.wrong("not enough arguments to call " + call.name()));
            }
            for (int i = 0; i < in.size(); i++) {
                var wanted = in.get(i);
                var given = call.type(i);
                if (!fits(given, wanted)) {
                    return Optional.of(new Fault(
                            call.places().get(i),
                            "cannot use " + given.goName() + " as argument (type " + wanted.goName() + ") to call "
                                    + call.name()));
                }
            }
            return Optional.empty();
        }

        private static boolean fits(Type given, Type wanted) {
            if (given == Type.Basic.NIL) return wanted == Type.Basic.ANY;
            return given.isUnknown()
                    || wanted == Type.Basic.FLOAT && given.isInteger()
                    || wanted.isInteger() && given.isInteger()
                    || given.assignableTo(wanted);
        }
    }

    /// A function with these declarations: the first that fits counts, the last one's complaint is shown.
    static Builtin of(String name, Body body, Signature... signatures) {
        return new Builtin(
                name,
                signatures[0].goName(),
                call -> {
                    var complaint = Optional.<Fault>empty();
                    for (var signature : signatures) {
                        complaint = signature.complaint(call);
                        if (complaint.isEmpty()) return signature.out();
                    }
                    throw complaint.orElseThrow();
                },
                body);
    }

    /// A function with a check of its own.
    static Builtin of(String name, Check check, Body body) {
        return new Builtin(name, "func(...interface {}) (interface {}, error)", check, body);
    }
}
