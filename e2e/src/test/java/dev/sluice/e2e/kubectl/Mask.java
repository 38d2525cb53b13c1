package dev.sluice.e2e.kubectl;

import java.util.regex.Pattern;

/// Takes out of a command's words what differs from run to run: ages, instants, addresses, uids, generated names, and
/// with them how wide a column is.
final class Mask {
    private static final Pattern WAITING = Pattern.compile("(?m)^Waiting for .*\\R");
    private static final Pattern INSTANT = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} \\+0000");
    private static final Pattern UID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern ADDRESS = Pattern.compile("127(\\.[0-9]{1,3}){3}");
    private static final Pattern REVISION = Pattern.compile("(resourceVersion: )\"[0-9]+\"");
    private static final Pattern POD = Pattern.compile("(-[a-z0-9]{8,10})-[bcdfghjklmnpqrstvwxz2456789]{5}\\b");
    private static final Pattern AGE = Pattern.compile("(?<=[\\s(])(?:[0-9]+(?:ms|[smhd]))+(?=[\\s)])");
    private static final Pattern MILLISECONDS = Pattern.compile("\\b[0-9]+\\.[0-9]ms");
    private static final Pattern GAP = Pattern.compile("(?<=\\S) {2,}(?=\\S)");
    private static final Pattern TAIL = Pattern.compile("(?m)[ \\t]+$");
    private static final Pattern CONTAINER = Pattern.compile("(sluice://)[0-9a-f]+");
    /// Newer ones say where from.
    private static final Pattern FROM = Pattern.compile("(\" (?:force )?deleted) from \\S+ namespace");

    private Mask() {}

    static String of(String said) {
        var text = WAITING.matcher(said).replaceAll("");
        text = INSTANT.matcher(text).replaceAll("<time>");
        text = UID.matcher(text).replaceAll("<uid>");
        text = ADDRESS.matcher(text).replaceAll("<address>");
        text = REVISION.matcher(text).replaceAll("$1<version>");
        text = POD.matcher(text).replaceAll("$1-<id>");
        text = AGE.matcher(text).replaceAll("<age>");
        text = MILLISECONDS.matcher(text).replaceAll("<n>ms");
        text = CONTAINER.matcher(text).replaceAll("$1<id>");
        text = FROM.matcher(text).replaceAll("$1");
        text = GAP.matcher(text).replaceAll("   ");
        return TAIL.matcher(text).replaceAll("");
    }
}
