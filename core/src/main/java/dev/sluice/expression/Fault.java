package dev.sluice.expression;

/// An error on its way from the depths of lexer, parser, checker or machine to the one place that turns it into an
/// [ExpressionError]. It never leaves the package, and carries no stack trace because it is not ours but the user's.
final class Fault extends RuntimeException {
    /// Where no place is known: the one who calls the failing operation puts in its own.
    static final int NOWHERE = -1;

    final int position;

    Fault(int position, String message) {
        super(message, null, false, false);
        this.position = position;
    }

    Fault(String message) {
        this(NOWHERE, message);
    }

    /// The words; never absent.
    String words() {
        var message = getMessage();
        return message == null ? "" : message;
    }

    Fault at(int place) {
        return position == NOWHERE ? new Fault(place, words()) : this;
    }
}
