package dev.sluice.app.local;

import dev.sluice.app.Complaint;
import dev.sluice.app.Exit;
import dev.sluice.app.Terminal;
import dev.sluice.json.Json;
import dev.sluice.json.JsonSyntaxException;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/// What is known of the local cluster that runs: written by it when it is ready, read by every other command.
///
/// @param pid of its process
/// @param started when that process started: a pid alone may be another's by now
/// @param version of the program that it runs
/// @param api URL of the API server
/// @param health URL under which the controller tells of itself
/// @param gateway URL of the gateway that honours HTTPRoutes
/// @param metrics URL of its Prometheus
public record LocalState(
        long pid, Instant started, String version, String api, String health, String gateway, String metrics) {
    /// Start times of one process as two others read them.
    private static final Duration TOLERANCE = Duration.ofSeconds(2);

    /// Where it is kept.
    public record Folder(Path path) {
        /// `--state-dir`, else `$XDG_STATE_HOME/sluice`, else `~/.local/state/sluice`.
        public static Folder of(Optional<Path> wanted, Terminal terminal) {
            if (wanted.isPresent()) return new Folder(wanted.get().toAbsolutePath());
            var state = terminal.variable("XDG_STATE_HOME");
            var home = terminal.variable("HOME");
            var base = state.isEmpty()
                    ? Path.of(home.isEmpty() ? System.getProperty("user.home", ".") : home, ".local", "state")
                    : Path.of(state);
            return new Folder(base.resolve("sluice").toAbsolutePath());
        }

        /// The folder of the local cluster that a kubeconfig leads to; empty for any other kubeconfig.
        public static Optional<Folder> behind(Path kubeconfig) {
            var file = kubeconfig.toAbsolutePath().normalize();
            return Optional.ofNullable(file.getParent())
                    .map(Folder::new)
                    .filter(folder -> folder.kubeconfig().equals(file));
        }

        /// Whether the cluster that is written down runs.
        public boolean runs() {
            return read().flatMap(LocalState::process).isPresent();
        }

        /// What a shell is to do that still uses the cluster when it has ended.
        ///
        /// @param variable its `KUBECONFIG`
        /// @return a command; empty where the shell uses other files only
        Optional<String> forget(String variable) {
            var files = List.of(variable.split(File.pathSeparator)).stream()
                    .filter(file -> !file.isBlank())
                    .toList();
            var others = files.stream()
                    .filter(file -> !Path.of(file)
                            .toAbsolutePath()
                            .normalize()
                            .equals(kubeconfig().normalize()))
                    .toList();
            if (others.size() == files.size()) return Optional.empty();
            return Optional.of(
                    others.isEmpty()
                            ? "unset KUBECONFIG"
                            : "export KUBECONFIG=" + quoted(String.join(File.pathSeparator, others)));
        }

        Path state() {
            return path.resolve("local.json");
        }

        public Path kubeconfig() {
            return path.resolve("local.kubeconfig");
        }

        /// What makes a shell use the cluster: `export KUBECONFIG=...`, as it can be pasted.
        String export() {
            return "export KUBECONFIG=" + quoted(kubeconfig().toString());
        }

        /// What to say where the folder cannot be used.
        Complaint.Failure unusable(IOException why) {
            var reason = switch (why) {
                case FileAlreadyExistsException e
                when Files.exists(Path.of(e.getFile())) -> e.getFile() + " is there and is no folder";
                case AccessDeniedException e -> e.getFile() + " may not be written";
                case NoSuchFileException e -> e.getFile() + " cannot be made";
                case FileSystemException e ->
                    e.getFile() + ": " + (e.getReason() == null ? "it cannot be made" : e.getReason());
                case IOException e -> String.valueOf(e.getMessage());
            };
            return Complaint.of(Exit.FAILED, "SLU-C104", "cannot write down the local cluster in " + path())
                    .because(reason)
                    .remedy("--state-dir FOLDER takes another place")
                    .failure();
        }

        Path log() {
            return path.resolve("local.log");
        }

        /// The program as it was at the start: a build meanwhile must not pull jars from under a process.
        Path jars() {
            return path.resolve("local-jars");
        }

        void make() throws IOException {
            Files.createDirectories(path);
            if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
            }
        }

        /// Held while a cluster is begun or ended; empty when somebody else does so.
        Optional<FileChannel> lock() throws IOException {
            make();
            var channel =
                    FileChannel.open(path.resolve("local.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() != null) return Optional.of(channel);
            channel.close();
            return Optional.empty();
        }

        /// What is written down; empty when nothing is, or nothing readable.
        public Optional<LocalState> read() {
            try {
                return Optional.of(decode(Json.parse(Files.readString(state()))));
            } catch (NoSuchFileException _) {
                return Optional.empty();
            } catch (IOException
                    | JsonSyntaxException
                    | DateTimeParseException
                    | java.util.NoSuchElementException bad) {
                return Optional.empty();
            }
        }

        void write(LocalState state, String kubeconfig) throws IOException {
            make();
            replace(kubeconfig(), kubeconfig);
            replace(state(), state.encode().text());
        }

        private static void replace(Path file, String text) throws IOException {
            var fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(fresh, text);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        /// Removes what a cluster that has ended leaves; its log stays, for whoever asks why it ended.
        void clear() throws IOException {
            Files.deleteIfExists(state());
            Files.deleteIfExists(kubeconfig());
            if (!Files.isDirectory(jars())) return;
            try (var files = Files.list(jars())) {
                for (var file : files.toList()) Files.deleteIfExists(file);
            }
            Files.deleteIfExists(jars());
        }
    }

    /// A word as a shell takes it for one.
    public static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./@%+,:=-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /// This process, for a state that is about to be written.
    static Instant startOf(ProcessHandle process) {
        return process.info().startInstant().orElse(Instant.EPOCH);
    }

    /// The process, if it still is the one that was written down.
    Optional<ProcessHandle> process() {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(process ->
                        Duration.between(startOf(process), started).abs().compareTo(TOLERANCE) <= 0);
    }

    Json.Obj encode() {
        return Json.obj(
                "pid",
                pid,
                "started",
                started.toString(),
                "version",
                version,
                "api",
                api,
                "health",
                health,
                "gateway",
                gateway,
                "metrics",
                metrics);
    }

    private static LocalState decode(Json json) {
        return new LocalState(
                json.at("pid").asLong().orElseThrow(),
                Instant.parse(json.at("started").asString().orElseThrow()),
                json.at("version").string(""),
                json.at("api").string(""),
                json.at("health").string(""),
                json.at("gateway").string(""),
                json.at("metrics").string(""));
    }
}
