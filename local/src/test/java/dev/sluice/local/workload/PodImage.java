package dev.sluice.local.workload;

import dev.sluice.json.Json;

/// The image of a pod's only container.
final class PodImage {
    private PodImage() {}

    static String of(Json pod) {
        return pod.at("spec", "containers").at(0).at("image").string("");
    }
}
