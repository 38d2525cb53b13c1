package dev.sluice.e2e.controlplane;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/// Ends processes when this JVM ends without running its hooks: killed, or halted as test runners do to their forks.
///
/// A shell reads our pipe, which the system closes at our end whatever the cause. Until then it only notes which
/// processes are under its care.
final class Guard {
    private static final String SCRIPT = """
            trap '' HUP INT TERM
            pids=' '
            while read -r word pid; do
                case $word in
                    watch) pids="$pids$pid " ;;
                    forget) pids="${pids%% $pid *} ${pids#* $pid }" ;;
                esac
            done
            for pid in $pids; do kill -9 "$pid"; done
            if [ -n "$1" ]; then rm -rf "$1"; fi
            """;

    private final Process shell;

    /// @param folder what to remove at the end, too
    Guard(Optional<Path> folder) throws IOException {
        shell = new ProcessBuilder(
                        "sh", "-c", SCRIPT, "guard", folder.map(Path::toString).orElse(""))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    void watch(ProcessHandle process) throws IOException {
        say("watch", process);
    }

    /// To be told of each process that has ended, as the system gives its number to another some day.
    void forget(ProcessHandle process) throws IOException {
        say("forget", process);
    }

    /// Lets the processes be: they have ended, or are to live on.
    void dismiss() {
        shell.destroyForcibly();
    }

    /// What the end of the JVM does.
    void hangUp() throws IOException {
        shell.getOutputStream().close();
    }

    ProcessHandle handle() {
        return shell.toHandle();
    }

    private void say(String word, ProcessHandle process) throws IOException {
        var pipe = shell.getOutputStream();
        pipe.write((word + " " + process.pid() + "\n").getBytes(StandardCharsets.US_ASCII));
        pipe.flush();
    }
}
