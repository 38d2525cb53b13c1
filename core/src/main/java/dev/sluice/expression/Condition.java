package dev.sluice.expression;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The two conditions of a metric and the verdict they give on a measured value.
///
/// | success | failure | verdict |
/// |---|---|---|
/// | – | – | Successful |
/// | set | – | true: Successful, false: Failed |
/// | – | set | true: Failed, false: Successful |
/// | set | set | failure true: Failed; else success true: Successful; else Inconclusive |
///
/// @param success `successCondition`; an empty text is none
/// @param failure `failureCondition`; an empty text is none
public record Condition(Optional<String> success, Optional<String> failure) {

    /// What a measurement came to.
    public enum Verdict {
        SUCCESSFUL,
        FAILED,
        INCONCLUSIVE,
        ERROR
    }

    /// @param message why, for [Verdict#ERROR]; otherwise empty
    public record Outcome(Verdict verdict, String message) {
        private static Outcome of(Verdict verdict) {
            return new Outcome(verdict, "");
        }
    }

    public Condition {
        success = success.filter(text -> !text.isEmpty());
        failure = failure.filter(text -> !text.isEmpty());
    }

    /// A text that no value can be judged by.
    ///
    /// @param which `successCondition` or `failureCondition`
    /// @param source the text
    /// @param cause what is wrong, in the original's words, and where: line, column and a caret in the text
    public record Flaw(String which, String source, String cause) {
        @Override
        public String toString() {
            return "%s \"%s\" can judge nothing: %s".formatted(which, source, cause);
        }
    }

    /// What would be an error whatever the provider answers: known before anything is measured.
    public List<Flaw> flaws() {
        var flaws = new ArrayList<Flaw>();
        success.flatMap(text -> flaw("successCondition", text)).ifPresent(flaws::add);
        failure.flatMap(text -> flaw("failureCondition", text)).ifPresent(flaws::add);
        return flaws;
    }

    private static Optional<Flaw> flaw(String which, String source) {
        return switch (Expression.compile(source, Names.condition())) {
            case ExpressionError error -> Optional.of(new Flaw(which, source, error.line(source)));
            case Compiled compiled ->
                mayHold(compiled.type())
                        ? Optional.empty()
                        : Optional.of(new Flaw(
                                which,
                                source,
                                "expected bool, but got " + compiled.type().goName()));
        };
    }

    private static boolean mayHold(Type type) {
        return type == Type.Basic.BOOL || type == Type.Basic.UNKNOWN || type == Type.Basic.ANY;
    }

    /// Judges a value; the message of an error is the one Argo Rollouts stores in the measurement.
    ///
    /// @param result what the provider answered
    /// @param now    what `now()` answers
    public Outcome judge(Value result, Instant now) {
        boolean good = false;
        boolean bad = false;
        if (success.isPresent()) {
            switch (holds(success.get(), result, now)) {
                case Answer.Yes(var yes) -> good = yes;
                case Answer.Broken(var cause) -> {
                    return error("successCondition", success.get(), result, cause);
                }
            }
        }
        if (failure.isPresent()) {
            switch (holds(failure.get(), result, now)) {
                case Answer.Yes(var yes) -> bad = yes;
                case Answer.Broken(var cause) -> {
                    return error("failureCondition", failure.get(), result, cause);
                }
            }
        }
        if (failure.isPresent() && bad) return Outcome.of(Verdict.FAILED);
        if (success.isEmpty() || good) return Outcome.of(Verdict.SUCCESSFUL);
        return Outcome.of(failure.isPresent() ? Verdict.INCONCLUSIVE : Verdict.FAILED);
    }

    private sealed interface Answer {
        record Yes(boolean yes) implements Answer {}

        record Broken(String cause) implements Answer {}
    }

    private static Answer holds(String source, Value result, Instant now) {
        return switch (Expression.compile(source, Names.condition(result))) {
            case ExpressionError error -> new Answer.Broken(error.message());
            case Compiled compiled ->
                switch (compiled.evaluate(new Environment(result, now))) {
                    case Result.Of(Value.Bool(var yes)) -> new Answer.Yes(yes);
                    case Result.Of(var other) ->
                        new Answer.Broken("expected bool, but got " + compiled.goTypeOf(other));
                    case ExpressionError error -> new Answer.Broken(error.message());
                };
        };
    }

    private static Outcome error(String which, String source, Value result, String cause) {
        boolean empty = result.isNil() || result instanceof Value.Array(var items, var _) && items.isEmpty();
        var told = empty ? "metric result is nil or empty: no data returned from the metric provider" : cause;
        return new Outcome(Verdict.ERROR, "could not evaluate " + which + " \"" + source + "\": " + told);
    }

    /// The time a `start` or `end` of a Prometheus range query stands for.
    ///
    /// @return the time, or the error: also an expression that gives something else is one
    public static Moment moment(String source, Instant now) {
        return switch (Expression.evaluate(source, Names.time(), new Environment(Value.Nil.VALUE, now))) {
            case Result.Of(Value.Time(var at)) -> new Moment.At(at.toInstant());
            case Result.Of(var other) -> new Moment.None("expected time.Time, but got " + other.goType());
            case ExpressionError error -> new Moment.None(error.message());
        };
    }

    /// A time, or why there is none.
    public sealed interface Moment {
        record At(Instant at) implements Moment {}

        record None(String message) implements Moment {}
    }
}
