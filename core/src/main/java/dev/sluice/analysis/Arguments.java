package dev.sluice.analysis;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/// The arguments of a run or of a template.
///
/// @see "argoproj.io/v1alpha1: AnalysisRun spec.args[]"
public record Arguments(List<Argument> all) {
    private static final Pattern LABEL = Pattern.compile("metadata\\.(labels|annotations)\\['([^']*)'\\]");

    public Arguments {
        all = List.copyOf(all);
    }

    /// One argument.
    ///
    /// @param valueFrom as it stands; the empty object where there is none
    public record Argument(String name, Optional<String> value, Json.Obj valueFrom) {
        boolean supplied() {
            return value.isPresent() || !valueFrom.isEmpty();
        }

        Json.Obj json() {
            var json = Json.obj("name", name);
            if (value.isPresent()) json = json.with("value", value.get());
            return valueFrom.isEmpty() ? json : json.with("valueFrom", valueFrom);
        }
    }

    /// An argument whose value is in a Secret of the run's namespace.
    public record SecretArgument(String argument, String secret, String key) {}

    public static Arguments of(Json args) {
        var all = new ArrayList<Argument>();
        for (var item : args.items()) {
            all.add(new Argument(
                    item.at("name").string(""),
                    item.at("value").asString(),
                    item.at("valueFrom").obj()));
        }
        return new Arguments(all);
    }

    public Json json() {
        return Json.of(all.stream().map(Argument::json).toList());
    }

    public Optional<Argument> named(String name) {
        return all.stream().filter(argument -> argument.name().equals(name)).findFirst();
    }

    /// Those that the edge must read before it measures.
    public List<SecretArgument> secrets() {
        var secrets = new ArrayList<SecretArgument>();
        for (var argument : all) {
            if (argument.valueFrom().at("secretKeyRef") instanceof Json.Obj ref) {
                secrets.add(new SecretArgument(
                        argument.name(),
                        ref.at("name").string(""),
                        ref.at("key").string("")));
            }
        }
        return List.copyOf(secrets);
    }

    /// The values by name, secrets as given.
    SequencedMap<String, String> values(SequencedMap<String, String> secretValues) {
        var values = new LinkedHashMap<String, String>();
        all.forEach(argument -> argument.value().ifPresent(value -> values.put(argument.name(), value)));
        values.putAll(secretValues);
        return values;
    }

    /// The arguments that have no value and are not in a Secret either.
    List<String> unsupplied() {
        return all.stream()
                .filter(argument ->
                        argument.value().isEmpty() && !argument.valueFrom().has("secretKeyRef"))
                .map(Argument::name)
                .toList();
    }

    /// Arguments with their values, or why one has none.
    public sealed interface Resolved {
        record Fine(Arguments arguments) implements Resolved {}

        record Wrong(String message) implements Resolved {}
    }

    /// The arguments that a Rollout gives: hashes and fields become values, secrets stay what they are.
    ///
    /// @param args the `args` of the analysis block
    /// @param rollout the Rollout as it was read
    public static Resolved ofRollout(Json args, Json.Obj rollout, String stableHash, String latestHash) {
        var resolved = new ArrayList<Argument>();
        for (var argument : of(args).all()) {
            var from = argument.valueFrom();
            var hash = from.at("podTemplateHashValue").asString();
            var path = from.at("fieldRef", "fieldPath").asString();
            if (argument.value().isPresent() || hash.isEmpty() && path.isEmpty()) {
                resolved.add(argument);
                continue;
            }
            var value =
                    hash.isPresent() ? hash(hash.get(), stableHash, latestHash) : field(path.orElseThrow(), rollout);
            if (value.isEmpty()) {
                var what = hash.map(h -> "podTemplateHashValue " + h + " is neither Stable nor Latest")
                        .orElseGet(
                                () -> "fieldPath " + path.orElseThrow() + " does not lead to a value in the Rollout");
                return new Resolved.Wrong("args." + argument.name() + " was not resolved: " + what);
            }
            resolved.add(new Argument(argument.name(), value, Json.Obj.EMPTY));
        }
        return new Resolved.Fine(new Arguments(resolved));
    }

    private static Optional<String> hash(String which, String stable, String latest) {
        return switch (which) {
            case "Stable" -> Optional.of(stable);
            case "Latest" -> Optional.of(latest);
            default -> Optional.empty();
        };
    }

    /// A field of the Rollout: the downward API's syntax below `metadata`, elsewhere names with dots and indexes.
    static Optional<String> field(String path, Json.Obj rollout) {
        if (path.startsWith("metadata")) {
            var keyed = LABEL.matcher(path);
            if (keyed.matches()) {
                // As the downward API has it, a label that is not there is an empty value.
                return Optional.of(
                        rollout.at("metadata", keyed.group(1), keyed.group(2)).string(""));
            }
            return switch (path) {
                case "metadata.name", "metadata.namespace", "metadata.uid" ->
                    Optional.of(rollout.at("metadata", path.substring("metadata.".length()))
                            .string(""));
                case "metadata.labels", "metadata.annotations" -> {
                    var all = rollout.at("metadata", path.substring("metadata.".length()))
                            .strings();
                    yield Optional.of(String.join(
                            "\n",
                            all.entrySet().stream()
                                    .map(entry -> entry.getKey() + "=" + '"' + entry.getValue() + '"')
                                    .sorted()
                                    .toList()));
                }
                default -> Optional.empty();
            };
        }
        Json here = rollout;
        for (var part : path.split("\\.", -1)) {
            var name = part.replaceAll("(\\[[0-9]{1,6}\\])*$", "");
            if (!name.isEmpty()) here = here.at(name);
            var indexes = part.substring(name.length());
            if (name.isEmpty() && indexes.isEmpty()) return Optional.empty();
            for (var index : indexes.split("]", -1)) {
                if (!index.isEmpty()) here = here.at(Integer.parseInt(index.substring(1)));
            }
        }
        return switch (here) {
            case Json.Str(var text) -> Optional.of(text);
            case Json.Num number -> Optional.of(number.text());
            case Json.Bool(var bool) -> Optional.of(Boolean.toString(bool));
            case Json.Null _, Json.Arr _, Json.Obj _ -> Optional.empty();
        };
    }
}
