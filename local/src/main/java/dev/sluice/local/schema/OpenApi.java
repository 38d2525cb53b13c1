package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.util.Optional;

/// OpenAPI v3 documents of what a server serves, one for each group and version.
public final class OpenApi {
    private OpenApi() {}

    /// The answer to `/openapi/v3`: the path of each document.
    public static Json.Obj index(Schemas schemas) {
        return Json.obj("paths", Json.Obj.EMPTY);
    }

    /// The answer to `/openapi/v3/apis/GROUP/VERSION`; empty where nothing is served.
    public static Optional<Json.Obj> document(Schemas schemas, String group, String version) {
        return Optional.empty();
    }
}
