package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/// Objects of a schema, from a seed: well typed, mostly small, list items with distinct keys.
final class Generator {
    private static final List<String> WORDS = List.of("a", "b", "c", "web", "db");
    private final Random random;

    private Generator(long seed) {
        random = new Random(seed);
    }

    static Generator of(long seed) {
        return new Generator(seed);
    }

    Json.Obj object(KindSchema kind) {
        var fields = new LinkedHashMap<>(object(kind.schema(), 7).fields());
        fields.put("apiVersion", new Json.Str(kind.apiVersion()));
        fields.put("kind", new Json.Str(kind.kind()));
        var metadata = new LinkedHashMap<String, Json>();
        metadata.put("name", new Json.Str("web"));
        if (random.nextBoolean()) metadata.put("labels", strings());
        if (random.nextBoolean()) metadata.put("annotations", strings());
        if (random.nextInt(4) == 0) metadata.put("finalizers", Json.arr("x.io/a", "x.io/b"));
        fields.put("metadata", new Json.Obj(metadata));
        return new Json.Obj(fields);
    }

    private Json.Obj strings() {
        var map = new LinkedHashMap<String, Json>();
        for (int i = random.nextInt(3); i >= 0; i--) map.put(word(), new Json.Str(word()));
        return new Json.Obj(map);
    }

    private String word() {
        return WORDS.get(random.nextInt(WORDS.size()));
    }

    private Json.Obj object(Schema.Obj type, int depth) {
        var fields = new LinkedHashMap<String, Json>();
        if (type.values().isPresent()) {
            if (depth <= 0) return Json.Obj.EMPTY;
            var names = new TreeSet<String>();
            for (int i = random.nextInt(3); i >= 0; i--) names.add(word());
            for (var name : names) fields.put(name, value(type.values().get(), depth - 1));
            return new Json.Obj(fields);
        }
        int size = Math.max(1, type.fields().size());
        type.fields().forEach((name, field) -> {
            boolean wanted = type.required().contains(name) || random.nextInt(size) < 4;
            boolean deep = field.schema().target() instanceof Schema.Obj || field.schema() instanceof Schema.Arr;
            if (wanted && (depth > 0 || !deep)) fields.put(name, value(field.schema(), depth - 1));
        });
        return new Json.Obj(fields);
    }

    private Json value(Schema schema, int depth) {
        var values = schema.traits().constraint().oneOfValues();
        if (values.isPresent())
            return values.get().get(random.nextInt(values.get().size()));
        return switch (schema.target()) {
            case Schema.Obj type -> object(type, depth);
            case Schema.Arr type -> list(type, depth);
            case Schema.Text type ->
                switch (type.format()) {
                    case "date-time" -> new Json.Str("2026-01-02T03:04:0" + random.nextInt(10) + "Z");
                    case "micro-time" -> new Json.Str("2026-01-02T03:04:05.00000" + random.nextInt(10) + "Z");
                    case "quantity" ->
                        new Json.Str(List.of("1", "500m", "1Gi", "1500M", "0.5").get(random.nextInt(5)));
                    default -> new Json.Str(word());
                };
            case Schema.Numeric _ -> new Json.Int(1 + random.nextInt(5));
            case Schema.Bool _ -> new Json.Bool(random.nextBoolean());
            case Schema.IntOrString _ ->
                random.nextBoolean() ? new Json.Int(1 + random.nextInt(9)) : new Json.Str("50%");
            case Schema.Any _ -> Json.obj("any", random.nextInt(3));
            case Schema.Ref _ -> throw new IllegalStateException();
        };
    }

    private Json list(Schema.Arr type, int depth) {
        var items = new ArrayList<Json>();
        if (depth <= 0) return Json.Arr.EMPTY;
        var seen = new ArrayList<Json>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            var item = value(type.items(), depth - 1);
            Json key = type.items().target() instanceof Schema.Obj ? identity(item, type) : item;
            if (seen.contains(key)) continue;
            seen.add(key);
            items.add(item);
        }
        return new Json.Arr(items);
    }

    /// Distinct in every key alone, so that the list has distinct merge keys as well.
    private static Json identity(Json item, Schema.Arr type) {
        if (type.keys().isEmpty()) return item;
        return item.at(type.keys().getFirst());
    }
}
