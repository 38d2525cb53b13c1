package dev.sluice.local.schema;

import com.google.common.collect.ImmutableList;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import dev.sluice.format.Quantity;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The functions that Kubernetes adds to CEL: on lists, regular expressions, quantities and URLs.
///
/// @see "Kubernetes: CEL options, language features and libraries"
final class CelFunctions {
    private static final CelType QUANTITY = OpaqueType.create("kubernetes.Quantity");
    private static final CelType URL = OpaqueType.create("kubernetes.URL");
    private static final CelType ITEM = TypeParamType.create("T");
    private static final CelType LIST = ListType.create(ITEM);
    private static final CelType TEXTS = ListType.create(SimpleType.STRING);

    /// One overload: how it is declared and what it does.
    private record Function(String name, CelOverloadDecl overload, CelFunctionBinding binding) {}

    private static final List<Function> ALL = List.of(
            member("isSorted", SimpleType.BOOL, List.of(LIST), List.of(List.class), args -> isSorted(list(args[0]))),
            member("sum", ITEM, List.of(LIST), List.of(List.class), args -> sum(list(args[0]))),
            member("min", ITEM, List.of(LIST), List.of(List.class), args -> extreme(list(args[0]), -1)),
            member("max", ITEM, List.of(LIST), List.of(List.class), args -> extreme(list(args[0]), 1)),
            member("indexOf", SimpleType.INT, List.of(LIST, ITEM), List.of(List.class, Object.class), args ->
                    (long) list(args[0]).indexOf(args[1])),
            member("lastIndexOf", SimpleType.INT, List.of(LIST, ITEM), List.of(List.class, Object.class), args ->
                    (long) list(args[0]).lastIndexOf(args[1])),
            member("find", SimpleType.STRING, texts(2), strings(2), args -> {
                var match = pattern(args[1]).matcher((String) args[0]);
                return match.find() ? match.group() : "";
            }),
            member("findAll", TEXTS, texts(2), strings(2), args -> findAll(args, -1)),
            member(
                    "findAll",
                    TEXTS,
                    List.of(SimpleType.STRING, SimpleType.STRING, SimpleType.INT),
                    List.of(String.class, String.class, Long.class),
                    args -> findAll(args, (Long) args[2])),
            global("quantity", QUANTITY, texts(1), strings(1), args -> quantity(args[0])),
            global("isQuantity", SimpleType.BOOL, texts(1), strings(1), args -> isQuantity((String) args[0])),
            onQuantity("sign", SimpleType.INT, args -> (long) value(args[0]).signum()),
            onQuantity("isInteger", SimpleType.BOOL, args -> integer(args[0]).isPresent()),
            onQuantity(
                    "asInteger",
                    SimpleType.INT,
                    args -> integer(args[0])
                            .orElseThrow(() -> new CelEvaluationException("cannot convert value to integer"))),
            onQuantity(
                    "asApproximateFloat",
                    SimpleType.DOUBLE,
                    args -> value(args[0]).doubleValue()),
            onQuantities(
                    "compareTo", SimpleType.INT, args -> (long) value(args[0]).compareTo(value(args[1]))),
            onQuantities(
                    "isGreaterThan", SimpleType.BOOL, args -> value(args[0]).compareTo(value(args[1])) > 0),
            onQuantities("isLessThan", SimpleType.BOOL, args -> value(args[0]).compareTo(value(args[1])) < 0),
            onQuantities("add", QUANTITY, args -> amount(value(args[0]).add(value(args[1])))),
            onQuantities("sub", QUANTITY, args -> amount(value(args[0]).subtract(value(args[1])))),
            global(
                    "url",
                    URL,
                    texts(1),
                    strings(1),
                    args -> url((String) args[0])
                            .orElseThrow(
                                    () -> new CelEvaluationException("URL parse error during conversion from string"))),
            global(
                    "isURL",
                    SimpleType.BOOL,
                    texts(1),
                    strings(1),
                    args -> url((String) args[0]).isPresent()),
            onUrl("getScheme", args -> text(((URI) args[0]).getScheme())),
            onUrl("getHostname", args -> text(((URI) args[0]).getHost()).replaceAll("^\\[|\\]$", "")),
            onUrl("getPort", args -> ((URI) args[0]).getPort() < 0 ? "" : "" + ((URI) args[0]).getPort()),
            onUrl("getHost", args -> text(((URI) args[0]).getRawAuthority())),
            onUrl("getEscapedPath", args -> text(((URI) args[0]).getRawPath())));

    private CelFunctions() {}

    static List<CelFunctionDecl> declarations() {
        var declarations = new ArrayList<CelFunctionDecl>();
        for (var name : ALL.stream().map(Function::name).distinct().toList()) {
            var overloads = ALL.stream()
                    .filter(function -> function.name().equals(name))
                    .map(Function::overload)
                    .toList();
            declarations.add(CelFunctionDecl.newFunctionDeclaration(name, overloads));
        }
        return declarations;
    }

    static List<CelFunctionBinding> bindings() {
        return ALL.stream().map(Function::binding).toList();
    }

    private static Function member(
            String name, CelType result, List<CelType> parameters, List<Class<?>> classes, CelFunctionOverload body) {
        var id = id(name, parameters);
        return new Function(
                name,
                CelOverloadDecl.newMemberOverload(id, result, ImmutableList.copyOf(parameters)),
                CelFunctionBinding.from(id, ImmutableList.copyOf(classes), body));
    }

