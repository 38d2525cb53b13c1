package dev.sluice.expression;

import dev.sluice.expression.Token.Kind;

/// Cuts a source into tokens, one at a time: the parser meets a bad character only when it gets there,
/// so that the first error reported is the first in the text.
final class Lexer {
    private static final int END = -1;

    private final String source;
    private int at;

    /// Set after `#`: the identifier that follows without a blank is its own token and never an operator (`#index`).
    private boolean afterPointer;

    Lexer(String source) {
        this.source = source;
    }

    Token next() {
        if (afterPointer) {
            afterPointer = false;
            int start = at;
            while (isWord(peek())) advance();
            if (at > start) return new Token(Kind.IDENTIFIER, source.substring(start, at), start);
        }
        skipBlanksAndComments();
        int start = at;
        int c = peek();
        if (c == END) return new Token(Kind.EOF, "", start);
        if (c == '\'' || c == '"') return new Token(Kind.STRING, quoted((char) c), start);
        if (c == '`') return new Token(Kind.STRING, raw(), start);
        if (c >= '0' && c <= '9') return number(start);
        if (c == '.' && isDigit(peekAfter())) return number(start);
        if (isWord(c)) return word(start);
        advance();
        switch (c) {
            case '(', '[', '{', ')', ']', '}' -> {
                return new Token(Kind.BRACKET, source.substring(start, at), start);
            }
            case '#' -> {
                take("#");
                afterPointer = true;
            }
            case '?' -> take(".?");
            case '|' -> take("|");
            case ':' -> take(":");
            case '.' -> take(".");
            case '&', '!', '=', '*', '<', '>' -> take("&=*");
            case ',', ';', '%', '+', '-', '^', '/' -> {}
            default ->
                throw new Fault(
                        start, "unrecognized character: U+%04X '%s'".formatted(c, new String(Character.toChars(c))));
        }
        return new Token(Kind.OPERATOR, source.substring(start, at), start);
    }

    private int peek() {
        return at < source.length() ? source.codePointAt(at) : END;
    }

    private int peekAfter() {
        return at + 1 < source.length() ? source.charAt(at + 1) : END;
    }

    private void advance() {
        at += Character.charCount(source.codePointAt(at));
    }

    private void take(String any) {
        if (peek() != END && any.indexOf(peek()) >= 0) advance();
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    static boolean isWord(int c) {
        return c == '_' || c == '$' || c != END && (Character.isLetter(c) || Character.isDigit(c));
    }

    private void skipBlanksAndComments() {
        while (at < source.length()) {
            char c = source.charAt(at);
            if (Character.isWhitespace(c) || c == '\u0085' || c == '\u00a0') {
                at++;
            } else if (source.startsWith("//", at)) {
                int end = source.indexOf('\n', at);
                at = end < 0 ? source.length() : end + 1;
            } else if (source.startsWith("/*", at)) {
                int end = source.indexOf("*/", at + 2);
                if (end < 0) throw new Fault(source.length(), "unclosed comment");
                at = end + 2;
            } else {
                return;
            }
        }
    }

    private Token word(int start) {
        while (isWord(peek())) advance();
        var word = source.substring(start, at);
        var kind = switch (word) {
            case "not", "in", "or", "and", "matches", "contains", "startsWith", "endsWith", "let", "if", "else" ->
                Kind.OPERATOR;
            default -> Kind.IDENTIFIER;
        };
        return new Token(kind, word, start);
    }

    /// Digits are only gathered here; whether they are a number of 64 bits is the parser's to say.
    private Token number(int start) {
        var digits = "0123456789_";
        if (peek() == '0' && peekAfter() != END) {
            var based = switch (peekAfter()) {
                case 'x', 'X' -> "0123456789abcdefABCDEF_";
                case 'o', 'O' -> "01234567_";
                case 'b', 'B' -> "01_";
                default -> "";
            };
            if (!based.isEmpty()) {
                at += 2;
                digits = based;
            }
        }
        takeAll(digits);
        // One dot is a fraction, two are a range: 1..9
        if (peek() == '.' && peekAfter() == '.') return new Token(Kind.NUMBER, source.substring(start, at), start);
        if (peek() == '.') {
            advance();
            takeAll(digits);
        }
        if (peek() == 'e' || peek() == 'E') {
            advance();
            take("+-");
            takeAll(digits);
        }
        if (isWord(peek())) {
            advance();
            throw new Fault(start, "bad number syntax: " + GoText.quote(source.substring(start, at)));
        }
        return new Token(Kind.NUMBER, source.substring(start, at), start);
    }

    private void takeAll(String any) {
        while (peek() != END && any.indexOf(peek()) >= 0) advance();
    }

    private String raw() {
        int end = source.indexOf('`', at + 1);
        if (end < 0) throw new Fault(at, "literal not terminated");
        var text = source.substring(at + 1, end);
        at = end + 1;
        return text;
    }

    private String quoted(char quote) {
        int start = at++;
        var text = new StringBuilder();
        while (true) {
            int c = peek();
            if (c == END || c == '\n') throw new Fault(start, "literal not terminated");
            advance();
            if (c == quote) return text.toString();
            if (c == '\\') text.appendCodePoint(escape(start));
            else text.appendCodePoint(c);
        }
    }

    private int escape(int start) {
        int c = peek();
        if (c == END) throw new Fault(start, "literal not terminated");
        advance();
        return switch (c) {
            case 'a' -> 7;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 11;
            case '\\', '\'', '"', '`', '?' -> c;
            case 'x', 'X' -> code(2, 16);
            case 'u' -> code(4, 16);
            case 'U' -> code(8, 16);
            case '0', '1', '2', '3' -> {
                at--;
                yield code(3, 8);
            }
            default -> throw new Fault(at - 1, "invalid char escape");
        };
    }

    private int code(int digits, int base) {
        long code = 0;
        for (int i = 0; i < digits; i++) {
            int digit = peek() == END ? -1 : Character.digit(peek(), base);
            if (digit < 0) throw new Fault(at, "invalid char escape");
            code = code * base + digit;
            advance();
        }
        if (!Character.isValidCodePoint((int) code) || code > Character.MAX_CODE_POINT) {
            throw new Fault(at - digits, "invalid char escape");
        }
        return (int) code;
    }
}
