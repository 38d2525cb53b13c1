package dev.sluice.analysis;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Merges AnalysisTemplates into the `spec` of a run.
///
/// ```
/// references ─► templates, nested ones after the one that names them, each once
///            ─► metrics, rules and arguments side by side; what contradicts itself is refused
///            ─► arguments of the one who runs it over those of the templates; each must have a value now
/// ```
///
/// @see "argoproj.io/v1alpha1: AnalysisTemplate, ClusterAnalysisTemplate spec"
public final class Templates {
    /// Nesting beyond this is a mistake, not a design.
    private static final int MOST = 200;

    private Templates() {}

    /// A template by its name.
    public record Ref(String name, boolean clusterScope) {
        /// As the API server names what it cannot find.
        String missing() {
            var kind = clusterScope ? "clusteranalysistemplates" : "analysistemplates";
            return kind + ".argoproj.io \"" + name + "\" not found";
        }
    }

    /// A `spec` for a run, or why there is none.
    public sealed interface Plan {
        record Spec(Json.Obj spec) implements Plan {}

        /// @param messages everything that contradicts itself, in the words of Argo Rollouts
        record Refused(List<String> messages) implements Plan {
            public Refused {
                messages = List.copyOf(messages);
            }

            public Refused(String message) {
                this(List.of(message));
            }
        }
    }

    /// The references of a `templates` list, of an analysis block or of a template.
    public static List<Ref> refs(Json templates) {
        return templates.items().stream()
                .map(item -> new Ref(
                        item.at("templateName").string(""),
                        item.at("clusterScope").bool(false)))
                .toList();
    }

    /// Every template that these references lead to, also through others: what the edge must fetch to [#plan].
    /// Whoever follows asks again with more templates until nothing new comes.
    public static List<Ref> missing(List<Ref> refs, Function<Ref, Optional<Json.Obj>> library) {
        var walk = new Walk(library);
        refs.forEach(walk::follow);
        return List.copyOf(walk.missing);
    }

    /// @param refs the templates asked for
    /// @param library the `spec` of a template
    /// @param args of the one who runs it, resolved
    /// @param block where `dryRun` and `measurementRetention` of the one who runs it stand
    public static Plan plan(List<Ref> refs, Function<Ref, Optional<Json.Obj>> library, Arguments args, Json.Obj block) {
        var walk = new Walk(library);
        refs.forEach(walk::follow);
        if (!walk.missing.isEmpty()) {
            return new Plan.Refused(walk.missing.stream().map(Ref::missing).toList());
        }
        if (walk.tooMany) return new Plan.Refused("the templates lead to more than " + MOST + " templates");
        // As the original: those of the namespace before those of the cluster.
        var templates = new ArrayList<Json.Obj>();
        walk.found.forEach((ref, spec) -> {
            if (!ref.clusterScope()) templates.add(spec);
        });
        walk.found.forEach((ref, spec) -> {
            if (ref.clusterScope()) templates.add(spec);
        });
        var merge = new Merge();
        var spec = merge.spec(templates, args, block);
        return merge.wrong.isEmpty() ? new Plan.Spec(spec) : new Plan.Refused(merge.wrong);
    }

    /// What would end a run of this spec at once, all of it: to be told before there is one.
    ///
    /// @param spec of a [Plan]
    /// @param mustEnd whether somebody waits for the end of the run; then each metric needs one of its own
    /// @param providers the names of those there are; empty where that is not known
    public static List<String> check(Json.Obj spec, boolean mustEnd, List<String> providers) {
        return switch (RunSpec.of(spec)) {
            case RunSpec.Checked.Wrong wrong -> wrong.all();
            case RunSpec.Checked.Fine(var fine) -> {
                var wrong = new ArrayList<String>();
                for (var question : fine.questions()) {
                    var metric = question.metric();
                    if (mustEnd && metric.effectiveCount().isEmpty()) {
                        wrong.add("metric '%s' runs indefinitely: it has an interval and no count"
                                .formatted(metric.name()));
                    }
                    if (!providers.isEmpty()
                            && !providers.contains(metric.provider().name())) {
                        wrong.add("metric '%s': no metric provider is called '%s'; there are %s"
                                .formatted(metric.name(), metric.provider().name(), String.join(", ", providers)));
                    }
                }
                yield wrong;
            }
        };
    }