    private static Function global(
            String name, CelType result, List<CelType> parameters, List<Class<?>> classes, CelFunctionOverload body) {
        var id = id(name, parameters);
        return new Function(
                name,
                CelOverloadDecl.newGlobalOverload(id, result, ImmutableList.copyOf(parameters)),
                CelFunctionBinding.from(id, ImmutableList.copyOf(classes), body));
    }

    private static String id(String name, List<CelType> parameters) {
        var id = new StringBuilder("kubernetes_").append(name.toLowerCase(Locale.ROOT));
        for (var parameter : parameters)
            id.append('_').append(parameter.kind().name().toLowerCase(Locale.ROOT));
        return id.toString();
    }

    private static Function onQuantity(String name, CelType result, CelFunctionOverload body) {
        return member(name, result, List.of(QUANTITY), List.of(Quantity.class), body);
    }

    private static Function onQuantities(String name, CelType result, CelFunctionOverload body) {
        return member(name, result, List.of(QUANTITY, QUANTITY), List.of(Quantity.class, Quantity.class), body);
    }

    private static Function onUrl(String name, CelFunctionOverload body) {
        return member(name, SimpleType.STRING, List.of(URL), List.of(URI.class), body);
    }

    private static List<CelType> texts(int count) {
        return Collections.nCopies(count, SimpleType.STRING);
    }

    private static List<Class<?>> strings(int count) {
        return Collections.nCopies(count, String.class);
    }

    private static List<?> list(Object value) {
        return (List<?>) value;
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static int compare(Object a, Object b) throws CelEvaluationException {
        if (a instanceof Number x && b instanceof Number y) {
            return a instanceof Long && b instanceof Long
                    ? Long.compare(x.longValue(), y.longValue())
                    : Double.compare(x.doubleValue(), y.doubleValue());
        }
        if (a instanceof String x && b instanceof String y) return x.compareTo(y);
        if (a instanceof Boolean x && b instanceof Boolean y) return x.compareTo(y);
        if (a instanceof Instant x && b instanceof Instant y) return x.compareTo(y);
        if (a instanceof Duration x && b instanceof Duration y) return x.compareTo(y);
        throw new CelEvaluationException("no such overload: the items of the list cannot be compared");
    }

    private static boolean isSorted(List<?> items) throws CelEvaluationException {
        for (int i = 1; i < items.size(); i++) {
            if (compare(items.get(i - 1), items.get(i)) > 0) return false;
        }
        return true;
    }

    private static Object extreme(List<?> items, int sign) throws CelEvaluationException {
        if (items.isEmpty()) {
            throw new CelEvaluationException((sign < 0 ? "min" : "max") + " called on empty list");
        }
        Object best = items.getFirst();
        for (var item : items) {
            if (Integer.signum(compare(item, best)) == sign) best = item;
        }
        return best;
    }

    private static Object sum(List<?> items) throws CelEvaluationException {
        if (items.isEmpty()) return 0L;
        long whole = 0;
        double real = 0;
        var span = Duration.ZERO;
        for (var item : items) {
            switch (item) {
                case Long number -> {
                    whole = Math.addExact(whole, number);
                    real += number;
                }
                case Double number -> real += number;
                case Duration duration -> span = span.plus(duration);
                default -> throw new CelEvaluationException("no such overload: the items of the list have no sum");
            }
        }
        return switch (items.getFirst()) {
            case Duration _ -> span;
            case Double _ -> real;
            default -> whole;
        };
    }

    private static Pattern pattern(Object text) throws CelEvaluationException {
        try {
            return Pattern.compile((String) text);
        } catch (PatternSyntaxException wrong) {
            throw new CelEvaluationException("Illegal regex: " + wrong.getMessage());
        }
    }

    private static List<String> findAll(Object[] args, long limit) throws CelEvaluationException {
        var match = pattern(args[1]).matcher((String) args[0]);
        var found = new ArrayList<String>();
        while ((limit < 0 || found.size() < limit) && match.find()) found.add(match.group());
        return found;
    }

    private static Quantity quantity(Object text) throws CelEvaluationException {
        try {
            return Quantity.parse((String) text);
        } catch (IllegalArgumentException wrong) {
            throw new CelEvaluationException(
                    "quantities must match the regular expression" + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        }
    }

    private static boolean isQuantity(String text) {
        try {
            Quantity.parse(text);
            return true;
        } catch (IllegalArgumentException wrong) {
            return false;
        }
    }

    private static BigDecimal value(Object quantity) {
        return ((Quantity) quantity).value();
    }

    private static Quantity amount(BigDecimal value) {
        return new Quantity(value, value.toPlainString());
    }

    private static Optional<Long> integer(Object quantity) {
        try {
            return Optional.of(value(quantity).longValueExact());
        } catch (ArithmeticException none) {
            return Optional.empty();
        }
    }

    private static Optional<URI> url(String text) {
        try {
            var uri = new URI(text);
            return uri.isAbsolute() || text.startsWith("/") ? Optional.of(uri) : Optional.empty();
        } catch (URISyntaxException none) {
            return Optional.empty();
        }
    }
}
