package dev.sluice.local.api;

import dev.sluice.json.Json;
import dev.sluice.json.JsonSyntaxException;
import java.nio.charset.StandardCharsets;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// A YAML body as a tree. The parser is loaded by the first body that is not JSON, not at start.
final class YamlBody {
    /// Aliases let a small text describe a huge document.
    private static final int MAX_ALIASES = 50;

    private YamlBody() {}

    /// @throws Failure 400 for what is no YAML, or more than one document
    static Json parse(byte[] bytes) {
        for (byte b : bytes) {
            if (b == ' ' || b == '\n' || b == '\r' || b == '\t') continue;
            // JSON is YAML, and clients of apply send it too. A brace may begin either, so what is no JSON may be YAML.
            if (b == '{') {
                try {
                    return Json.parse(bytes);
                } catch (JsonSyntaxException yaml) {
                    break;
                }
            }
            break;
        }
        try {
            var settings = LoadSettings.builder()
                    .setMaxAliasesForCollections(MAX_ALIASES)
                    .setAllowDuplicateKeys(false)
                    .build();
            var document = new Load(settings).loadFromString(new String(bytes, StandardCharsets.UTF_8));
            return document == null ? Json.Null.VALUE : Json.of(document);
        } catch (YamlEngineException malformed) {
            throw Failure.badRequest("error decoding YAML: " + malformed.getMessage());
        }
    }
}
