package dev.sluice.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.e2e.controlplane.Binaries;

/// The tier of tests that needs the programs of a real control plane.
public final class RealTier {
    private RealTier() {}

    /// The programs; without them the tests of a class are skipped, and say so. In CI (`SLUICE_REQUIRE_REAL=true`)
    /// that is a failure: a tier that was skipped is none that passed.
    public static Binaries required(Class<?> test) {
        var binaries = Binaries.find();
        if (binaries.isEmpty()) {
            if ("true".equals(System.getenv("SLUICE_REQUIRE_REAL"))) throw new AssertionError(Binaries.REMEDY);
            System.err.println("SKIPPED " + test.getSimpleName() + ": " + Binaries.REMEDY);
        }
        assumeTrue(binaries.isPresent(), Binaries.REMEDY);
        return binaries.orElseThrow();
    }
}
