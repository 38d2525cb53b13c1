package dev.sluice.spi;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/// The metric providers of this process, by name.
public final class MetricProviders {
    private final SortedMap<String, MetricProvider> byName;

    private MetricProviders(SortedMap<String, MetricProvider> byName) {
        this.byName = Collections.unmodifiableSortedMap(byName);
    }

    /// Makes every provider that is on the module or class path.
    ///
    /// @throws IllegalStateException see [#of]
    public static MetricProviders discover(MetricProvider.Setting setting) {
        return of(ServiceLoader.load(MetricProvider.Factory.class), setting);
    }

    /// The names of those on the module or class path, in alphabetical order, without making one: for whoever judges
    /// what is asked of them and measures nothing.
    public static List<String> installed() {
        return ServiceLoader.load(MetricProvider.Factory.class).stream()
                .map(found -> found.get().name())
                .distinct()
                .sorted()
                .toList();
    }

    /// Makes the providers of these factories.
    ///
    /// @throws IllegalStateException when two claim one name; the message names the jars that both came from
    public static MetricProviders of(
            Iterable<? extends MetricProvider.Factory> factories, MetricProvider.Setting setting) {
        var claimed = new TreeMap<String, MetricProvider.Factory>();
        for (var factory : factories) {
            var first = claimed.putIfAbsent(factory.name(), factory);
            if (first != null) {
                throw new IllegalStateException("two metric providers are called \"" + factory.name() + "\": "
                        + origin(first) + " and " + origin(factory) + "; take one of the two off the class path");
            }
        }
        var byName = new TreeMap<String, MetricProvider>();
        claimed.forEach((name, factory) -> byName.put(name, factory.create(setting)));
        return new MetricProviders(byName);
    }

    private static String origin(MetricProvider.Factory factory) {
        var source = factory.getClass().getProtectionDomain().getCodeSource();
        var place = source == null || source.getLocation() == null
                ? "the run time image"
                : source.getLocation().toString();
        return factory.getClass().getName() + " of " + place;
    }

    public Optional<MetricProvider> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /// The names, in alphabetical order.
    public List<String> names() {
        return List.copyOf(byName.keySet());
    }

    public Collection<MetricProvider> all() {
        return byName.values();
    }
}
