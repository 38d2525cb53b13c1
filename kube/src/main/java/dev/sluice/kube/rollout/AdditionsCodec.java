package dev.sluice.kube.rollout;

import dev.sluice.cluster.LabelSelector;
import dev.sluice.json.Json;
import dev.sluice.rollout.Additions;
import dev.sluice.rollout.PodMetadata;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Reads what a strategy adds to pod templates.
///
/// What the API server would not accept in a pod template is refused here: there it would only show in mid-update.
///
/// @see "Argo Rollouts spec A2, A5"
final class AdditionsCodec {
    private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
    private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
    private static final Pattern DOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final int LONGEST_DOMAIN = 253;

    private AdditionsCodec() {}

    /// @param strategy the object in which the fields are
    /// @param updating name of the field with the metadata of the newest pods in an update
    /// @param serving name of the field with that of the stable pods
    /// @param spec of the Rollout: what its selector asks for is not to be lost
    static Additions read(Fields strategy, String updating, String serving, Json spec) {
        return new Additions(
                metadata(strategy, updating, spec), metadata(strategy, serving, spec), antiAffinity(strategy));
    }

    private static PodMetadata metadata(Fields strategy, String name, Json spec) {
        if (!strategy.has(name)) return PodMetadata.NONE;
        var metadata = strategy.at(name);
        var labels = strings(metadata, "labels");
        checkLabels(metadata.at("labels"), labels, spec);
        return new PodMetadata(labels, strings(metadata, "annotations"));
    }

    private static SequencedMap<String, String> strings(Fields metadata, String name) {
        var strings = new TreeMap<String, String>();
        if (!metadata.has(name)) return strings;
        var values = metadata.at(name);
        for (var key : values.obj().fields().keySet()) {
            values.known(key);
            var value = values.json().at(key).asString();
            if (!isKey(key)) {
                values.problem(
                        key,
                        "has no name that a key of %s can have".formatted(name),
                        "use up to 63 letters, digits, '-', '_' and '.', maybe after a domain and '/'");
            } else if (value.isEmpty()) {
                values.problem(key, "must be a string", "put it in quotes");
            } else {
                strings.put(key, value.get());
            }
        }
        return strings;
    }

    private static boolean isKey(String key) {
        int slash = key.indexOf('/');
        var domain = slash < 0 ? Optional.<String>empty() : Optional.of(key.substring(0, slash));
        return NAME.matcher(key.substring(slash + 1)).matches()
                && domain.filter(d -> d.length() > LONGEST_DOMAIN
                                || !DOMAIN.matcher(d).matches())
                        .isEmpty();
    }

    private static void checkLabels(Fields at, SequencedMap<String, String> labels, Json spec) {
        labels.forEach((key, value) -> {
            if (!value.isEmpty() && !NAME.matcher(value).matches()) {
                at.problem(key, "is no value that a label can have", "use up to 63 letters, digits, '-', '_' and '.'");
            }
        });
        if (labels.containsKey(Names.HASH)) {
            at.problem(Names.HASH, "is the label that tells revisions apart", "use another label");
        }
        var template = spec.at("template", "metadata", "labels").strings();
        if (matches(spec.at("selector"), template) && !matches(spec.at("selector"), with(template, labels))) {
            at.problem("", "changes labels that spec.selector asks for", "use labels that the selector does not name");
        }
    }

    private static Map<String, String> with(Map<String, String> template, Map<String, String> labels) {
        var all = new LinkedHashMap<>(template);
        all.putAll(labels);
        return all;
    }

    /// A selector that cannot be read is a problem of its own.
    private static boolean matches(Json selector, Map<String, String> labels) {
        try {
            return LabelSelector.of(selector).matches(labels);
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    private static Optional<Additions.AntiAffinity> antiAffinity(Fields strategy) {
        if (!strategy.has("antiAffinity")) return Optional.empty();
        var given = strategy.at("antiAffinity");
        boolean preferred = given.has(PREFERRED);
        if (preferred == given.has(REQUIRED)) {
            given.problem(
                    "",
                    (preferred ? "must not have both " : "must have one of ") + PREFERRED + " and " + REQUIRED,
                    "keep exactly one of them");
            return Optional.empty();
        }
        if (!preferred) {
            given.at(REQUIRED);
            return Optional.of(new Additions.AntiAffinity(OptionalInt.empty()));
        }
        var preference = given.at(PREFERRED);
        if (!preference.has("weight")) preference.problem("weight", "is required", "use 1 … 100");
        return preference
                .between("weight", 1, 100, "use 1 … 100")
                .map(weight -> new Additions.AntiAffinity(OptionalInt.of(weight)));
    }
}
