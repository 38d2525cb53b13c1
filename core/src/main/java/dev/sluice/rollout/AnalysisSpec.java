package dev.sluice.rollout;

import dev.sluice.json.Json;
import java.util.List;

/// Which analysis a strategy asks for: the templates, and the rest as the run is made from it.
///
/// @param templates in the order of the manifest
/// @param source the whole block: args, dryRun, measurementRetention, analysisRunMetadata
public record AnalysisSpec(List<TemplateRef> templates, Json.Obj source) {
    public AnalysisSpec {
        templates = List.copyOf(templates);
    }

    /// One template by name.
    public record TemplateRef(String name, boolean clusterScope) {}
}
