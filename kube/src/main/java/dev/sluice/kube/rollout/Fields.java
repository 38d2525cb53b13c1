package dev.sluice.kube.rollout;

import dev.sluice.format.GoDuration;
import dev.sluice.format.IntOrPercent;
import dev.sluice.format.Nearest;
import dev.sluice.format.Rfc3339;
import dev.sluice.json.Json;
import dev.sluice.rollout.Problem;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeSet;

/// One object of a manifest being read, with its path: what is wrong is noted and reading goes on, so that the author
/// learns of every mistake at once.
///
/// It is remembered which names were asked for, so that afterwards can be told which of an object's nobody knows.
final class Fields {
    private final Json json;
    private final String path;
    private final List<Problem> problems;
    private final Memory memory;

    /// What was looked at, by path, and the names that were asked for there.
    private static final class Memory {
        private final SequencedMap<String, SequencedSet<String>> present = new LinkedHashMap<>();
        private final Map<String, Set<String>> asked = new HashMap<>();
    }

    private Fields(Json json, String path, List<Problem> problems, Memory memory) {
        this.json = json;
        this.path = path;
        this.problems = problems;
        this.memory = memory;
        memory.present
                .computeIfAbsent(path, _ -> new LinkedHashSet<>())
                .addAll(json.obj().fields().keySet());
    }

    static Fields of(Json.Obj root, List<Problem> problems) {
        return new Fields(root, "", problems, new Memory());
    }

    /// The same place in another form of the same manifest.
    Fields over(Json other) {
        return new Fields(other, path, problems, memory);
    }

    /// Names that somebody else reads.
    Fields known(String... names) {
        for (var name : names) asked(name);
        return this;
    }

    private Json value(String name) {
        asked(name);
        return json.at(name);
    }

    private void asked(String name) {
        memory.asked.computeIfAbsent(path, _ -> new HashSet<>()).add(name);
    }

    /// What is to be said of names that were not asked for, in the order of the manifest.
    ///
    /// @param known names by path, `[]` for every index, that are right though nobody asked for them
    List<Note> notes(String kind, Map<String, List<String>> known) {
        return strays(known).stream()
                .map(stray -> stray.known()
                        ? new Note(
                                Note.Kind.NOT_ACTED_ON,
                                stray.field() + " is not acted on by this version; it is kept as it is")
                        : new Note(
                                Note.Kind.UNKNOWN_FIELD,
                                stray.field() + " is no field of a " + kind + " and changes nothing"
                                        + stray.near()
                                                .map(near -> "; " + near + " is probably meant")
                                                .orElse("")))
                .toList();
    }

    /// Names that nobody knows are mistakes: for a kind of ours, of which no manifest is older than its schema.
    ///
    /// @param known as for [#notes]
    void refuseUnknown(String kind, Map<String, List<String>> known) {
        for (var stray : strays(known)) {
            if (stray.known()) continue;
            problems.add(new Problem(
                    stray.field(),
                    "",
                    "is no field of a " + kind,
                    stray.near().map(near -> "write " + near).orElse("remove it")));
        }
    }

    /// A name that was not asked for.
    ///
    /// @param known whether it is right all the same
    private record Stray(String field, boolean known, Optional<String> near) {}

    private List<Stray> strays(Map<String, List<String>> known) {
        var strays = new ArrayList<Stray>();
        memory.present.forEach((place, names) -> {
            var asked = memory.asked.getOrDefault(place, Set.of());
            var right = known.getOrDefault(place.replaceAll("\\[[0-9]+]", "[]"), List.of());
            for (var name : names) {
                if (asked.contains(name)) continue;
                var field = place.isEmpty() ? name : place + "." + name;
                if (right.contains(name)) {
                    if (!place.isEmpty()) strays.add(new Stray(field, true, Optional.empty()));
                    continue;
                }
                var others = new TreeSet<>(asked);
                others.addAll(right);
                others.removeAll(names);
                strays.add(new Stray(field, false, Nearest.of(name, others)));
            }
        });
        return strays;
    }

    Json json() {
        return json;
    }

