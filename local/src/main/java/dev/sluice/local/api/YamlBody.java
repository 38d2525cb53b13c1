package dev.sluice.local.api;

import dev.sluice.json.Json;
import dev.sluice.json.JsonSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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
            return json(new Load(settings).loadFromString(new String(bytes, StandardCharsets.UTF_8)));
        } catch (YamlEngineException malformed) {
            throw Failure.badRequest("error decoding YAML: " + malformed.getMessage());
        }
    }

    private static Json json(@Nullable Object value) {
        return switch (value) {
            case null -> Json.Null.VALUE;
            case Map<?, ?> map -> {
                var fields = new LinkedHashMap<String, Json>();
                map.forEach((key, field) -> fields.put(String.valueOf(key), json(field)));
                yield new Json.Obj(fields);
            }
            case Iterable<?> items -> {
                var list = new java.util.ArrayList<Json>();
                for (var item : items) list.add(json(item));
                yield new Json.Arr(list);
            }
            case java.math.BigInteger big -> Json.number(big.toString());
            case String text -> Json.of(text);
            case Boolean bool -> Json.of(bool);
            case Number number -> Json.number(number.toString());
            default -> Json.of(value.toString());
        };
    }
}