    private static final class Walk {
        private final Function<Ref, Optional<Json.Obj>> library;
        private final LinkedHashMap<Ref, Json.Obj> found = new LinkedHashMap<>();
        private final List<Ref> missing = new ArrayList<>();
        private boolean tooMany;

        Walk(Function<Ref, Optional<Json.Obj>> library) {
            this.library = library;
        }

        void follow(Ref ref) {
            if (found.containsKey(ref) || missing.contains(ref)) return;
            if (found.size() == MOST) {
                tooMany = true;
                return;
            }
            var spec = library.apply(ref);
            if (spec.isEmpty()) {
                missing.add(ref);
                return;
            }
            found.put(ref, spec.get());
            refs(spec.get().at("templates")).forEach(this::follow);
        }
    }

    /// Puts templates side by side, and notes what does not fit together.
    private static final class Merge {
        private final List<String> wrong = new ArrayList<>();

        private void tell(String words) {
            if (!wrong.contains(words)) wrong.add(words);
        }

        Json.Obj spec(List<Json.Obj> templates, Arguments given, Json.Obj block) {
            var metrics = list(templates, "metrics");
            once(metrics, "name", "two metrics have the same name '%s'");
            var dryRun = list(templates, "dryRun");
            once(dryRun, "metricName", "two Dry-Run metric rules have the same name '%s'");
            var retention = list(templates, "measurementRetention");
            once(retention, "metricName", "two Measurement Retention metric rules have the same name '%s'");
            var arguments = overridden(declared(templates), given);

            var allDryRun = new ArrayList<>(block.at("dryRun").items());
            allDryRun.addAll(dryRun);
            once(allDryRun, "metricName", "two Dry-Run metric rules have the same name '%s'");
            var allRetention = new ArrayList<>(block.at("measurementRetention").items());
            allRetention.addAll(retention);
            once(allRetention, "metricName", "two Measurement Retention metric rules have the same name '%s'");
            if (metrics.isEmpty()) wrong.add("no metrics specified");

            var spec = Json.obj("metrics", metrics);
            if (!arguments.all().isEmpty()) spec = spec.with("args", arguments.json());
            if (!allDryRun.isEmpty()) spec = spec.with("dryRun", allDryRun);
            return allRetention.isEmpty() ? spec : spec.with("measurementRetention", allRetention);
        }

        private static List<Json> list(List<Json.Obj> templates, String field) {
            var all = new ArrayList<Json>();
            for (var template : templates) all.addAll(template.at(field).items());
            return all;
        }

        private void once(List<Json> items, String field, String complaint) {
            var names = new ArrayList<String>();
            for (var item : items) {
                var name = item.at(field).string("");
                if (names.contains(name)) tell(complaint.formatted(name));
                names.add(name);
            }
        }

        /// The templates' arguments: the same name twice is fine unless both have values and these differ.
        private Arguments declared(List<Json.Obj> templates) {
            var byName = new LinkedHashMap<String, Arguments.Argument>();
            for (var template : templates) {
                for (var argument : Arguments.of(template.at("args")).all()) {
                    var before = Optional.ofNullable(byName.get(argument.name()));
                    var old = before.flatMap(Arguments.Argument::value);
                    if (old.isPresent() && argument.value().isPresent() && !old.equals(argument.value())) {
                        tell("Argument `%s` specified multiple times with different values: '%s', '%s'"
                                .formatted(
                                        argument.name(),
                                        old.get(),
                                        argument.value().get()));
                    }
                    if (old.isEmpty()) byName.put(argument.name(), argument);
                }
            }
            return new Arguments(List.copyOf(byName.values()));
        }

        /// Only names that a template declares are kept.
        private Arguments overridden(Arguments declared, Arguments given) {
            var all = new ArrayList<Arguments.Argument>();
            for (var argument : declared.all()) {
                var by = given.named(argument.name());
                var merged = argument;
                if (by.isPresent() && by.get().value().isPresent()) {
                    merged = new Arguments.Argument(argument.name(), by.get().value(), Json.Obj.EMPTY);
                } else if (by.isPresent() && !by.get().valueFrom().isEmpty()) {
                    merged = new Arguments.Argument(
                            argument.name(), Optional.empty(), by.get().valueFrom());
                }
                if (!merged.supplied()) tell("args." + argument.name() + " was not resolved");
                all.add(merged);
            }
            return new Arguments(all);
        }
    }
}
