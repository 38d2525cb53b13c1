package dev.sluice.expression;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Month;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Times as Go's `time` package reads and prints them: a layout is the reference time *Mon Jan 2
/// 15:04:05 MST 2006* written the wanted way.
final class GoTime {
    static final String RFC3339 = "2006-01-02T15:04:05Z07:00";
    static final String RFC3339_NANO = "2006-01-02T15:04:05.999999999Z07:00";
    private static final String SHOWN = "2006-01-02 15:04:05.999999999 -0700 MST";
    private static final int LONGEST = 1_000;

    /// The layouts `date` tries, in this order, when it is given none.
    static final List<String> USUAL = List.of(
            "2006-01-02",
            "15:04:05",
            "2006-01-02 15:04:05",
            RFC3339,
            "02 Jan 06 15:04 MST",
            "Monday, 02-Jan-06 15:04:05 MST",
            "Mon, 02 Jan 2006 15:04:05 MST");

    private GoTime() {}

    private enum Field {
        LITERAL,
        MONTH_NAME,
        MONTH_SHORT,
        MONTH,
        MONTH_2,
        WEEKDAY_NAME,
        WEEKDAY_SHORT,
        DAY,
        DAY_BLANK,
        DAY_2,
        YEAR_DAY_BLANK,
        YEAR_DAY_3,
        HOUR_24,
        HOUR,
        HOUR_2,
        MINUTE,
        MINUTE_2,
        SECOND,
        SECOND_2,
        YEAR,
        YEAR_2,
        PM,
        PM_SMALL,
        ZONE_NAME,
        OFFSET,
        FRACTION,
        FRACTION_SHORT
    }

    /// A piece of a layout as written.
    private record Piece(Field field, String text) {}

    /// In the order in which they must be tried: a longer one before its beginning.
    private static final List<Piece> KNOWN = List.of(
            new Piece(Field.MONTH_NAME, "January"),
            new Piece(Field.MONTH_SHORT, "Jan"),
            new Piece(Field.WEEKDAY_NAME, "Monday"),
            new Piece(Field.WEEKDAY_SHORT, "Mon"),
            new Piece(Field.ZONE_NAME, "MST"),
            new Piece(Field.YEAR_DAY_3, "002"),
            new Piece(Field.MONTH_2, "01"),
            new Piece(Field.DAY_2, "02"),
            new Piece(Field.HOUR_2, "03"),
            new Piece(Field.MINUTE_2, "04"),
            new Piece(Field.SECOND_2, "05"),
            new Piece(Field.YEAR_2, "06"),
            new Piece(Field.HOUR_24, "15"),
            new Piece(Field.MONTH, "1"),
            new Piece(Field.YEAR, "2006"),
            new Piece(Field.DAY, "2"),
            new Piece(Field.YEAR_DAY_BLANK, "__2"),
            new Piece(Field.DAY_BLANK, "_2"),
            new Piece(Field.HOUR, "3"),
            new Piece(Field.MINUTE, "4"),
            new Piece(Field.SECOND, "5"),
            new Piece(Field.PM, "PM"),
            new Piece(Field.PM_SMALL, "pm"),
            new Piece(Field.OFFSET, "-07:00:00"),
            new Piece(Field.OFFSET, "-070000"),
            new Piece(Field.OFFSET, "-07:00"),
            new Piece(Field.OFFSET, "-0700"),
            new Piece(Field.OFFSET, "-07"),
            new Piece(Field.OFFSET, "Z07:00:00"),
            new Piece(Field.OFFSET, "Z070000"),
            new Piece(Field.OFFSET, "Z07:00"),
            new Piece(Field.OFFSET, "Z0700"),
            new Piece(Field.OFFSET, "Z07"));

    private static List<Piece> pieces(String layout) {
        var pieces = new ArrayList<Piece>();
        var literal = new StringBuilder();
        int at = 0;
        while (at < layout.length()) {
            var piece = pieceAt(layout, at);
            if (piece.isEmpty()) {
                literal.append(layout.charAt(at++));
                continue;
            }
            if (!literal.isEmpty()) pieces.add(new Piece(Field.LITERAL, literal.toString()));
            literal.setLength(0);
            pieces.add(piece.get());
            at += piece.get().text().length();
        }
        if (!literal.isEmpty()) pieces.add(new Piece(Field.LITERAL, literal.toString()));
        return pieces;
    }

