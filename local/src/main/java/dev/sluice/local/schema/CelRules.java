package dev.sluice.local.schema;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.sluice.json.Json;
import dev.sluice.local.schema.Schema.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Validation rules of custom resources in CEL (`x-kubernetes-validations`).
///
/// Nothing here is loaded before a schema with rules is used. Each rule is type-checked against its
/// node, `self` being a struct with the declared fields, and compiled once. Bounds: length and depth of
/// an expression, iterations of its loops, and regular expressions in linear time.
///
/// Known differences from the API server: costs are bounded by iterations rather than by estimated cost units, and
/// lists of type `set` or `map` compare by position.
///
/// @see "Kubernetes: Validation rules; Common Expression Language in Kubernetes"
final class CelRules {
    /// Steps of all loops in one evaluation.
    private static final int MAX_ITERATIONS = 100_000;

    /// Code points in one expression.
    private static final int MAX_LENGTH = 16 * 1024;

    private static final CelOptions OPTIONS = CelOptions.current()
            .enableHeterogeneousNumericComparisons(true)
            .enableRegexPartialMatch(true)
            .enableOptionalSyntax(true)
            .comprehensionMaxIterations(MAX_ITERATIONS)
            .maxExpressionCodePointSize(MAX_LENGTH)
            .maxParseRecursionDepth(100)
            .errorOnIntWrap(true)
            .build();

    private static final CelRuntime RUNTIME = CelRuntimeFactory.legacyCelRuntimeBuilder()
            .setOptions(OPTIONS)
            .addLibraries(CelExtensions.optional(), CelExtensions.strings(), CelExtensions.sets(OPTIONS))
            .addFunctionBindings(CelFunctions.bindings())
            .build();

    private CelRules() {}

    /// One rule, ready to be asked.
    ///
    /// @param problem what is wrong with the rule itself; then the programs are missing
    /// @param usesOldSelf a transition rule, asked only where there is an old value to compare with
    record Compiled(
            Rule rule,
            boolean usesOldSelf,
            CelRuntime.@Nullable Program program,
            CelRuntime.@Nullable Program message,
            Optional<String> problem,
            Optional<String> messageProblem) {}

    /// Whether a schema has rules anywhere.
    static boolean any(Schema schema) {
        if (!schema.traits().rules().all().isEmpty()) return true;
        return switch (schema) {
            case Schema.Obj type ->
                type.values().filter(CelRules::any).isPresent()
                        || type.fields().values().stream().anyMatch(field -> any(field.schema()));
            case Schema.Arr type -> any(type.items());
            default -> false;
        };
    }

    /// Every rule that an object breaks.
    ///
    /// @param old the stored object; empty on creation
    static List<Problem> validate(Schema.Obj schema, Json.Obj object, Optional<Json.Obj> old) {
        var problems = new ArrayList<Problem>();
        walk(schema, object, old.orElse(null), Path.ROOT, problems);
        return problems;
    }

    private static void walk(Schema schema, Json value, @Nullable Json old, Path path, List<Problem> problems) {
        if (value.isNull() || schema instanceof Schema.Ref) return;
        if (!schema.traits().rules().all().isEmpty()) {
            for (var rule : schema.traits().rules().compiled(schema)) ask(rule, schema, value, old, path, problems);
        }
        switch (schema) {
            case Schema.Obj type
            when value instanceof Json.Obj(var fields) ->
                fields.forEach((name, field) -> {
                    var child = type.child(name);
                    if (child == null) return;
                    var below = type.fields().containsKey(name) ? path.child(name) : path.key(name);
                    walk(child, field, old == null ? null : old.fields().get(name), below, problems);
                });
            case Schema.Arr type
            when value instanceof Json.Arr(var items) -> {
                for (int i = 0; i < items.size(); i++) {
                    walk(type.items(), items.get(i), counterpart(type, items.get(i), old), path.item(i), problems);
                }
            }
            default -> {}
        }
    }

    /// The old item that a list item continues: items have an identity only by their keys.
    private static @Nullable Json counterpart(Schema.Arr type, Json item, @Nullable Json old) {
        if (old == null || type.listType() != Schema.ListType.MAP) return null;
        for (var candidate : old.items()) {
            if (type.keys().stream().allMatch(key -> candidate.at(key).equals(item.at(key)))) return candidate;
        }
        return null;
    }

