package dev.sluice.app;

import dev.sluice.format.Nearest;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The program: picks the command, runs it, says what went wrong and ends with the right code.
public final class Main {
    private Main() {}

    public static void main(String[] words) {
        var world = World.system();
        int code = run(world, words);
        world.terminal().out().flush();
        world.terminal().err().flush();
        // Not a return: a client library's thread must not hold up the shell.
        Runtime.getRuntime().exit(code);
    }

    /// Runs one command.
    ///
    /// @return the exit code, see [Exit]
    public static int run(World world, String... words) {
        var named = Commands.ALL.stream()
                .filter(command -> List.of(words).stream().anyMatch(command::named))
                .toList();
        if (named.stream().noneMatch(Commands::logs) && !List.of(words).contains("-v")) quiet();
        var root = new Root(world);
        var line = new CommandLine(root);
        for (var command : named.isEmpty() ? Commands.ALL : named) {
            var names = command.names();
            line.addSubcommand(
                    names.getFirst(),
                    command.maker().get(),
                    names.subList(1, names.size()).toArray(String[]::new));
        }
        // It makes its own cluster: which other one is meant is no question there.
        Optional.ofNullable(line.getSubcommands().get("local")).ifPresent(Main::withoutCluster);
        var out = new PrintWriter(world.terminal().out(), true, StandardCharsets.UTF_8);
        var err = new PrintWriter(world.terminal().err(), true, StandardCharsets.UTF_8);
        line.setOut(out).setErr(err);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setAbbreviatedOptionsAllowed(false);
        line.setUsageHelpAutoWidth(false);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        line.setParameterExceptionHandler((wrong, _) -> complain(root, usage(wrong)));
        line.setExecutionExceptionHandler((thrown, _, _) -> failed(root, thrown));
        if (words.length == 0) {
            line.usage(err);
            return Exit.USAGE.code();
        }
        return line.execute(words);
    }

    private static void withoutCluster(CommandLine line) {
        var spec = line.getCommandSpec();
        for (var name : Root.OF_THE_CLUSTER) {
            Optional.ofNullable(spec.findOption(name)).ifPresent(spec::remove);
        }
        line.getSubcommands().values().forEach(Main::withoutCluster);
    }

    /// Short commands report through their own words; a logging framework would cost them more than their work.
    private static void quiet() {
        if (System.getProperty("slf4j.provider") == null) {
            System.setProperty("slf4j.provider", "org.slf4j.helpers.NOP_FallbackServiceProvider");
            // Else it tells that it was chosen.
            System.setProperty("slf4j.internal.verbosity", "ERROR");
        }
    }

    private static int complain(Root root, Complaint complaint) {
        var err = root.terminal().err();
        err.print(root.ascii ? Style.letters(complaint.text()) : complaint.text());
        err.flush();
        return complaint.exit().code();
    }

    private static Complaint usage(ParameterException wrong) {
        var line = wrong.getCommandLine();
        var name = line.getCommandSpec().qualifiedName();
        var remedies = new ArrayList<String>();
        var what = String.valueOf(wrong.getMessage()).lines().findFirst().orElse("wrong usage");
        // Not every reader knows the types of Java.
        what = what.replace(" is not an int", " is no whole number");
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            var typed = unmatched.getUnmatched().getFirst();
            var known = known(line, typed);
            if (typed.startsWith("-")) what = "there is no option \"" + typed + "\"";
            else if (known.isEmpty()) what = "\"" + typed + "\" is one word too many";
            else what = "there is no command \"" + typed + "\"";
            Nearest.of(typed, known).ifPresent(near -> remedies.add(name + " " + near + "     is probably meant"));
        }
        remedies.add(name + " --help     shows what it understands");
        return Words.usage(what).remedy(remedies);
    }

    /// What could have stood where a word is that nobody understands.
    private static Collection<String> known(CommandLine line, String typed) {
        var spec = line.getCommandSpec();
        if (typed.startsWith("-")) return spec.optionsMap().keySet();
        if (spec.parent() != null) return spec.subcommands().keySet();
        // Of the commands at the top no more are built than are needed.
        return Commands.ALL.stream()
                .flatMap(command -> command.names().stream())
                .toList();
    }

    private static int failed(Root root, Exception thrown) {
        if (thrown instanceof Complaint.Failure failure) {
            return complain(root, Unreachable.advised(failure.complaint(), root));
        }
        if (thrown instanceof InterruptedException) return Exit.INTERRUPTED.code();
        var text = thrown.getMessage() == null
                ? thrown.getClass().getSimpleName()
                : thrown.getClass().getSimpleName() + ": " + thrown.getMessage();
        if (root.verbose) thrown.printStackTrace(root.terminal().err());
        return complain(
                root,
                Complaint.of(Exit.FAILED, "SLU-X001", "an unexpected failure; this is a defect of sluice")
                        .because(text)
                        .remedy(
                                root.verbose
                                        ? "report it with the stack above"
                                        : "run it again with -v for the stack, and report it with that"));
    }
}
