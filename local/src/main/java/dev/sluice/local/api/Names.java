package dev.sluice.local.api;

import java.util.SplittableRandom;
import java.util.UUID;
import java.util.regex.Pattern;

/// Where uids and generated names come from: a seed, so that a run under virtual time repeats itself; and what a name
/// may look like.
final class Names {
    /// Without vowels and look-alikes, so that no words come out (as in apimachinery's `rand.String`).
    private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";

    private static final int MAX_GENERATED_PREFIX = 58;
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern LABEL_1035 = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private final SplittableRandom random;

    Names(long seed) {
        random = new SplittableRandom(seed);
    }

    String uid() {
        long high = (random.nextLong() & 0xffffffffffff0fffL) | 0x4000L;
        long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
        return new UUID(high, low).toString();
    }

    String generated(String prefix) {
        var name = new StringBuilder(
                prefix.length() > MAX_GENERATED_PREFIX ? prefix.substring(0, MAX_GENERATED_PREFIX) : prefix);
        for (int i = 0; i < 5; i++) name.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        return name.toString();
    }

    /// What is wrong with a name, or empty.
    static String problem(Served served, String name) {
        return switch (served.resource()) {
            case "namespaces" -> name.contains(".") ? "must not contain dots" : label(name);
            case "services" -> label1035(name);
            case "roles.rbac.authorization.k8s.io",
                    "rolebindings.rbac.authorization.k8s.io",
                    "clusterroles.rbac.authorization.k8s.io",
                    "clusterrolebindings.rbac.authorization.k8s.io" -> pathSegment(name);
            default -> subdomain(name);
        };
    }

    private static String pathSegment(String name) {
        if (name.equals(".") || name.equals("..")) return "may not be '" + name + "'";
        if (name.contains("/")) return "may not contain '/'";
        if (name.contains("%")) return "may not contain '%'";
        return "";
    }

    private static String label(String name) {
        if (name.length() > 63) return "must be no more than 63 characters";
        return LABEL.matcher(name).matches()
                ? ""
                : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start"
                        + " and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation"
                        + " is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    }

    private static String label1035(String name) {
        if (name.length() > 63) return "must be no more than 63 characters";
        return LABEL_1035.matcher(name).matches()
                ? ""
                : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic"
                        + " character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for"
                        + " validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
    }

    private static String subdomain(String name) {
        if (name.length() > 253) return "must be no more than 253 characters";
        return SUBDOMAIN.matcher(name).matches()
                ? ""
                : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must"
                        + " start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is"
                        + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    }
}
