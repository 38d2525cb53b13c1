package dev.sluice.expression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntPredicate;

/// Regular expressions in the syntax of RE2, as Go's `regexp` has them, that answer whether a text contains a match.
///
/// A text is run through the states of the automaton side by side (Thompson 1968; Cox, "Regular
/// Expression Matching Can Be Simple And Fast"), so the time is bounded by text × pattern: `(a+)+$`
/// cannot hang a controller. What RE2 refuses (look-around, back-references, possessive repetition) is
/// refused with RE2's words.
public final class Regex {
    private static final int MOST_STATES = 20_000;
    private static final int MOST_REPEATS = 1_000;
    private static final int DEEPEST = 200;
    private static final int MOST_CLASSES = 64;

    private enum Kind {
        ONE,
        SPLIT,
        JUMP,
        TEXT_START,
        TEXT_END,
        LINE_START,
        LINE_END,
        WORD_EDGE,
        NO_WORD_EDGE,
        MATCH
    }

    /// A state: `ONE` consumes a code point that `accepts` takes; the others move on without consuming.
    private record State(Kind kind, IntPredicate accepts, int to, int or) {}

    private final String pattern;
    private final List<State> states;

    private Regex(String pattern, List<State> states) {
        this.pattern = pattern;
        this.states = states;
    }

    /// A pattern that was read, or the error.
    public sealed interface Compilation {
        record Ready(Regex regex) implements Compilation {}

        /// @param message as Go words it: "error parsing regexp: missing closing ): `(a`"
        record Refused(String message) implements Compilation {}
    }

    public static Compilation compile(String pattern) {
        try {
            return new Compilation.Ready(new Regex(pattern, new Reader(pattern).program()));
        } catch (Fault fault) {
            return new Compilation.Refused("error parsing regexp: " + fault.words());
        }
    }

    /// Does the text contain a match?
    public boolean find(String text) {
        return find(text, () -> {});
    }

    /// @param step run for each state visited; may throw to end the search
    boolean find(String text, Runnable step) {
        var now = new Threads(states.size());
        var next = new Threads(states.size());
        int at = 0;
        int before = -1;
        while (true) {
            int here = at < text.length() ? text.codePointAt(at) : -1;
            if (follow(0, now, before, here, step)) return true;
            next.clear();
            int after = here < 0 ? at : at + Character.charCount(here);
            int beyond = after < text.length() ? text.codePointAt(after) : -1;
            if (here < 0) return false;
            for (int i = 0; i < now.size; i++) {
                step.run();
                var state = states.get(now.ids[i]);
                if (state.kind == Kind.ONE && state.accepts.test(here) && follow(state.to, next, here, beyond, step))
                    return true;
            }
            var swap = now;
            now = next;
            next = swap;
            at = after;
            before = here;
        }
    }

    /// Adds all states that can be reached from one without consuming; true when the match is among them.
    private boolean follow(int start, Threads into, int before, int here, Runnable step) {
        into.push(start);
        while (into.pending > 0) {
            step.run();
            int id = into.pop();
            if (!into.add(id)) continue;
            var state = states.get(id);
            boolean open = switch (state.kind) {
                case MATCH -> {
                    into.pending = 0;
                    yield true;
                }
                case ONE -> false;
                case SPLIT, JUMP -> true;
                case TEXT_START -> before < 0;
                case TEXT_END -> here < 0;
                case LINE_START -> before < 0 || before == '\n';
                case LINE_END -> here < 0 || here == '\n';
                case WORD_EDGE -> isWord(before) != isWord(here);
                case NO_WORD_EDGE -> isWord(before) == isWord(here);
            };
            if (state.kind == Kind.MATCH) return true;
            if (!open) continue;
            if (state.kind == Kind.SPLIT) into.push(state.or);
            into.push(state.to);
        }
        return false;
    }

