package dev.sluice.app;

import dev.sluice.json.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sluice version`: this program's, and the Java it runs on. Asks no cluster, so it answers at once.
@Command(name = "version", description = "Show the version of this program.")
public final class VersionCommand extends SluiceCommand {
    @Option(names = "--short", description = "The number alone.")
    boolean brief;

    @Mixin
    OutputOption output = new OutputOption();

    /// As the jar's manifest has it.
    public static String version() {
        var version = VersionCommand.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    @Override
    protected Exit run() {
        var java = Runtime.version().toString();
        var document = Json.obj("apiVersion", OutputOption.API, "kind", "Version", "version", version(), "java", java);
        if (!output.structured(terminal(), document)) {
            terminal().out().println(brief ? version() : "sluice " + version() + " (Java " + java + ")");
        }
        return Exit.DONE;
    }
}
