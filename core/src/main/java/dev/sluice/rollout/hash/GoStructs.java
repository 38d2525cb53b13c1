package dev.sluice.rollout.hash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The struct declarations of one table: names to fields in order.
///
/// @param structs every struct that the table names, fields in the order of declaration
record GoStructs(Map<String, List<Field>> structs) {

    /// When an empty field is left out.
    enum Keep {
        WHEN_FILLED,
        WHEN_NOT_ZERO_TIME,
        ALWAYS
    }

    record Field(String name, GoType type, Keep keep) {}

    /// Reads a table of this package; its notation is explained at the head of `pod-template.txt`.
    static GoStructs load(String resource) {
        try (var in = GoStructs.class.getResourceAsStream(resource)) {
            if (in == null) throw new AssertionError("the table " + resource + " is missing from the module");
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static GoStructs parse(String table) {
        var structs = new LinkedHashMap<String, List<Field>>();
        List<Field> fields = new ArrayList<>();
        for (var line : table.lines().toList()) {
            if (line.startsWith("#") || line.isBlank()) continue;
            if (line.charAt(0) != ' ') {
                fields = new ArrayList<>();
                structs.put(line.strip(), fields);
                continue;
            }
            for (var declaration : line.split(",", -1)) {
                if (!declaration.isBlank()) fields.add(field(declaration.strip()));
            }
        }
        structs.values().forEach(all -> all.forEach(field -> known(field.type(), structs)));
        return new GoStructs(structs);
    }

    private static Field field(String declaration) {
        int blank = declaration.indexOf(' ');
        var name = declaration.substring(0, blank);
        var type = GoType.parse(declaration.substring(blank + 1));
        if (name.endsWith("!")) return new Field(name.substring(0, name.length() - 1), type, Keep.ALWAYS);
        if (name.endsWith("~")) return new Field(name.substring(0, name.length() - 1), type, Keep.WHEN_NOT_ZERO_TIME);
        return new Field(name, type, Keep.WHEN_FILLED);
    }

    private static void known(GoType type, Map<String, List<Field>> structs) {
        switch (type) {
            case GoType.Pointer(var to) -> known(to, structs);
            case GoType.Items(var of) -> known(of, structs);
            case GoType.Entries(var of) -> known(of, structs);
            case GoType.Struct(var name) -> {
                if (!structs.containsKey(name)) throw new AssertionError("the table declares no struct " + name);
            }
            case GoType.Scalar _, GoType.Custom _ -> {}
        }
    }

    List<Field> fields(String struct) {
        return Optional.ofNullable(structs.get(struct)).orElseThrow(() -> new AssertionError(struct));
    }

    /// The field that a key names, first by its exact spelling, then in any case, as `encoding/json` looks it up.
    Optional<Field> fieldInAnyCase(String struct, String key) {
        var fields = fields(struct);
        return fields.stream()
                .filter(field -> field.name().equals(key))
                .findFirst()
                .or(() -> fields.stream()
                        .filter(field -> field.name().toLowerCase(Locale.ROOT).equals(key.toLowerCase(Locale.ROOT)))
                        .findFirst());
    }
}
