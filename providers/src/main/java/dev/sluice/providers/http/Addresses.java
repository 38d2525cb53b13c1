package dev.sluice.providers.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Addresses as people write them into manifests.
public final class Addresses {
    private Addresses() {}

    /// Reads an address; characters that may not stand in one (blanks, `|`, `"`, `{`, …) are percent-encoded, as Go's
    /// client does.
    ///
    /// @return empty when it is none even so
    public static Optional<URI> read(String text) {
        var address = new StringBuilder();
        text.strip().codePoints().forEach(c -> {
            if (c > 0x7e || c <= ' ' || "\"<>\\^`{|}".indexOf(c) >= 0) {
                address.append(URLEncoder.encode(Character.toString(c), StandardCharsets.UTF_8)
                        .replace("+", "%20"));
            } else {
                address.appendCodePoint(c);
            }
        });
        try {
            return Optional.of(new URI(address.toString()));
        } catch (URISyntaxException none) {
            return Optional.empty();
        }
    }

    /// Reads an absolute `http` or `https` address with a host.
    public static Optional<URI> absolute(String text) {
        return read(text)
                .filter(uri -> uri.getHost() != null)
                .filter(uri -> "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()));
    }

    /// An address that could not be read, as a message may repeat it: without user, query and fragment.
    public static String shown(String text) {
        var end = text.length();
        for (var sign : "?#".toCharArray()) {
            int at = text.indexOf(sign);
            if (at >= 0) end = Math.min(end, at);
        }
        var place = text.substring(0, Math.min(end, 200));
        int user = place.lastIndexOf('@');
        return user < 0 ? place : "*****" + place.substring(user);
    }

    /// `name=value` pairs as a form sends them.
    public static String form(String... namesAndValues) {
        var form = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (i > 0) form.append('&');
            form.append(URLEncoder.encode(namesAndValues[i], StandardCharsets.UTF_8))
                    .append('=')
                    .append(URLEncoder.encode(namesAndValues[i + 1], StandardCharsets.UTF_8));
        }
        return form.toString();
    }
}
