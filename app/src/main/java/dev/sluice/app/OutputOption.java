package dev.sluice.app;

import dev.sluice.json.Json;
import picocli.CommandLine.Option;

/// `-o`: how results are printed.
public final class OutputOption {
    /// `apiVersion` of every document that a command prints. Fields are only ever added.
    public static final String API = "cli.sluice.dev/v1";

    /// The forms.
    public enum Form {
        TABLE,
        WIDE,
        JSON,
        YAML,
        NAME
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            description = "table, wide, json, yaml or name.")
    public Form form = Form.TABLE;

    public boolean wide() {
        return form == Form.WIDE;
    }

    /// Prints a document, where a machine is to read it.
    ///
    /// @return whether it did; false for the forms that are for people, and for `name`
    public boolean structured(Terminal terminal, Json document) {
        return switch (form) {
            case JSON -> {
                terminal.out().println(document.text());
                yield true;
            }
            case YAML -> {
                terminal.out().print(Yaml.text(document));
                yield true;
            }
            case TABLE, WIDE, NAME -> false;
        };
    }
}
