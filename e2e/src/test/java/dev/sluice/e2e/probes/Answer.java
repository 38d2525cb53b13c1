package dev.sluice.e2e.probes;

import dev.sluice.json.Json;
import java.util.List;

/// What a server said to one step, masked.
///
/// @param step the request in short
/// @param body the JSON; a string for any other text; an array of events for a watch
record Answer(String step, int code, String contentType, List<String> warnings, Json body) {
    Json json() {
        return Json.obj("code", code, "contentType", contentType, "warnings", warnings, "body", body);
    }
}
