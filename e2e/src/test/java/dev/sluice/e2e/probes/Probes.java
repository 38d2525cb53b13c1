package dev.sluice.e2e.probes;

import java.util.List;
import java.util.stream.Stream;

/// All of them.
final class Probes {
    private Probes() {}

    static List<Probe> all() {
        return Stream.of(
                        DiscoveryProbes.all(),
                        ObjectProbes.all(),
                        PatchProbes.all(),
                        ListProbes.all(),
                        DeleteProbes.all(),
                        KindProbes.all(),
                        DefinitionProbes.all(),
                        RolloutProbes.all())
                .flatMap(List::stream)
                .toList();
    }
}