    private static boolean isWord(int c) {
        return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    @Override
    public String toString() {
        return pattern;
    }

    /// A set of state numbers with a stack of those still to be followed; emptied in constant time.
    private static final class Threads {
        private final int[] ids;
        private final int[] place;
        private int[] stack;
        private int size;
        private int pending;

        Threads(int states) {
            ids = new int[states];
            place = new int[states];
            stack = new int[16];
        }

        boolean add(int id) {
            int at = place[id];
            if (at < size && ids[at] == id) return false;
            place[id] = size;
            ids[size++] = id;
            return true;
        }

        void push(int id) {
            if (pending == stack.length) stack = Arrays.copyOf(stack, 2 * pending);
            stack[pending++] = id;
        }

        int pop() {
            return stack[--pending];
        }

        void clear() {
            size = 0;
        }
    }

    /// What a pattern says, before it becomes states.
    private sealed interface Part {
        record Empty() implements Part {}

        record One(IntPredicate accepts) implements Part {}

        record Edge(Kind kind) implements Part {}

        record Both(List<Part> parts) implements Part {}

        record Either(List<Part> parts) implements Part {}

        /// @param most -1 for no end
        record Repeat(Part part, int least, int most) implements Part {}
    }

    /// Reads a pattern.
    private static final class Reader {
        private final String pattern;
        private int at;
        private int depth;
        private boolean ignoreCase;
        private boolean multiLine;
        private boolean dotAll;

        private final ArrayList<State> states = new ArrayList<>();

        Reader(String pattern) {
            this.pattern = pattern;
        }

        List<State> program() {
            var whole = either();
            if (at < pattern.length()) throw new Fault("unexpected ): `" + pattern + "`");
            emit(whole);
            add(Kind.MATCH, _ -> false, 0, 0);
            return List.copyOf(states);
        }

        private boolean more() {
            return at < pattern.length();
        }

        private boolean looking(String text) {
            return pattern.startsWith(text, at);
        }

        private int take() {
            int c = pattern.codePointAt(at);
            at += Character.charCount(c);
            return c;
        }

        private Part either() {
            if (++depth > DEEPEST) throw new Fault("expression nests too deeply: `" + pattern + "`");
            var all = new ArrayList<Part>();
            all.add(both());
            while (looking("|")) {
                at++;
                all.add(both());
            }
            depth--;
            return all.size() == 1 ? all.getFirst() : new Part.Either(all);
        }

        private Part both() {
            var all = new ArrayList<Part>();
            while (more() && !looking("|") && !looking(")")) {
                if (looking("\\Q")) {
                    literal(all);
                    continue;
                }
                var part = one();
                if (part.isEmpty()) continue;
                all.add(repeated(part.get()));
            }
            return all.isEmpty() ? new Part.Empty() : all.size() == 1 ? all.getFirst() : new Part.Both(all);
        }

        private void literal(List<Part> all) {
            at += 2;
            while (more() && !looking("\\E")) {
                Part part = new Part.One(exactly(take()));
                all.add(part);
            }
            if (looking("\\E")) at += 2;
        }

        private Part repeated(Part part) {
            if (!more()) return part;
            int sign = at;
            int least;
            int most;
            switch (pattern.charAt(at)) {
                case '*' -> {
                    at++;
                    least = 0;
                    most = -1;
                }
                case '+' -> {
                    at++;
                    least = 1;
                    most = -1;
                }
                case '?' -> {
                    at++;
                    least = 0;
                    most = 1;
                }
                case '{' -> {
                    var bounds = bounds();
                    if (bounds.isEmpty()) return part;
                    least = bounds.get()[0];
                    most = bounds.get()[1];
                    if (least > MOST_REPEATS || most > MOST_REPEATS || most >= 0 && least > most) {
                        throw new Fault("invalid repeat count: `" + pattern.substring(sign, at) + "`");
                    }
                }
                default -> {
                    return part;
                }
            }
            if (looking("?")) at++; // lazy or greedy: the same texts match
            if (more() && "*+?".indexOf(pattern.charAt(at)) >= 0 || looking("{") && isBounds()) {
                int end = looking("{") ? pattern.indexOf('}', at) + 1 : at + 1;
                throw new Fault("invalid nested repetition operator: `" + pattern.substring(sign, end) + "`");
            }
            return new Part.Repeat(part, least, most);
        }

        private boolean isBounds() {
            int here = at;
            boolean are = bounds().isPresent();
            at = here;
            return are;
        }

        /// `{2}`, `{2,}`, `{2,5}`; a brace that starts none of them is a character.
        private Optional<int[]> bounds() {
            int start = at;
            at++;
            var least = count();
            var most = least;
            if (looking(",")) {
                at++;
                most = looking("}") ? Optional.of(-1) : count();
            }
            if (least.isEmpty() || most.isEmpty() || !looking("}")) {
                at = start;
                return Optional.empty();
            }
            at++;
            return Optional.of(new int[] {least.get(), most.get()});
        }

        private Optional<Integer> count() {
            int start = at;
            int value = 0;
            while (more() && Character.digit(pattern.charAt(at), 10) >= 0 && pattern.charAt(at) < 128) {
                value = Math.min(100_000, value * 10 + pattern.charAt(at++) - '0');
            }
            return at == start ? Optional.empty() : Optional.of(value);
        }

        /// One atom; empty for a group that only sets flags.
        private Optional<Part> one() {
            int start = at;
            int c = take();
            return switch (c) {
                case '(' -> group(start);
                case '[' -> Optional.of(new Part.One(set(start)));
                case '.' -> {
                    boolean all = dotAll;
                    yield Optional.of(new Part.One(x -> all || x != '\n'));
                }
                case '^' -> Optional.of(new Part.Edge(multiLine ? Kind.LINE_START : Kind.TEXT_START));
                case '$' -> Optional.of(new Part.Edge(multiLine ? Kind.LINE_END : Kind.TEXT_END));
                case '\\' -> Optional.of(escaped(start));
                case '*', '+', '?' ->
                    throw new Fault("missing argument to repetition operator: `" + Character.toString(c) + "`");
                case '{' -> {
                    at = start;
                    if (isBounds()) {
                        throw new Fault("missing argument to repetition operator: `"
                                + pattern.substring(start, pattern.indexOf('}', start) + 1) + "`");
                    }
                    at = start + 1;
                    yield Optional.of(new Part.One(exactly(c)));
                }
                default -> Optional.of(new Part.One(exactly(c)));
            };
        }

        private Optional<Part> group(int start) {
            boolean oldCase = ignoreCase;
            boolean oldLine = multiLine;
            boolean oldDot = dotAll;
            if (looking("?")) {
                if (looking("?P<") || looking("?<") && !looking("?<=") && !looking("?<!")) {
                    name(start);
                } else if (flags(start)) {
                    return Optional.empty();
                }
            }
            var inner = either();
            if (!looking(")")) throw new Fault("missing closing ): `" + pattern + "`");
            at++;
            ignoreCase = oldCase;
            multiLine = oldLine;
            dotAll = oldDot;
            return Optional.of(inner);
        }

        private void name(int start) {
            int from = pattern.indexOf('<', at) + 1;
            int end = pattern.indexOf('>', from);
            if (end < 0) throw new Fault("invalid named capture: `" + pattern.substring(start) + "`");
            var name = pattern.substring(from, end);
            if (name.isEmpty() || !name.chars().allMatch(Regex::isWord)) {
                throw new Fault("invalid named capture: `" + pattern.substring(start, end + 1) + "`");
            }
            at = end + 1;
        }

        /// After `(`: reads `?i-s:` or `?i-s)`; true for the latter, which is no group.
        private boolean flags(int start) {
            at++;
            boolean on = true;
            boolean any = false;
            while (more()) {
                int c = take();
                switch (c) {
                    case 'i' -> {
                        ignoreCase = on;
                        any = true;
                    }
                    case 'm' -> {
                        multiLine = on;
                        any = true;
                    }
                    case 's' -> {
                        dotAll = on;
                        any = true;
                    }
                    case 'U' -> any = true;
                    case '-' -> {
                        if (!on) throw perl(start);
                        on = false;
                        any = false;
                    }
                    case ':', ')' -> {
                        if (!on && !any) throw perl(start);
                        return c == ')';
                    }
                    default -> throw perl(start);
                }
            }
            throw new Fault("missing closing ): `" + pattern + "`");
        }

        private Fault perl(int start) {
            return new Fault("invalid or unsupported Perl syntax: `" + pattern.substring(start, at) + "`");
        }

        private IntPredicate exactly(int c) {
            if (!ignoreCase || !Character.isLetter(c)) return x -> x == c;
            int folded = fold(c);
            return x -> fold(x) == folded;
        }

        private static int fold(int c) {
            return Character.toLowerCase(Character.toUpperCase(c));
        }

        private Part escaped(int start) {
            if (!more()) throw new Fault("trailing backslash at end of expression: ``");
            return switch (pattern.charAt(at)) {
                case 'A' -> edge(Kind.TEXT_START);
                case 'z' -> edge(Kind.TEXT_END);
                case 'b' -> edge(Kind.WORD_EDGE);
                case 'B' -> edge(Kind.NO_WORD_EDGE);
                default -> {
                    var members = perlClass(start);
                    yield new Part.One(members.isPresent() ? members.get() : exactly(character(start)));
                }
            };
        }

        private Part edge(Kind kind) {
            at++;
            return new Part.Edge(kind);
        }

        /// At the character after a backslash: `d`, `W`, `pL`, `P{Greek}`, …
        private Optional<IntPredicate> perlClass(int start) {
            char c = pattern.charAt(at);
            var members = switch (c) {
                case 'd', 'D' -> Optional.<IntPredicate>of(x -> x >= '0' && x <= '9');
                case 's', 'S' ->
                    Optional.<IntPredicate>of(x -> x == ' ' || x == '\t' || x == '\n' || x == '\f' || x == '\r');
                case 'w', 'W' -> Optional.<IntPredicate>of(Regex::isWord);
                case 'p', 'P' -> Optional.of(unicode(start));
                default -> Optional.<IntPredicate>empty();
            };
            if (members.isPresent() && c != 'p' && c != 'P') at++;
            return Character.isUpperCase(c) ? members.map(IntPredicate::negate) : members;
        }

        private IntPredicate unicode(int start) {
            at++;
            if (!more()) throw new Fault("invalid character class range: `" + pattern.substring(start) + "`");
            String name;
            if (looking("{")) {
                int end = pattern.indexOf('}', at);
                if (end < 0) throw new Fault("invalid character class range: `" + pattern.substring(start) + "`");
                name = pattern.substring(at + 1, end);
                at = end + 1;
            } else {
                name = Character.toString(take());
            }
            boolean not = name.startsWith("^");
            var wanted = not ? name.substring(1) : name;
            var category = GeneralCategory.of(wanted);
            IntPredicate members;
            if (wanted.equals("Any")) {
                members = _ -> true;
            } else if (category.isPresent()) {
                members = category.get();
            } else {
                try {
                    var script = Character.UnicodeScript.forName(wanted.toUpperCase(Locale.ROOT));
                    members = x -> Character.isValidCodePoint(x) && Character.UnicodeScript.of(x) == script;
                } catch (IllegalArgumentException unknown) {
                    throw new Fault("invalid character class range: `" + pattern.substring(start, at) + "`");
                }
            }
            return not ? members.negate() : members;
        }

        /// At the character after a backslash: the one it stands for.
        private int character(int start) {
            int c = take();
            if (c < 128 && !isWord(c) || c == '_') return c;
            return switch (c) {
                case 'a' -> 7;
                case 'f' -> '\f';
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'v' -> 11;
                case '1', '2', '3', '4', '5', '6', '7' -> {
                    if (!more() || pattern.charAt(at) < '0' || pattern.charAt(at) > '7') throw badEscape(start);
                    yield octal(c - '0');
                }
                case '0' -> octal(0);
                case 'x' -> hex(start);
                default -> throw badEscape(start);
            };
        }

        private int octal(int first) {
            int value = first;
            for (int i = 0; i < 2 && more() && pattern.charAt(at) >= '0' && pattern.charAt(at) <= '7'; i++) {
                value = value * 8 + pattern.charAt(at++) - '0';
            }
            return value;
        }

        private int hex(int start) {
            int end = looking("{") ? pattern.indexOf('}', at) : at + 2;
            int from = looking("{") ? at + 1 : at;
            if (end < from + 1 || end > pattern.length() || end - from > 8) throw badEscape(start);
            int value = 0;
            for (int i = from; i < end; i++) {
                int digit = Character.digit(pattern.charAt(i), 16);
                if (digit < 0 || value > Character.MAX_CODE_POINT) throw badEscape(start);
                value = value * 16 + digit;
            }
            if (value > Character.MAX_CODE_POINT || value < 0) throw badEscape(start);
            at = looking("{") ? end + 1 : end;
            return value;
        }

        private Fault badEscape(int start) {
            return new Fault(
                    "invalid escape sequence: `" + pattern.substring(start, Math.min(at, pattern.length())) + "`");
        }

        /// After `[`: what the brackets hold.
        private IntPredicate set(int start) {
            boolean not = looking("^");
            if (not) at++;
            var classes = new ArrayList<IntPredicate>();
            var ranges = new ArrayList<int[]>();
            boolean first = true;
            while (first || !looking("]")) {
                if (!more()) throw new Fault("missing closing ]: `" + pattern.substring(start) + "`");
                first = false;
                var named = namedSet();
                if (named.isPresent()) {
                    classes.add(named.get());
                } else {
                    var perl = perlClassHere();
                    if (perl.isPresent()) classes.add(perl.get());
                    else ranges.add(range());
                }
                if (classes.size() > MOST_CLASSES) throw new Fault("expression too large: `" + pattern + "`");
            }
            at++;
            var members = members(classes, ranges, ignoreCase);
            return not ? members.negate() : members;
        }

        private Optional<IntPredicate> perlClassHere() {
            if (!looking("\\") || at + 1 >= pattern.length()) return Optional.empty();
            int slash = at++;
            var perl = perlClass(slash);
            if (perl.isEmpty()) at = slash;
            return perl;
        }

        private int[] range() {
            int from = at;
            int low = member();
            if (!looking("-") || at + 1 >= pattern.length() || pattern.charAt(at + 1) == ']') {
                return new int[] {low, low};
            }
            at++;
            int high = member();
            if (high < low) throw new Fault("invalid character class range: `" + pattern.substring(from, at) + "`");
            return new int[] {low, high};
        }

        /// Ranges are searched by halves, so that a long class costs no more than a short one.
        private static IntPredicate members(List<IntPredicate> classes, List<int[]> unsorted, boolean anyCase) {
            var ranges = new ArrayList<>(unsorted);
            ranges.sort((a, b) -> Integer.compare(a[0], b[0]));
            var lows = new int[ranges.size()];
            var highs = new int[ranges.size()];
            int size = 0;
            for (var range : ranges) {
                if (size > 0 && range[0] <= highs[size - 1]) {
                    highs[size - 1] = Math.max(highs[size - 1], range[1]);
                } else {
                    lows[size] = range[0];
                    highs[size++] = range[1];
                }
            }
            int used = size;
            IntPredicate inRange = x -> {
                int place = Arrays.binarySearch(lows, 0, used, x);
                int before = place >= 0 ? place : -place - 2;
                return before >= 0 && x <= highs[before];
            };
            var known = List.copyOf(classes);
            return x -> {
                if (inRange.test(x)) return true;
                if (anyCase && (inRange.test(Character.toLowerCase(x)) || inRange.test(Character.toUpperCase(x))))
                    return true;
                for (var members : known) if (members.test(x)) return true;
                return false;
            };
        }

        private static boolean within(int x, int low, int high) {
            return x >= low && x <= high;
        }

        private int member() {
            if (!more()) throw new Fault("missing closing ]: `" + pattern + "`");
            int start = at;
            int c = take();
            if (c != '\\') return c;
            if (!more()) throw new Fault("trailing backslash at end of expression: ``");
            return character(start);
        }

        private Optional<IntPredicate> namedSet() {
            if (!looking("[:")) return Optional.empty();
            int end = pattern.indexOf(":]", at + 2);
            if (end < 0) return Optional.empty();
            var name = pattern.substring(at + 2, end);
            boolean not = name.startsWith("^");
            IntPredicate members = switch (not ? name.substring(1) : name) {
                case "alnum" -> x -> isWord(x) && x != '_';
                case "alpha" -> x -> within(x, 'a', 'z') || within(x, 'A', 'Z');
                case "ascii" -> x -> within(x, 0, 127);
                case "blank" -> x -> x == ' ' || x == '\t';
                case "cntrl" -> x -> within(x, 0, 31) || x == 127;
                case "digit" -> x -> within(x, '0', '9');
                case "graph" -> x -> within(x, '!', '~');
                case "lower" -> x -> within(x, 'a', 'z');
                case "print" -> x -> within(x, ' ', '~');
                case "punct" -> x -> within(x, '!', '~') && (!isWord(x) || x == '_');
                case "space" -> x -> within(x, '\t', '\r') || x == ' ';
                case "upper" -> x -> within(x, 'A', 'Z');
                case "word" -> Regex::isWord;
                case "xdigit" -> x -> Character.digit(x, 16) >= 0 && x < 128;
                default -> throw new Fault("invalid character class range: `" + pattern.substring(at, end + 2) + "`");
            };
            at = end + 2;
            return Optional.of(not ? members.negate() : members);
        }

        private int add(Kind kind, IntPredicate accepts, int to, int or) {
            if (states.size() >= MOST_STATES) throw new Fault("expression too large: `" + pattern + "`");
            states.add(new State(kind, accepts, to, or));
            return states.size() - 1;
        }

        private void aim(int state, int to, int or) {
            var old = states.get(state);
            states.set(state, new State(old.kind, old.accepts, to, or));
        }

        /// Appends the states of a part; they end at the state appended next.
        private void emit(Part part) {
            switch (part) {
                case Part.Empty() -> {}
                case Part.One(var accepts) -> {
                    int state = add(Kind.ONE, accepts, 0, 0);
                    aim(state, state + 1, 0);
                }
                case Part.Edge(var kind) -> {
                    int state = add(kind, _ -> false, 0, 0);
                    aim(state, state + 1, 0);
                }
                case Part.Both(var parts) -> parts.forEach(this::emit);
                case Part.Either(var parts) -> {
                    var ends = new ArrayList<Integer>();
                    for (int i = 0; i < parts.size(); i++) {
                        boolean last = i == parts.size() - 1;
                        int split = last ? -1 : add(Kind.SPLIT, _ -> false, 0, 0);
                        emit(parts.get(i));
                        if (!last) {
                            ends.add(add(Kind.JUMP, _ -> false, 0, 0));
                            aim(split, split + 1, states.size());
                        }
                    }
                    for (int end : ends) aim(end, states.size(), 0);
                }
                case Part.Repeat(var inner, var least, var most) -> {
                    for (int i = 0; i < least; i++) {
                        int before = states.size();
                        emit(inner);
                        if (states.size() == before) break; // an empty part repeats to nothing, however often
                    }
                    if (most < 0) {
                        int split = add(Kind.SPLIT, _ -> false, 0, 0);
                        emit(inner);
                        add(Kind.JUMP, _ -> false, split, 0);
                        aim(split, split + 1, states.size());
                    }
                    var splits = new ArrayList<Integer>();
                    for (int i = least; i < most; i++) {
                        splits.add(add(Kind.SPLIT, _ -> false, 0, 0));
                        emit(inner);
                    }
                    for (int split : splits) aim(split, split + 1, states.size());
                }
            }
        }
    }

    /// Unicode's general categories by their short names.
    private static final class GeneralCategory {
        private GeneralCategory() {}

        static Optional<IntPredicate> of(String name) {
            var types = switch (name) {
                case "L" -> "Lu Ll Lt Lm Lo";
                case "M" -> "Mn Mc Me";
                case "N" -> "Nd Nl No";
                case "P" -> "Pc Pd Ps Pe Pi Pf Po";
                case "S" -> "Sm Sc Sk So";
                case "Z" -> "Zs Zl Zp";
                case "C" -> "Cc Cf Cs Co";
                default -> name;
            };
            long wanted = 0;
            for (var type : types.split(" ", -1)) {
                int bit = bit(type);
                if (bit < 0) return Optional.empty();
                wanted |= 1L << bit;
            }
            long all = wanted;
            return Optional.of(x -> Character.isValidCodePoint(x) && (all >> Character.getType(x) & 1) == 1);
        }

        private static int bit(String name) {
            return switch (name) {
                case "Lu" -> Character.UPPERCASE_LETTER;
                case "Ll" -> Character.LOWERCASE_LETTER;
                case "Lt" -> Character.TITLECASE_LETTER;
                case "Lm" -> Character.MODIFIER_LETTER;
                case "Lo" -> Character.OTHER_LETTER;
                case "Mn" -> Character.NON_SPACING_MARK;
                case "Mc" -> Character.COMBINING_SPACING_MARK;
                case "Me" -> Character.ENCLOSING_MARK;
                case "Nd" -> Character.DECIMAL_DIGIT_NUMBER;
                case "Nl" -> Character.LETTER_NUMBER;
                case "No" -> Character.OTHER_NUMBER;
                case "Pc" -> Character.CONNECTOR_PUNCTUATION;
                case "Pd" -> Character.DASH_PUNCTUATION;
                case "Ps" -> Character.START_PUNCTUATION;
                case "Pe" -> Character.END_PUNCTUATION;
                case "Pi" -> Character.INITIAL_QUOTE_PUNCTUATION;
                case "Pf" -> Character.FINAL_QUOTE_PUNCTUATION;
                case "Po" -> Character.OTHER_PUNCTUATION;
                case "Sm" -> Character.MATH_SYMBOL;
                case "Sc" -> Character.CURRENCY_SYMBOL;
                case "Sk" -> Character.MODIFIER_SYMBOL;
                case "So" -> Character.OTHER_SYMBOL;
                case "Zs" -> Character.SPACE_SEPARATOR;
                case "Zl" -> Character.LINE_SEPARATOR;
                case "Zp" -> Character.PARAGRAPH_SEPARATOR;
                case "Cc" -> Character.CONTROL;
                case "Cf" -> Character.FORMAT;
                case "Cs" -> Character.SURROGATE;
                case "Co" -> Character.PRIVATE_USE;
                default -> -1;
            };
        }
    }
}
