package dev.sluice.local.workload;

import java.time.Duration;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Randomness that depends on what it is for, not on who asks first: two runs with one seed draw the same start-up time
/// for the same pod, in whatever order threads come by.
///
/// @param value the seed of the whole run
public record Seed(long value) {
    /// The letters and digits of generated names: no vowels, so that no words appear.
    static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

    private static final int LONGEST_BASE = 58;

    private static final RandomGeneratorFactory<RandomGenerator> GENERATOR =
            RandomGeneratorFactory.of("L64X128MixRandom");

    /// A generator for one purpose.
    public RandomGenerator of(String... purpose) {
        return GENERATOR.create(derive(purpose));
    }

    /// A seed for one purpose, to hand on.
    public long derive(String... purpose) {
        // FNV-1a over all parts, then a finaliser so that neighbours differ in every bit.
        long hash = 0xcbf29ce484222325L ^ value;
        for (var part : purpose) {
            for (int i = 0; i < part.length(); i++) hash = (hash ^ part.charAt(i)) * 0x100000001b3L;
            hash = (hash ^ 0xff) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return hash ^ (hash >>> 33);
    }

    /// A name that begins with `base` and ends in five letters, 63 characters at most: as `generateName` makes them.
    String name(String base, String... purpose) {
        var random = of(purpose);
        var name = new StringBuilder(base.length() > LONGEST_BASE ? base.substring(0, LONGEST_BASE) : base);
        for (int i = 0; i < 5; i++) name.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        return name.toString();
    }

    /// A time between two, both included, in whole milliseconds.
    Duration between(Duration least, Duration most, String... purpose) {
        long span = most.minus(least).toMillis();
        return span <= 0 ? least : least.plusMillis(of(purpose).nextLong(span + 1));
    }
}
