package dev.sluice.providers.http;

import dev.sluice.spi.Secrets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Secrets, and what a metric itself holds that must not be told: passwords, tokens, values of headers.
///
/// @param own the values, the longest first, so that one inside another leaves no remainder
public record Confidential(Secrets outer, List<String> own) implements Secrets {
    /// Shorter values (`1`, `on`) are no secrets, and hiding them would make every message unreadable.
    private static final int SHORTEST = 4;

    public Confidential {
        own = own.stream()
                .filter(value -> value.length() >= SHORTEST)
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    public Confidential and(List<String> more) {
        var all = new ArrayList<>(own);
        all.addAll(more);
        return new Confidential(outer, all);
    }

    @Override
    public Optional<String> read(String namespace, String name, String key) {
        return outer.read(namespace, name, key);
    }

    @Override
    public String redacted(String text) {
        var redacted = outer.redacted(text);
        for (var value : own) redacted = redacted.replace(value, "*****");
        return redacted;
    }
}
