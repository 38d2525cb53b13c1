package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The shape of a value: a structural schema, for built-in and custom kinds alike.
///
/// @see "Kubernetes: structural schemas; x-kubernetes-* extensions of OpenAPI"
public sealed interface Schema {
    /// What every node may carry.
    Traits traits();

    /// This schema, a [Ref] followed to what it names.
    default Schema target() {
        return this;
    }

    /// An object: named fields, or a map with equal values, or both open to anything else.
    ///
    /// @param values schema of the values of further names; empty where there are none
    /// @param open keeps what it does not name (`x-kubernetes-preserve-unknown-fields`)
    /// @param embedded a whole object with apiVersion, kind and metadata (`x-kubernetes-embedded-resource`)
    /// @param atomic owned and replaced as a whole in server-side apply
    record Obj(
            Traits traits,
            SequencedMap<String, Field> fields,
            Optional<Schema> values,
            Set<String> required,
            boolean open,
            boolean embedded,
            boolean atomic)
            implements Schema {
        public Obj {
            fields = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(fields));
            required = Collections.unmodifiableSet(required);
        }

        /// The schema of the value under a name; `null` where the name is unknown.
        @Nullable
        Schema child(String name) {
            var field = fields.get(name);
            return field != null ? field.schema : values.orElse(null);
        }
    }

    /// An array.
    record Arr(Traits traits, Schema items, ListType listType, List<String> keys) implements Schema {}

    /// How server-side apply sees an array.
    enum ListType {
        ATOMIC,
        SET,
        MAP
    }

    /// A string; `format` as in OpenAPI, or `quantity`, `micro-time` for those built-in types.
    record Text(Traits traits, String format) implements Schema {}

    /// A number.
    record Numeric(Traits traits, boolean integer, String format) implements Schema {}

    /// `true` or `false`.
    record Bool(Traits traits) implements Schema {}

    /// An integer or a string (`x-kubernetes-int-or-string`).
    record IntOrString(Traits traits) implements Schema {}

    /// Anything, kept as it is.
    record Any(Traits traits) implements Schema {
        static final Any PLAIN = new Any(Traits.NONE);
    }

    /// A named type of the built-in table; may be recursive.
    final class Ref implements Schema {
        private final String name;
        private final Supplier<Obj> lookup;
        private volatile @Nullable Obj found;

        Ref(String name, Supplier<Obj> lookup) {
            this.name = name;
            this.lookup = lookup;
        }

        /// The type's name in OpenAPI documents, such as `io.k8s.api.core.v1.PodSpec`.
        public String name() {
            return name;
        }

        @Override
        public Obj target() {
            var known = found;
            if (known == null) {
                known = lookup.get();
                found = known;
            }
            return known;
        }

        @Override
        public Traits traits() {
            return Traits.NONE;
        }

        @Override
        public String toString() {
            return "Ref[" + name + "]";
        }
    }

    /// What every node may carry besides its type.
    ///
    /// @param rules the CEL rules of this node, in order
    /// @param constraint value validations
    record Traits(boolean nullable, Rules rules, Constraint constraint, String description) {
        static final Traits NONE = new Traits(false, Rules.NONE, Constraint.NONE, "");
    }

    /// The rules of `x-kubernetes-validations` of one node, compiled when they are first asked.
    final class Rules {
        static final Rules NONE = new Rules(List.of());

        private final List<Rule> all;
        private volatile @Nullable List<CelRules.Compiled> compiled;

        Rules(List<Rule> all) {
            this.all = List.copyOf(all);
        }

        public List<Rule> all() {
            return all;
        }

        /// @param owner the node that the rules stand at
        List<CelRules.Compiled> compiled(Schema owner) {
            var known = compiled;
            if (known == null) {
                known = CelRules.compile(owner, all);
                compiled = known;
            }
            return known;
        }
    }

    /// One rule of `x-kubernetes-validations`.
    ///
    /// @param optionalOldSelf true when the rule is also asked on creation, `oldSelf` being an optional
    record Rule(
            String rule,
            Optional<String> message,
            Optional<String> messageExpression,
            Optional<String> reason,
            Optional<String> fieldPath,
            boolean optionalOldSelf) {}

    /// A field of an object.
    ///
    /// @param presence when it is written
    /// @param pointer whether "not set" differs from the zero value
    /// @param filled whether validation takes the zero value for a missing one
    /// @param byDefault the value that the server fills in
    /// @param patch how a strategic merge patch treats it
    record Field(
            Schema schema,
            Presence presence,
            boolean pointer,
            boolean filled,
            Optional<Default> byDefault,
            Patch patch) {}

    /// A value that the server fills in.
    ///
    /// @param published whether it stands in the OpenAPI document
    record Default(Json value, boolean published) {}

    /// When a field stands in the canonical form of an object, as Go's encoder decides it.
    enum Presence {
        ALWAYS,
        UNLESS_ZERO,
        WHEN_SET
    }

    /// How a strategic merge patch treats a field.
    ///
    /// @param merge merge the list rather than replace it
    /// @param key the merge key, empty for lists of scalars
    /// @param retainKeys the patch names the keys to keep
    record Patch(boolean merge, String key, boolean retainKeys) {
        static final Patch NONE = new Patch(false, "", false);
    }

    /// Value validations, of one node or of the nodes below it inside `allOf`, `anyOf`, `oneOf`, `not`.
    ///
    /// @param type `integer` or `string` inside the `anyOf` of an int-or-string; else empty
    record Constraint(
            Optional<List<Json>> oneOfValues,
            Optional<Double> minimum,
            boolean exclusiveMinimum,
            Optional<Double> maximum,
            boolean exclusiveMaximum,
            Optional<Double> multipleOf,
            Optional<Long> minLength,
            Optional<Long> maxLength,
            Optional<String> pattern,
            Optional<String> format,
            Optional<Long> minItems,
            Optional<Long> maxItems,
            boolean uniqueItems,
            Optional<Long> minProperties,
            Optional<Long> maxProperties,
            Set<String> required,
            Optional<String> type,
            Map<String, Constraint> properties,
            Optional<Constraint> items,
            Optional<Constraint> values,
            List<Constraint> allOf,
            List<Constraint> anyOf,
            List<Constraint> oneOf,
            Optional<Constraint> not) {
        static final Constraint NONE = new Constraint(
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                Set.of(),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty());

        @SuppressWarnings("ReferenceEquality") // asked for every value of every object; parsing keeps NONE unique
        boolean isNone() {
            return this == NONE;
        }

        static Constraint of(Optional<List<Json>> values, Optional<Double> minimum, Optional<Double> maximum) {
            if (values.isEmpty() && minimum.isEmpty() && maximum.isEmpty()) return NONE;
            return new Constraint(
                    values,
                    minimum,
                    false,
                    maximum,
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    Set.of(),
                    Optional.empty(),
                    Map.of(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    List.of(),
                    Optional.empty());
        }
    }
}
