package dev.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Ctrl-C in the middle of a story, at a process of its own.
@Timeout(600)
@EnabledOnOs(OS.LINUX)
class DemoStoppedTest {
    @TempDir
    Path folder;

    /// A process of the demo, that writes to no place but the folder.
    private Process start(String... words) throws Exception {
        var command = new ArrayList<String>();
        // A test that was started in the background ignores Ctrl-C, and hands that on.
        if (resets()) command.addAll(List.of("env", "--default-signal=INT"));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-Djava.io.tmpdir=" + folder,
                "-Duser.home=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "demo"));
        command.addAll(List.of(words));
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        for (var name : List.of("HOME", "TMPDIR", "XDG_STATE_HOME", "XDG_CACHE_HOME"))
            builder.environment().put(name, folder.toString());
        return builder.start();
    }

    private static boolean resets() throws Exception {
        var probe = new ProcessBuilder("env", "--default-signal=INT", "true").start();
        return probe.waitFor() == 0;
    }

    private static void signal(Process process, String name) throws Exception {
        var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    /// Reads on until a line has these words.
    private static void await(BufferedReader out, String words) throws IOException {
        var read = new StringBuilder();
        for (var line = out.readLine(); line != null; line = out.readLine()) {
            read.append(line).append('\n');
            if (line.contains(words)) return;
        }
        throw new AssertionError("ended without \"" + words + "\" in:\n" + read);
    }

    private record Listener(InetAddress address, int port) {
        /// Whether it can be had, so that nobody has it.
        boolean free() {
            try (var socket = new ServerSocket(port, 1, address)) {
                return socket.isBound();
            } catch (IOException taken) {
                return false;
            }
        }
    }

    /// Where a process listens, by the tables of the system.
    private static List<Listener> listeners(Process process) throws IOException {
        var own = new TreeSet<String>();
        try (var files = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
            for (var file : files.toList()) {
                var target = Files.isSymbolicLink(file) ? read(file) : "";
                if (target.startsWith("socket:[")) own.add(target.substring(8, target.length() - 1));
            }
        }
        var found = new ArrayList<Listener>();
        for (var table : List.of("tcp", "tcp6")) {
            for (var line : Files.readAllLines(Path.of("/proc/net", table))) {
                var words = line.strip().split(" +");
                // State 0A is LISTEN; an inode is the tenth word.
                if (words.length > 9 && words[3].equals("0A") && own.contains(words[9])) found.add(listener(words[1]));
            }
        }
        return found;
    }

    /// A descriptor may be gone before it is looked at.
    private static String read(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException gone) {
            return "";
        }
    }

    /// Such as `0100007F:1F90`: words of four bytes, each with the last byte first.
    private static Listener listener(String text) throws IOException {
        var parts = text.split(":");
        var bytes = HexFormat.of().parseHex(parts[0]);
        for (int word = 0; word < bytes.length; word += 4) {
            for (int i = 0; i < 2; i++) {
                byte first = bytes[word + i];
                bytes[word + i] = bytes[word + 3 - i];
                bytes[word + 3 - i] = first;
            }
        }
        return new Listener(InetAddress.getByAddress(bytes), Integer.parseInt(parts[1], 16));
    }

    @Test
    void ctrlCInTheMiddleOfAStoryEndsItWithAWordAndLeavesNothing() throws Exception {
        // So many requests that the plateau is not over when the signal comes.
        var process = start("--story", "1", "--speed", "0.1");
        try (var out = process.inputReader()) {
            await(out, "4 pods of v1 are behind it.");
            var listeners = listeners(process);
            assertThat(listeners).as("pods, Services and more").hasSizeGreaterThan(4);
            var children = process.descendants().toList();
            signal(process, "INT");
            var rest = out.lines().toList();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(130);
            assertThat(rest).last().isEqualTo("stopped; everything is put away");
            assertThat(rest).noneMatch(line -> line.contains("✖"));
            assertThat(new String(process.getErrorStream().readAllBytes()))
                    .doesNotContain("Exception", "could not close");
            assertThat(children).noneMatch(ProcessHandle::isAlive);
            assertThat(listeners).allMatch(Listener::free);
            try (Stream<Path> left = Files.list(folder)) {
                assertThat(left).isEmpty();
            }
        } finally {
            process.destroyForcibly();
        }
    }
}
