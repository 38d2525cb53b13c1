package dev.sluice.expression;

/// A type as the checker knows it. Names are Go's, because users know them from the original's messages.
public sealed interface Type {

    /// Types without parts.
    enum Basic implements Type {
        /// Nothing is known: anything may be done with it until evaluation.
        UNKNOWN("unknown"),
        /// Declared to be anything: what a JSON array or object holds.
        ANY("interface {}"),
        NIL("nil"),
        BOOL("bool"),
        INT("int"),
        /// What `asInt` answers; calculates as [#INT] and differs in messages only.
        INT64("int64"),
        FLOAT("float64"),
        STRING("string"),
        TIME("time.Time"),
        DURATION("time.Duration"),
        LOCATION("*time.Location");

        private final String goName;

        Basic(String goName) {
            this.goName = goName;
        }

        @Override
        public String goName() {
            return goName;
        }
    }

    /// An array.
    ///
    /// @param element what an item is known to be
    /// @param goName  `[]float64` for what a provider made, `[]interface {}` for what JSON or the language made
    record ArrayOf(Type element, String goName) implements Type {
        /// `[]interface {}`
        public static final Type ANYTHINGS = new ArrayOf(Basic.ANY, "[]interface {}");
    }

    /// A map.
    record MapOf(Type key, Type element) implements Type {
        /// `map[string]interface {}`
        public static final Type OBJECT = new MapOf(Basic.STRING, Basic.ANY);

        @Override
        public String goName() {
            return "map[" + key.goName() + "]" + element.goName();
        }
    }

    /// A function by its name.
    record Function(String name, String goName) implements Type {}

    String goName();

    /// An array made by a literal or a function: Go's type is always the general one.
    static Type listOf(Type element) {
        return new ArrayOf(element, "[]interface {}");
    }

    /// An array whose Go type names its items.
    static Type typedListOf(Basic element) {
        return new ArrayOf(element, "[]" + element.goName());
    }

    default boolean isUnknown() {
        return this == Basic.UNKNOWN || this == Basic.ANY;
    }

    default boolean isInteger() {
        return this == Basic.INT || this == Basic.INT64;
    }

    default boolean isNumber() {
        return isInteger() || this == Basic.FLOAT;
    }

    /// May a value of this type stand where `wanted` is declared? Go's rule.
    default boolean assignableTo(Type wanted) {
        if (wanted.isUnknown()) return true;
        if (this == Basic.NIL) return wanted instanceof ArrayOf || wanted instanceof MapOf;
        return goName().equals(wanted.goName());
    }

    /// May `==` stand between them?
    default boolean comparableTo(Type other) {
        return isUnknown()
                || other.isUnknown()
                || this == Basic.NIL
                || other == Basic.NIL
                || isNumber() && other.isNumber()
                || this instanceof ArrayOf && other instanceof ArrayOf
                || assignableTo(other);
    }
}