    private static Optional<Piece> pieceAt(String layout, int at) {
        char c = layout.charAt(at);
        if ((c == '.' || c == ',') && at + 1 < layout.length()) return fractionAt(layout, at);
        for (var known : KNOWN) {
            if (!layout.startsWith(known.text(), at)) continue;
            boolean shortName = known.field() == Field.MONTH_SHORT || known.field() == Field.WEEKDAY_SHORT;
            int after = at + known.text().length();
            if (shortName && after < layout.length() && Character.isLowerCase(layout.charAt(after))) continue;
            // "_2006" is an underscore before a year.
            if (known.field() == Field.DAY_BLANK && layout.startsWith("_2006", at)) return Optional.empty();
            return Optional.of(known);
        }
        return Optional.empty();
    }

    private static Optional<Piece> fractionAt(String layout, int at) {
        char digit = layout.charAt(at + 1);
        if (digit != '0' && digit != '9') return Optional.empty();
        int end = at + 1;
        while (end < layout.length() && layout.charAt(end) == digit) end++;
        if (end < layout.length() && isDigit(layout.charAt(end))) return Optional.empty();
        return Optional.of(new Piece(digit == '0' ? Field.FRACTION : Field.FRACTION_SHORT, layout.substring(at, end)));
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    /// A zone by its name in the time zone database.
    ///
    /// @throws Fault when there is none
    static ZoneId zone(String name) {
        if (name.isEmpty() || name.equals("UTC") || name.equals("Local")) return ZoneOffset.UTC;
        try {
            if (!name.contains("..") && Character.isLetter(name.charAt(0))) return ZoneId.of(name);
        } catch (DateTimeException unknown) {
            // told below
        }
        throw new Fault("unknown time zone " + name);
    }

    static String zoneName(ZoneId id) {
        return id.equals(ZoneOffset.UTC) ? "UTC" : id.getId();
    }

    /// As Go's `Time.String`.
    static String shown(ZonedDateTime at) {
        return format(at, SHOWN);
    }

    static String format(ZonedDateTime at, String layout) {
        var out = new StringBuilder();
        for (var piece : pieces(layout)) {
            switch (piece.field()) {
                case LITERAL -> out.append(piece.text());
                case MONTH_NAME -> out.append(at.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH));
                case MONTH_SHORT -> out.append(at.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH), 0, 3);
                case MONTH -> out.append(at.getMonthValue());
                case MONTH_2 -> padded(out, at.getMonthValue(), 2, '0');
                case WEEKDAY_NAME -> out.append(at.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH));
                case WEEKDAY_SHORT ->
                    out.append(at.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH), 0, 3);
                case DAY -> out.append(at.getDayOfMonth());
                case DAY_BLANK -> padded(out, at.getDayOfMonth(), 2, ' ');
                case DAY_2 -> padded(out, at.getDayOfMonth(), 2, '0');
                case YEAR_DAY_BLANK -> padded(out, at.getDayOfYear(), 3, ' ');
                case YEAR_DAY_3 -> padded(out, at.getDayOfYear(), 3, '0');
                case HOUR_24 -> padded(out, at.getHour(), 2, '0');
                case HOUR -> out.append(hour12(at));
                case HOUR_2 -> padded(out, hour12(at), 2, '0');
                case MINUTE -> out.append(at.getMinute());
                case MINUTE_2 -> padded(out, at.getMinute(), 2, '0');
                case SECOND -> out.append(at.getSecond());
                case SECOND_2 -> padded(out, at.getSecond(), 2, '0');
                case YEAR -> {
                    if (at.getYear() < 0) out.append('-');
                    padded(out, Math.abs(at.getYear()), 4, '0');
                }
                case YEAR_2 -> padded(out, Math.floorMod(at.getYear(), 100), 2, '0');
                case PM -> out.append(at.getHour() >= 12 ? "PM" : "AM");
                case PM_SMALL -> out.append(at.getHour() >= 12 ? "pm" : "am");
                case ZONE_NAME -> out.append(abbreviation(at));
                case OFFSET -> offset(out, at.getOffset().getTotalSeconds(), piece.text());
                case FRACTION, FRACTION_SHORT -> fraction(out, at.getNano(), piece);
            }
        }
        return out.toString();
    }

    private static int hour12(ZonedDateTime at) {
        int hour = at.getHour() % 12;
        return hour == 0 ? 12 : hour;
    }

    private static void padded(StringBuilder out, int value, int width, char with) {
        var digits = Integer.toString(value);
        out.repeat(with, Math.max(0, width - digits.length())).append(digits);
    }

    private static String abbreviation(ZonedDateTime at) {
        if (at.getZone() instanceof ZoneOffset fixed) {
            if (fixed.equals(ZoneOffset.UTC)) return "UTC";
            var out = new StringBuilder();
            offset(out, fixed.getTotalSeconds(), fixed.getTotalSeconds() % 3600 == 0 ? "-07" : "-0700");
            return out.toString();
        }
        return java.time.format.DateTimeFormatter.ofPattern("zzz", Locale.ENGLISH)
                .format(at);
    }

    private static void offset(StringBuilder out, int seconds, String as) {
        if (as.startsWith("Z") && seconds == 0) {
            out.append('Z');
            return;
        }
        int whole = Math.abs(seconds);
        out.append(seconds < 0 ? '-' : '+');
        padded(out, whole / 3600, 2, '0');
        var colon = as.contains(":") ? ":" : "";
        int digits = as.replace(":", "").length() - 1;
        if (digits >= 4) {
            out.append(colon);
            padded(out, whole / 60 % 60, 2, '0');
        }
        if (digits >= 6) {
            out.append(colon);
            padded(out, whole % 60, 2, '0');
        }
    }

    private static void fraction(StringBuilder out, int nanos, Piece piece) {
        int width = piece.text().length() - 1;
        var digits = "%09d".formatted(nanos);
        digits = width <= 9 ? digits.substring(0, width) : digits + "0".repeat(width - 9);
        if (piece.field() == Field.FRACTION_SHORT) {
            int end = digits.length();
            while (end > 0 && digits.charAt(end - 1) == '0') end--;
            digits = digits.substring(0, end);
        }
        if (!digits.isEmpty()) out.append(piece.text().charAt(0)).append(digits);
    }

    /// Reads a time.
    ///
    /// @param zone where the time is when the text does not say
    /// @throws Fault worded as Go's `ParseError`
    static ZonedDateTime parse(String layout, String text, ZoneId zone) {
        if (text.length() > LONGEST || layout.length() > LONGEST) throw new Fault("time text too long");
        return new Reader(layout, text).read(zone);
    }

    /// Reads one text by one layout.
    private static final class Reader {
        private final String layout;
        private final String text;
        private String rest;

        private int year;
        private int month = -1;
        private int day = -1;
        private int yearDay = -1;
        private int hour;
        private int minute;
        private int second;
        private int nano;
        private boolean pm;
        private boolean am;
        private Optional<ZoneOffset> offset = Optional.empty();

        Reader(String layout, String text) {
            this.layout = layout;
            this.text = text;
            this.rest = text;
        }

        ZonedDateTime read(ZoneId zone) {
            var pieces = pieces(layout);
            for (int i = 0; i < pieces.size(); i++) {
                var next = i + 1 < pieces.size() ? Optional.of(pieces.get(i + 1)) : Optional.<Piece>empty();
                read(pieces.get(i), next);
            }
            if (!rest.isEmpty()) {
                throw new Fault("parsing time " + GoText.quote(text) + ": extra text: " + GoText.quote(rest));
            }
            if (pm && hour < 12) hour += 12;
            if (am && hour == 12) hour = 0;
            var date = date();
            var local =
                    LocalDateTime.of(date.getYear(), date.getMonth(), date.getDayOfMonth(), hour, minute, second, nano);
            return offset.map(fixed -> inZone(local, fixed, zone)).orElseGet(() -> local.atZone(zone));
        }

        /// Go keeps the named zone when it has the offset the text names.
        private static ZonedDateTime inZone(LocalDateTime local, ZoneOffset fixed, ZoneId zone) {
            var at = local.atOffset(fixed);
            return zone.getRules().getOffset(at.toInstant()).equals(fixed)
                    ? at.atZoneSameInstant(zone)
                    : at.toZonedDateTime();
        }

        private LocalDate date() {
            try {
                if (yearDay >= 0) {
                    var date = LocalDate.ofYearDay(year, yearDay);
                    if (month >= 0 && month != date.getMonthValue()) throw range("day-of-year does not match month");
                    if (day >= 0 && day != date.getDayOfMonth()) throw range("day-of-year does not match day");
                    return date;
                }
                return LocalDate.of(year, Math.max(1, month), day < 0 ? 1 : day);
            } catch (DateTimeException outOfRange) {
                throw range(yearDay >= 0 ? "day-of-year out of range" : "day out of range");
            }
        }

        private Fault range(String problem) {
            return new Fault("parsing time " + GoText.quote(text) + ": " + problem);
        }

        private Fault bad(Piece piece, String from) {
            return new Fault("parsing time " + GoText.quote(text) + " as " + GoText.quote(layout) + ": cannot parse "
                    + GoText.quote(from) + " as " + GoText.quote(piece.text()));
        }

        private void read(Piece piece, Optional<Piece> next) {
            switch (piece.field()) {
                case LITERAL -> literal(piece);
                case YEAR -> {
                    if (rest.length() < 4 || !rest.chars().limit(4).allMatch(GoTime::isDigit)) throw bad(piece, rest);
                    year = digits(4);
                }
                case YEAR_2 -> {
                    year = number(piece, 2, 2);
                    year += year >= 69 ? 1900 : 2000;
                }
                case MONTH_NAME -> month = 1 + name(piece, TextStyle.FULL, true);
                case MONTH_SHORT -> month = 1 + name(piece, TextStyle.SHORT, true);
                case MONTH -> month = bounded(number(piece, 1, 2), 1, 12, "month");
                case MONTH_2 -> month = bounded(number(piece, 2, 2), 1, 12, "month");
                case WEEKDAY_NAME -> name(piece, TextStyle.FULL, false);
                case WEEKDAY_SHORT -> name(piece, TextStyle.SHORT, false);
                case DAY -> day = number(piece, 1, 2);
                case DAY_2 -> day = number(piece, 2, 2);
                case DAY_BLANK -> {
                    if (rest.startsWith(" ")) rest = rest.substring(1);
                    day = number(piece, 1, 2);
                }
                case YEAR_DAY_BLANK -> {
                    while (rest.startsWith(" ")) rest = rest.substring(1);
                    yearDay = number(piece, 1, 3);
                }
                case YEAR_DAY_3 -> yearDay = number(piece, 3, 3);
                case HOUR_24 -> hour = bounded(number(piece, 1, 2), 0, 23, "hour");
                case HOUR -> hour = bounded(number(piece, 1, 2), 0, 12, "hour");
                case HOUR_2 -> hour = bounded(number(piece, 2, 2), 0, 12, "hour");
                case MINUTE -> minute = bounded(number(piece, 1, 2), 0, 59, "minute");
                case MINUTE_2 -> minute = bounded(number(piece, 2, 2), 0, 59, "minute");
                case SECOND -> second(piece, 1, next);
                case SECOND_2 -> second(piece, 2, next);
                case PM -> half(piece, "PM", "AM");
                case PM_SMALL -> half(piece, "pm", "am");
                case ZONE_NAME -> zoneName(piece);
                case OFFSET -> offset(piece);
                case FRACTION -> {
                    int length = piece.text().length();
                    if (rest.length() < length || rest.charAt(0) != '.' && rest.charAt(0) != ',') {
                        throw bad(piece, rest);
                    }
                    fraction(piece, length);
                }
                case FRACTION_SHORT -> {
                    if (startsFraction()) fraction(piece, fractionLength());
                }
            }
        }

        private void literal(Piece piece) {
            var left = piece.text();
            while (!left.isEmpty()) {
                if (left.startsWith(" ")) {
                    // A blank of the layout stands for any number of blanks of the text.
                    if (!rest.isEmpty() && !rest.startsWith(" ")) throw bad(new Piece(Field.LITERAL, left), rest);
                    left = left.stripLeading();
                    rest = rest.stripLeading();
                } else {
                    if (rest.isEmpty() || rest.charAt(0) != left.charAt(0)) {
                        throw bad(new Piece(Field.LITERAL, left), rest);
                    }
                    left = left.substring(1);
                    rest = rest.substring(1);
                }
            }
        }

        private int digits(int count) {
            int value = Integer.parseInt(rest.substring(0, count));
            rest = rest.substring(count);
            return value;
        }

        private int number(Piece piece, int least, int most) {
            int count = 0;
            while (count < most && count < rest.length() && isDigit(rest.charAt(count))) count++;
            if (count < least) throw bad(piece, rest);
            return digits(count);
        }

        private int bounded(int value, int least, int most, String what) {
            if (value < least || value > most) throw range(what + " out of range");
            return value;
        }

        private int name(Piece piece, TextStyle style, boolean months) {
            for (int i = 0; i < (months ? 12 : 7); i++) {
                var full = months
                        ? Month.of(i + 1).getDisplayName(TextStyle.FULL, Locale.ENGLISH)
                        : java.time.DayOfWeek.of(i + 1).getDisplayName(TextStyle.FULL, Locale.ENGLISH);
                var name = style == TextStyle.FULL ? full : full.substring(0, 3);
                if (rest.regionMatches(true, 0, name, 0, name.length())) {
                    rest = rest.substring(name.length());
                    return i;
                }
            }
            throw bad(piece, rest);
        }

        private void second(Piece piece, int least, Optional<Piece> next) {
            second = bounded(number(piece, least, 2), 0, 59, "second");
            boolean asked = next.filter(p -> p.field() == Field.FRACTION || p.field() == Field.FRACTION_SHORT)
                    .isPresent();
            // Go takes a fraction after the seconds also where the layout has none.
            if (!asked && startsFraction()) fraction(piece, fractionLength());
        }

        private boolean startsFraction() {
            return rest.length() >= 2 && (rest.charAt(0) == '.' || rest.charAt(0) == ',') && isDigit(rest.charAt(1));
        }

        private int fractionLength() {
            int length = 1;
            while (length < rest.length() && isDigit(rest.charAt(length))) length++;
            return length;
        }

        private void fraction(Piece piece, int length) {
            var digits = rest.substring(1, length);
            if (!digits.chars().allMatch(GoTime::isDigit)) throw bad(piece, rest);
            rest = rest.substring(length);
            var nine = digits.length() > 9 ? digits.substring(0, 9) : digits + "0".repeat(9 - digits.length());
            nano = Integer.parseInt(nine);
        }

        private void half(Piece piece, String after, String before) {
            if (rest.startsWith(after)) pm = true;
            else if (rest.startsWith(before)) am = true;
            else throw bad(piece, rest);
            rest = rest.substring(2);
        }

        private void offset(Piece piece) {
            var as = piece.text();
            if (as.startsWith("Z") && rest.startsWith("Z")) {
                rest = rest.substring(1);
                offset = Optional.of(ZoneOffset.UTC);
                return;
            }
            int length = as.length();
            if (rest.length() < length || rest.charAt(0) != '+' && rest.charAt(0) != '-') throw bad(piece, rest);
            var taken = rest.substring(0, length);
            var digits = taken.substring(1);
            for (int i = 3; i < length; i += 3) {
                if (as.contains(":") && taken.charAt(i) != ':') throw bad(piece, rest);
            }
            if (as.contains(":")) digits = digits.replace(":", "");
            if (!digits.chars().allMatch(GoTime::isDigit)) throw bad(piece, rest);
            var padded = digits + "0000";
            int hours = Integer.parseInt(padded.substring(0, 2));
            int minutes = Integer.parseInt(padded.substring(2, 4));
            int seconds = digits.length() > 4 ? Integer.parseInt(digits.substring(4, 6)) : 0;
            if (hours > 24) throw range("time zone offset hour out of range");
            if (minutes > 60) throw range("time zone offset minute out of range");
            if (seconds > 60) throw range("time zone offset second out of range");
            int total = hours * 3600 + minutes * 60 + seconds;
            if (total > 18 * 3600) throw range("time zone offset hour out of range");
            rest = rest.substring(length);
            offset = Optional.of(ZoneOffset.ofTotalSeconds(taken.startsWith("-") ? -total : total));
        }

        /// `UTC`, `GMT`, `GMT+3`, or any three to five capital letters, whose offset nobody knows and Go takes for
        /// zero.
        private void zoneName(Piece piece) {
            int letters = 0;
            while (letters < rest.length()
                    && letters < 6
                    && rest.charAt(letters) >= 'A'
                    && rest.charAt(letters) <= 'Z') {
                letters++;
            }
            if (letters < 3 || letters > 5) throw bad(piece, rest);
            var name = rest.substring(0, letters);
            rest = rest.substring(letters);
            int hours = 0;
            if (name.equals("GMT") && rest.length() >= 2 && (rest.charAt(0) == '+' || rest.charAt(0) == '-')) {
                int end = 1;
                while (end < rest.length() && end < 3 && isDigit(rest.charAt(end))) end++;
                if (end == 1) throw bad(piece, rest);
                hours = Integer.parseInt(rest.substring(0, end));
                if (Math.abs(hours) > 18) throw bad(piece, rest);
                rest = rest.substring(end);
            }
            if (offset.isEmpty()) offset = Optional.of(ZoneOffset.ofHours(hours));
        }
    }
}
