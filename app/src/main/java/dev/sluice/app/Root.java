package dev.sluice.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// `sluice`, and the options that every command understands, before its name or behind it.
@Command(
        name = "sluice",
        description = "Progressive delivery for Kubernetes.",
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n")
public final class Root {
    /// Those of the options below that say which cluster is meant, and as whom.
    static final List<String> OF_THE_CLUSTER =
            List.of("--kubeconfig", "--context", "--namespace", "--as", "--as-group", "--request-timeout");

    final World world;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    boolean help;

    @Option(names = "--kubeconfig", paramLabel = "FILE", scope = ScopeType.INHERIT, description = "Kubeconfig to use.")
    @Nullable
    Path kubeconfig;

    @Option(names = "--context", paramLabel = "NAME", scope = ScopeType.INHERIT, description = "Its context to use.")
    @Nullable
    String context;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "Namespace; the context's where absent.")
    @Nullable
    String namespace;

    @Option(names = "--as", paramLabel = "USER", scope = ScopeType.INHERIT, description = "Act as this user.")
    @Nullable
    String user;

    @Option(
            names = "--as-group",
            paramLabel = "GROUP",
            scope = ScopeType.INHERIT,
            description = "Act as a member of this group; may be repeated.")
    List<String> groups = new ArrayList<>();

    @Option(
            names = "--request-timeout",
            paramLabel = "TIME",
            scope = ScopeType.INHERIT,
            description = "Longest wait for one answer of the API server, such as 5s (default: 10s).")
    @Nullable
    String requestTimeout;

    @Option(names = "--no-color", scope = ScopeType.INHERIT, description = "No colours; also NO_COLOR and TERM=dumb.")
    boolean noColor;

    @Option(names = "--ascii", scope = ScopeType.INHERIT, description = "Letters instead of icons.")
    boolean ascii;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Show logs and the stack of an unexpected failure.")
    boolean verbose;

    Root(World world) {
        this.world = world;
    }

    public World world() {
        return world;
    }

    public Terminal terminal() {
        return world.terminal();
    }

    /// How to reach the cluster.
    ///
    /// @throws Complaint.Failure for a time limit that is none
    public Connection connection() {
        return new Connection(
                Optional.ofNullable(kubeconfig),
                Optional.ofNullable(context),
                Optional.ofNullable(namespace),
                Optional.ofNullable(user),
                groups,
                Words.duration("--request-timeout", requestTimeout, Connection.TIMEOUT));
    }

    /// How to print.
    public Style style() {
        var terminal = terminal();
        boolean colour = !noColor
                && terminal.interactive()
                && terminal.variable("NO_COLOR").isEmpty()
                && !terminal.variable("TERM").equals("dumb");
        return new Style(colour, ascii);
    }
}
