package dev.sluice.app;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where a command speaks: results to `out`, everything else to `err`.
///
/// @param interactive whether a person sees `out` as it is printed
public record Terminal(PrintStream out, PrintStream err, Map<String, String> environment, boolean interactive) {
    public Terminal {
        environment = Map.copyOf(environment);
    }

    /// The process's own. Always UTF-8: whoever cannot show it says `--ascii`.
    public static Terminal system() {
        return new Terminal(
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                System.getenv(),
                isTerminal(System.console()));
    }

    private static boolean isTerminal(@Nullable Console console) {
        return console != null && console.isTerminal();
    }

    /// Whether it can be drawn over.
    public boolean redraws() {
        return interactive && !variable("TERM").equals("dumb");
    }

    public String variable(String name) {
        return environment.getOrDefault(name, "");
    }
}
