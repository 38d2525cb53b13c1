package dev.sluice.e2e.arrows.planted;

import io.fabric8.kubernetes.client.Config;

/// What a core class must not look like; [dev.sluice.e2e.arrows.ArrowsTest] sees it caught.
final class CoreThatReachesOut {
    private CoreThatReachesOut() {}

    static Config configuration() {
        return Config.empty();
    }
}