    private static void ask(
            Compiled compiled, Schema schema, Json value, @Nullable Json old, Path path, List<Problem> problems) {
        var rule = compiled.rule();
        var kind = new Json.Str(CelValues.typeName(schema));
        if (compiled.program() == null) {
            problems.add(Problem.invalid(
                    path, kind, "rule compile error: " + compiled.problem().orElse("")));
            return;
        }
        boolean hasOld = old != null && !old.isNull();
        if (compiled.usesOldSelf() && !hasOld && !rule.optionalOldSelf()) return;
        var variables = new HashMap<String, Object>();
        variables.put("self", CelValues.of(schema, value));
        if (compiled.usesOldSelf()) {
            var before = hasOld ? CelValues.of(schema, Objects.requireNonNull(old)) : null;
            if (rule.optionalOldSelf()) variables.put("oldSelf", Optional.ofNullable(before));
            else if (before != null) variables.put("oldSelf", before);
        }
        try {
            if (Boolean.TRUE.equals(compiled.program().eval(variables))) return;
        } catch (CelEvaluationException failed) {
            problems.add(Problem.invalid(path, kind, plain(failed) + " evaluating rule: " + shown(rule)));
            return;
        }
        var at = rule.fieldPath().map(path::dotted).orElse(path);
        var message = message(compiled, variables);
        problems.add(
                switch (rule.reason().orElse("")) {
                    case "FieldValueRequired" -> Problem.required(at, message);
                    case "FieldValueForbidden" -> Problem.forbidden(at, message);
                    case "FieldValueDuplicate" -> Problem.duplicate(at, kind);
                    default -> Problem.invalid(at, kind, message);
                });
    }

    private static String message(Compiled compiled, Map<String, Object> variables) {
        var rule = compiled.rule();
        if (compiled.message() != null) {
            try {
                if (compiled.message().eval(variables) instanceof String text
                        && !text.isBlank()
                        && text.indexOf('\n') < 0) {
                    return text.strip();
                }
            } catch (CelEvaluationException failed) {
                // The message of a broken rule may itself be broken; the plain one says enough.
            }
        }
        return rule.message().map(String::strip).orElse("failed rule: " + shown(rule));
    }

    private static String shown(Rule rule) {
        return rule.message()
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .orElse(rule.rule().strip());
    }

    private static String plain(Exception failed) {
        var message = String.valueOf(failed.getMessage());
        return message.replaceFirst("^evaluation error(?: at <input>:[0-9]+)?: ", "");
    }

    /// What is wrong with the rules of a schema, when a definition is stored.
    static List<Problem> problems(Json.Obj schema, Path path) {
        var problems = new ArrayList<Problem>();
        if (schema.text().contains("\"x-kubernetes-validations\"")) {
            problems(CrdSchema.root(schema), schema, path, problems);
        }
        return problems;
    }

    private static void problems(Schema parsed, Json json, Path path, List<Problem> problems) {
        int i = 0;
        if (!parsed.traits().rules().all().isEmpty()) {
            for (var rule : parsed.traits().rules().compiled(parsed)) {
                var at = path.child("x-kubernetes-validations").item(i);
                var value = json.at("x-kubernetes-validations").at(i++);
                rule.problem().ifPresent(what -> problems.add(Problem.invalid(at.child("rule"), value, what)));
                rule.messageProblem()
                        .ifPresent(what -> problems.add(Problem.invalid(at.child("messageExpression"), value, what)));
            }
        }
        switch (parsed) {
            case Schema.Obj type -> {
                json.at("properties").fields().forEach((name, property) -> {
                    var child = type.child(name);
                    if (child != null)
                        problems(child, property, path.child("properties").key(name), problems);
                });
                if (type.values().isPresent()) {
                    problems(
                            type.values().get(),
                            json.at("additionalProperties"),
                            path.child("additionalProperties"),
                            problems);
                }
            }
            case Schema.Arr type -> problems(type.items(), json.at("items"), path.child("items"), problems);
            default -> {}
        }
    }

    // ------------------------------------------------------------------------------------------ compiling

    static List<Compiled> compile(Schema owner, List<Rule> rules) {
        var types = new Types();
        var self = types.of(owner);
        var compiled = new ArrayList<Compiled>();
        CelCompiler plain = null;
        CelCompiler optional = null;
        for (var rule : rules) {
            if (rule.optionalOldSelf()) {
                if (optional == null) optional = compiler(types, self, OptionalType.create(self));
                compiled.add(compile(optional, rule));
            } else {
                if (plain == null) plain = compiler(types, self, self);
                compiled.add(compile(plain, rule));
            }
        }
        return List.copyOf(compiled);
    }

