package dev.sluice.format;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;

/// Instants as the Kubernetes API writes them, `2026-01-01T09:30:00Z`.
///
/// Every object carries several of them and every write reads them, so the usual spelling is read without a formatter;
/// other offsets and what is wrong go the ordinary way.
///
/// @see "RFC 3339, 5.6"
public final class Rfc3339 {
    private static final int SECONDS_PER_DAY = 86_400;

    private Rfc3339() {}

    /// The instant that a text names.
    ///
    /// @throws DateTimeException when it names none
    public static Instant instant(String text) {
        return isUsual(text) ? usual(text) : OffsetDateTime.parse(text).toInstant();
    }

    /// An instant in whole seconds, what is below them cut off.
    public static String seconds(Instant instant) {
        long seconds = instant.getEpochSecond();
        long day = Math.floorDiv(seconds, SECONDS_PER_DAY);
        int ofDay = Math.floorMod(seconds, SECONDS_PER_DAY);
        var date = LocalDate.ofEpochDay(day);
        if (date.getYear() < 1000 || date.getYear() > 9999) {
            return instant.truncatedTo(ChronoUnit.SECONDS).toString();
        }
        var text = new byte[20];
        two(text, 0, date.getYear() / 100);
        two(text, 2, date.getYear() % 100);
        text[4] = '-';
        two(text, 5, date.getMonthValue());
        text[7] = '-';
        two(text, 8, date.getDayOfMonth());
        text[10] = 'T';
        two(text, 11, ofDay / 3600);
        text[13] = ':';
        two(text, 14, ofDay / 60 % 60);
        text[16] = ':';
        two(text, 17, ofDay % 60);
        text[19] = 'Z';
        return new String(text, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private static void two(byte[] text, int at, int number) {
        text[at] = (byte) ('0' + number / 10);
        text[at + 1] = (byte) ('0' + number % 10);
    }

    /// `yyyy-MM-ddTHH:mm:ss`, perhaps a fraction of up to nine digits, then `Z`; nothing in it out of range.
    private static boolean isUsual(String text) {
        int length = text.length();
        if (length < 20 || length > 30 || text.charAt(length - 1) != 'Z') return false;
        for (int i = 0; i < length - 1; i++) {
            char wanted = switch (i) {
                case 4, 7 -> '-';
                case 10 -> 'T';
                case 13, 16 -> ':';
                case 19 -> '.';
                default -> '0';
            };
            char c = text.charAt(i);
            if (wanted == '0' ? c < '0' || c > '9' : c != wanted) return false;
        }
        int month = number(text, 5, 7);
        int day = number(text, 8, 10);
        return length != 21
                && month >= 1
                && month <= 12
                && day >= 1
                && (day <= 28 || day <= YearMonth.of(number(text, 0, 4), month).lengthOfMonth())
                && number(text, 11, 13) < 24
                && number(text, 14, 16) < 60
                && number(text, 17, 19) < 60;
    }

    private static Instant usual(String text) {
        long day = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10))
                .toEpochDay();
        long ofDay = number(text, 11, 13) * 3600L + number(text, 14, 16) * 60L + number(text, 17, 19);
        int nanos = 0;
        for (int i = 20; i < 29; i++) {
            nanos = nanos * 10 + (i < text.length() - 1 ? text.charAt(i) - '0' : 0);
        }
        return Instant.ofEpochSecond(day * SECONDS_PER_DAY + ofDay, nanos);
    }

    private static int number(String text, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) number = number * 10 + (text.charAt(i) - '0');
        return number;
    }
}
