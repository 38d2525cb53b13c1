package dev.sluice.app;

import dev.sluice.json.Json;
import dev.sluice.json.JsonPath;
import dev.sluice.json.JsonPathException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// `-o`: how results are printed.
public final class OutputOption {
    /// `apiVersion` of every document that a command prints. Fields are only ever added.
    public static final String API = "cli.sluice.dev/v1";

    private static final String PATH = "jsonpath=";

    /// The forms.
    public enum Form {
        TABLE,
        WIDE,
        JSON,
        YAML,
        NAME,
        JSONPATH
    }

    /// What was chosen.
    ///
    /// @param path for [Form#JSONPATH]; the whole document for the others
    record Chosen(Form form, JsonPath path) {
        static Chosen read(String text) {
            if (text.startsWith(PATH)) {
                try {
                    return new Chosen(Form.JSONPATH, JsonPath.parse(text.substring(PATH.length())));
                } catch (JsonPathException wrong) {
                    throw new TypeConversionException(String.valueOf(wrong.getMessage()));
                }
            }
            return Arrays.stream(Form.values())
                    .filter(form -> form != Form.JSONPATH && form.name().equalsIgnoreCase(text))
                    .findFirst()
                    .map(form -> new Chosen(form, JsonPath.ROOT))
                    .orElseThrow(() -> new TypeConversionException(
                            "\"" + text + "\" is none of table, wide, json, yaml," + " name and jsonpath={.path}"));
        }
    }

    private static final class Reader implements ITypeConverter<Chosen> {
        @Override
        public Chosen convert(String text) {
            return Chosen.read(text);
        }
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            converter = Reader.class,
            description = "table, wide, json, yaml, name or jsonpath={.path}; of this command's own report,"
                    + " where kubectl get rollout -o yaml prints the object.")
    Chosen chosen = new Chosen(Form.TABLE, JsonPath.ROOT);

    public Form form() {
        return chosen.form;
    }

    /// Chooses a form that another option stands for.
    public void choose(Form form) {
        chosen = new Chosen(form, JsonPath.ROOT);
    }

    public boolean wide() {
        return form() == Form.WIDE;
    }

    /// Prints a document, where a machine is to read it.
    ///
    /// @throws Complaint.Failure for a path to a field that is not there
    /// @return whether it did; false for the forms that are for people, and for `name`
    public boolean structured(Terminal terminal, Json document) {
        return structured(terminal.out(), terminal.err(), document);
    }

    /// Whether a path picks from what there is, so that nothing is an answer, too.
    private static boolean selects(JsonPath path) {
        return Stream.of("*", "?", ":", "..").anyMatch(path.toString()::contains);
    }

    boolean structured(PrintStream out, PrintStream err, Json document) {
        return switch (form()) {
            case JSON -> {
                out.println(document.text());
                yield true;
            }
            case YAML -> {
                out.print(Yaml.text(document));
                yield true;
            }
            case JSONPATH -> {
                // As kubectl: strings as they are, everything else as JSON, a blank between.
                var found = chosen.path.all(document);
                if (found.isEmpty()) {
                    var fields = "its fields are "
                            + String.join(", ", document.obj().fields().keySet());
                    if (!selects(chosen.path)) {
                        throw Words.usage("-o jsonpath: nothing in the document is at " + chosen.path)
                                .because(fields)
                                .failure();
                    }
                    err.println("note: nothing in the document is at the path; " + fields);
                }
                out.println(found.stream()
                        .map(value -> value instanceof Json.Str(var text) ? text : value.text())
                        .collect(Collectors.joining(" ")));
                yield true;
            }
            case TABLE, WIDE, NAME -> false;
        };
    }
}
