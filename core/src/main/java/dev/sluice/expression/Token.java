package dev.sluice.expression;

/// A word of the source.
///
/// @param text a string's content without quotes and escapes, otherwise the characters as written
/// @param at   offset in the source
record Token(Kind kind, String text, int at) {
    enum Kind {
        IDENTIFIER("Identifier"),
        NUMBER("Number"),
        STRING("String"),
        OPERATOR("Operator"),
        BRACKET("Bracket"),
        EOF("EOF");

        private final String shown;

        Kind(String shown) {
            this.shown = shown;
        }
    }

    boolean is(Kind wanted) {
        return kind == wanted;
    }

    boolean is(Kind wanted, String value) {
        return kind == wanted && text.equals(value);
    }

    boolean isOperator(String value) {
        return is(Kind.OPERATOR, value);
    }

    boolean isBracket(String value) {
        return is(Kind.BRACKET, value);
    }

    /// As it stands in "unexpected token Operator(",")".
    @Override
    public String toString() {
        return text.isEmpty() ? kind.shown : kind.shown + "(" + GoText.quote(text) + ")";
    }
}