    private static CelCompiler compiler(Types types, CelType self, CelType oldSelf) {
        return CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addLibraries(CelExtensions.optional(), CelExtensions.strings(), CelExtensions.sets(OPTIONS))
                .addFunctionDeclarations(CelFunctions.declarations())
                .setTypeProvider(types)
                .addVar("self", self)
                .addVar("oldSelf", oldSelf)
                .build();
    }

    private static Compiled compile(CelCompiler compiler, Rule rule) {
        CelRuntime.Program program = null;
        Optional<String> problem = Optional.empty();
        boolean usesOldSelf = false;
        try {
            var ast = compiler.compile(rule.rule()).getAst();
            if (fits(ast, SimpleType.BOOL)) {
                usesOldSelf = mentions(ast, "oldSelf");
                program = RUNTIME.createProgram(ast);
            } else {
                problem = Optional.of("cel expression must evaluate to a bool");
            }
        } catch (CelValidationException | CelEvaluationException wrong) {
            problem = Optional.of("compilation failed: " + wrong.getMessage());
        }
        CelRuntime.Program message = null;
        Optional<String> messageProblem = Optional.empty();
        if (rule.messageExpression().isPresent()) {
            try {
                var ast = compiler.compile(rule.messageExpression().get()).getAst();
                if (fits(ast, SimpleType.STRING)) message = RUNTIME.createProgram(ast);
                else messageProblem = Optional.of("messageExpression must evaluate to a string");
            } catch (CelValidationException | CelEvaluationException wrong) {
                messageProblem = Optional.of("messageExpression compilation failed: " + wrong.getMessage());
            }
        }
        return new Compiled(rule, usesOldSelf, program, message, problem, messageProblem);
    }

    private static boolean fits(CelAbstractSyntaxTree ast, CelType wanted) {
        return ast.getResultType().equals(wanted) || ast.getResultType().equals(SimpleType.DYN);
    }

    private static boolean mentions(CelAbstractSyntaxTree ast, String variable) {
        return ast.getReferenceMap().values().stream()
                .anyMatch(reference -> reference.name().equals(variable));
    }

    /// The types of a schema as CEL sees them.
    @SuppressWarnings("Immutable") // filled before the compiler sees it, and not changed after
    private static final class Types implements CelTypeProvider {
        private final Map<String, StructType> structs = new LinkedHashMap<>();

        CelType of(Schema schema) {
            if (schema.traits().nullable()) return SimpleType.DYN;
            return switch (schema) {
                case Schema.Ref _ -> struct(Map.of("name", SimpleType.STRING, "generateName", SimpleType.STRING));
                case Schema.Obj type -> object(type);
                case Schema.Arr type -> ListType.create(of(type.items()));
                case Schema.Text type ->
                    switch (type.format()) {
                        case "date", "date-time" -> SimpleType.TIMESTAMP;
                        case "duration" -> SimpleType.DURATION;
                        case "byte" -> SimpleType.BYTES;
                        default -> SimpleType.STRING;
                    };
                case Schema.Numeric type -> type.integer() ? SimpleType.INT : SimpleType.DOUBLE;
                case Schema.Bool _ -> SimpleType.BOOL;
                case Schema.IntOrString _, Schema.Any _ -> SimpleType.DYN;
            };
        }

        private CelType object(Schema.Obj type) {
            if (type.fields().isEmpty() && type.values().isPresent()) {
                return MapType.create(SimpleType.STRING, of(type.values().get()));
            }
            if (type.fields().isEmpty() && type.open()) return SimpleType.DYN;
            var fields = new LinkedHashMap<String, CelType>();
            type.fields()
                    .forEach((field, declared) ->
                            CelValues.escape(field).ifPresent(escaped -> fields.put(escaped, of(declared.schema()))));
            return struct(fields);
        }

        /// Numbered, since a name that reads like a path would hide the field of that path.
        private StructType struct(Map<String, CelType> fields) {
            var name = "kubernetes_object_" + structs.size();
            var known = ImmutableMap.copyOf(fields);
            var struct = StructType.create(name, known.keySet(), field -> Optional.ofNullable(known.get(field)));
            structs.put(name, struct);
            return struct;
        }

        @Override
        public ImmutableCollection<CelType> types() {
            return ImmutableSet.copyOf(structs.values());
        }

        @Override
        public Optional<CelType> findType(String name) {
            return Optional.ofNullable(structs.get(name));
        }
    }
}