    Json.Obj obj() {
        return json.obj();
    }

    String path() {
        return path;
    }

    private String path(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    boolean has(String name) {
        return !value(name).isNull();
    }

    Fields at(String name) {
        var value = value(name);
        if (!value.isNull() && !(value instanceof Json.Obj)) {
            problem(name, "must be an object", "write its fields below it");
        }
        return new Fields(value, path(name), problems, memory);
    }

    List<Fields> list(String name) {
        var value = value(name);
        if (!value.isNull() && !(value instanceof Json.Arr)) problem(name, "must be a list", "write one entry per '-'");
        var fields = new ArrayList<Fields>();
        var items = value.items();
        for (int i = 0; i < items.size(); i++)
            fields.add(new Fields(items.get(i), path(name) + "[" + i + "]", problems, memory));
        return fields;
    }

    void problem(String name, String expectation, String remedy) {
        var value = name.isEmpty() ? json : json.at(name);
        var text = value.isNull() ? "" : value.text();
        problems.add(new Problem(
                name.isEmpty() ? path : path(name),
                text.length() > 120 ? text.substring(0, 117) + "..." : text,
                expectation,
                remedy));
    }

    Optional<String> string(String name) {
        var value = value(name);
        if (!value.isNull() && value.asString().isEmpty()) problem(name, "must be a string", "put it in quotes");
        return value.asString().filter(text -> !text.isEmpty());
    }

    boolean flag(String name, boolean otherwise) {
        var value = value(name);
        if (!value.isNull() && value.asBool().isEmpty()) problem(name, "must be true or false", "write true or false");
        return value.bool(otherwise);
    }

    Optional<Integer> count(String name) {
        return between(name, 0, Integer.MAX_VALUE, "use 0 or more");
    }

    Optional<Integer> between(String name, int least, int most, String remedy) {
        var value = value(name);
        if (value.isNull()) return Optional.empty();
        var number = value.asInt();
        if (number.isEmpty()) {
            problem(name, "must be an integer", remedy);
        } else if (number.get() < least) {
            problem(name, "is below the minimum " + least, remedy);
        } else if (number.get() > most) {
            problem(name, "is above the maximum " + most, remedy);
        }
        return number.filter(n -> n >= least && n <= most);
    }

    Optional<Duration> seconds(String name) {
        return count(name).map(Duration::ofSeconds);
    }

    IntOrPercent intOrPercent(String name, IntOrPercent otherwise) {
        var value = value(name);
        if (value.isNull()) return otherwise;
        var parsed = IntOrPercent.of(value).filter(v -> v.ceil(100) >= 0);
        if (parsed.isEmpty()) problem(name, "must be a number of pods or a percentage", "use 1 or \"25%\"");
        return parsed.orElse(otherwise);
    }

    /// A pause: an integer of seconds, as number or text, or a Go duration, cut to whole seconds.
    Optional<Duration> pause(String name) {
        var value = value(name);
        if (value.isNull()) return Optional.empty();
        var duration = value.asLong()
                .or(() -> value.asString().flatMap(Fields::wholeNumber))
                .map(Duration::ofSeconds)
                .or(() -> value.asString().flatMap(GoDuration::parse).map(d -> Duration.ofSeconds(d.toSeconds())));
        if (duration.filter(d -> !d.isNegative()).isEmpty()) {
            problem(name, "must be seconds or a duration, and not negative", "use 30, \"30s\", \"10m\" or \"1h30m\"");
            return Optional.of(Duration.ofDays(36_500));
        }
        return duration;
    }

    private static Optional<Long> wholeNumber(String text) {
        return text.matches("[+-]?[0-9]{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    Optional<Instant> time(String name) {
        var text = string(name);
        var time = text.flatMap(Fields::instant);
        if (text.isPresent() && time.isEmpty()) problem(name, "must be a time", "use 2026-01-31T12:00:00Z");
        return time;
    }

    /// An RFC 3339 time; empty where the text is none.
    static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Rfc3339.instant(text));
        } catch (DateTimeException malformed) {
            return Optional.empty();
        }
    }
}
