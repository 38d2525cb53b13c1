package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The script `sluice` at the root, with a build and a JDK that only note that they were called.
class LauncherTest {
    private static final String LOCK = "app/target/.sluice-lock";

    @TempDir
    Path folder;

    private Path tree;

    private record Ended(int code, String out, String err) {}

    @BeforeEach
    void aTreeWithOneSource() throws IOException {
        var root = Path.of(System.getProperty("sluice.root"));
        tree = Files.createDirectories(folder.resolve("a tree"));
        Files.copy(root.resolve("sluice"), tree.resolve("sluice"));
        Files.createDirectories(tree.resolve(".mvn"));
        Files.copy(root.resolve(".mvn/jdk.sh"), tree.resolve(".mvn/jdk.sh"));
        write("pom.xml", "<project/>");
        write("core/src/main/java/A.java", "class A {}");
        write("core/src/test/java/ATest.java", "class ATest {}");
        script("mvnw", "echo built >> builds; mkdir -p app/target; echo jar > app/target/sluice.jar");
        jdk("25.0.1");
        for (var file :
                List.of("pom.xml", "core/src/main/java/A.java", "core/src/main/java", "core/src/main", "core/src"))
            age(file, -60);
    }

    private void jdk(String version) throws IOException {
        write("jdk/release", "JAVA_VERSION=\"" + version + "\"\n");
        script("jdk/bin/java", "for word in \"$@\"; do echo \"$word\"; done");
        script("jdk/bin/javac", ":");
    }

    private void write(String file, String text) throws IOException {
        var path = tree.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private void script(String file, String text) throws IOException {
        write(file, "#!/bin/sh\n" + text + "\n");
        assertThat(tree.resolve(file).toFile().setExecutable(true)).isTrue();
    }

    /// Seconds from now on; by the file's own clock, so that no test has to wait for it.
    private void age(String file, int seconds) throws IOException {
        Files.setLastModifiedTime(
                tree.resolve(file), FileTime.from(Instant.now().plusSeconds(seconds)));
    }

    private Process start(String... words) throws IOException {
        var command = new ArrayList<String>(List.of("sh", tree.resolve("sluice").toString()));
        command.addAll(List.of(words));
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("SLUICE_JDK", tree.resolve("jdk").toString());
        builder.environment().remove("SLUICE_JAVA_OPTS");
        return builder.start();
    }

    private static Ended end(Process process) throws IOException, InterruptedException {
        try {
            var out = new String(process.getInputStream().readAllBytes());
            var err = new String(process.getErrorStream().readAllBytes());
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return new Ended(process.exitValue(), out, err);
        } finally {
            process.destroyForcibly();
        }
    }

    private Ended run(String... words) throws IOException, InterruptedException {
        return end(start(words));
    }

    private long builds() throws IOException {
        var file = tree.resolve("builds");
        return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    }

    @Test
    void theFirstCallBuildsAndTheSecondDoesNot() throws Exception {
        var first = run("get", "a b");
        assertThat(first.code()).isZero();
        assertThat(first.err()).isEqualTo("sluice: building (once) ...\n");
        assertThat(first.out().lines().toList())
                .endsWith(
                        "-jar",
                        tree.toRealPath().resolve("app/target/sluice.jar").toString(),
                        "get",
                        "a b")
                .contains("-XX:TieredStopAtLevel=1");
        assertThat(run("version").err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void aNewerSourceIsBuiltAnew() throws Exception {
        run("version");
        age("core/src/main/java/A.java", 60);
        assertThat(run("version").err()).isEqualTo("sluice: building (once) ...\n");
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void aNewerTestIsNot() throws Exception {
        run("version");
        age("core/src/test/java/ATest.java", 60);
        run("version");
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void aDeletedSourceIsBuiltAnew() throws Exception {
        run("version");
        Files.delete(tree.resolve("core/src/main/java/A.java"));
        age("core/src/main/java", 60);
        run("version");
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void whoeverComesDuringABuildWaitsForIt() throws Exception {
        // The build goes on until somebody waits for it, seen by the line that the second one prints.
        script(
                "mvnw",
                "echo built >> builds; while [ ! -e go ]; do sleep 0.05; done; mkdir -p app/target; echo jar > app/target/sluice.jar");
        var first = start("version");
        var second = start("version");
        var waiting = List.of(first, second).stream()
                .map(process -> java.util.concurrent.CompletableFuture.supplyAsync(() -> firstLine(process)))
                .toList();
        var said = new ArrayList<String>();
        for (var line : waiting) said.add(line.get(60, TimeUnit.SECONDS));
        assertThat(said).anyMatch(line -> line.startsWith("sluice: building (once)"));
        assertThat(said).anyMatch(line -> line.startsWith("sluice: waiting for the build of process "));
        write("go", "");
        assertThat(end(first).code()).isZero();
        assertThat(end(second).code()).isZero();
        assertThat(builds()).isEqualTo(1);
    }

    private static String firstLine(Process process) {
        try {
            var line = new StringBuilder();
            for (int c = process.getErrorStream().read();
                    c > 0 && c != '\n';
                    c = process.getErrorStream().read()) {
                line.append((char) c);
            }
            return line.toString();
        } catch (IOException ended) {
            return "";
        }
    }

    @Test
    void theLockOfABuildThatDiedIsTakenOverByOneOfThoseWhoWait() throws Exception {
        Files.createDirectories(tree.resolve("app/target"));
        Files.createSymbolicLink(tree.resolve(LOCK), Path.of("999999999"));
        var waiting = List.of(start("version"), start("version"), start("version"));
        for (var process : waiting) assertThat(end(process).code()).isZero();
        assertThat(builds()).isEqualTo(1);
        assertThat(tree.resolve(LOCK)).doesNotExist();
    }

    @Test
    void aTreeThatCannotBeWrittenToSaysSo() throws Exception {
        write("app/target", "in the way");
        var ended = run("version");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err())
                .contains("error SLU-C113  " + tree.toRealPath().resolve("app/target") + " cannot be written to")
                .contains("  do    ");
    }

    @Test
    void aFailedBuildShowsItsLastLinesAndWhereTheRestIs() throws Exception {
        script("mvnw", "i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo line $i; done; exit 1");
        var ended = run("version");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err())
                .doesNotContain("line 10\n")
                .contains("line 11\n")
                .contains("line 30\n")
                .contains("error SLU-C111  the build failed")
                .contains("app/target/sluice-build.log");
        assertThat(tree.resolve(LOCK)).doesNotExist();
    }

    @Test
    void theClassesOfABuildAreArchivedAndTheArchiveIsUsedQuietly() throws Exception {
        // A JVM that ends leaves the archive that it was asked for.
        script("jdk/bin/java", """
                for word in "$@"; do
                  echo "$word"
                  case $word in -XX:ArchiveClassesAtExit=*) echo classes > "${word#*=}" ;; esac
                done""");
        var archive = tree.toRealPath().resolve("app/target/sluice.jsa");
        var first = run("version");
        assertThat(first.err()).isEqualTo("sluice: building (once) ...\n");
        assertThat(archive).hasContent("classes");
        assertThat(first.out().lines().toList())
                .contains("-XX:SharedArchiveFile=" + archive, "-Xshare:auto", "-Xlog:disable")
                .noneMatch(word -> word.startsWith("-XX:ArchiveClassesAtExit"));
        assertThat(run("demo").out()).doesNotContain("SharedArchiveFile");
    }

    @Test
    void withoutAnArchiveNothingIsMissed() throws Exception {
        script("jdk/bin/java", """
                for word in "$@"; do
                  echo "$word"
                  case $word in -XX:ArchiveClassesAtExit=*) echo cannot >&2; exit 1 ;; esac
                done""");
        var ended = run("version");
        assertThat(ended.code()).isZero();
        assertThat(ended.err()).isEqualTo("sluice: building (once) ...\n");
        assertThat(ended.out()).doesNotContain("SharedArchiveFile");
    }

    @Test
    void whatRunsForLongGetsOtherFlags() throws Exception {
        assertThat(run("controller").out())
                .contains("-XX:+UseCompactObjectHeaders")
                .doesNotContain("TieredStopAtLevel");
    }

    // The JDK

    /// As many programs as the script needs, and no java among them.
    private Path fewPrograms() throws IOException {
        var few = Files.createDirectories(folder.resolve("few"));
        for (var name : List.of(
                "sh",
                "sed",
                "head",
                "tail",
                "grep",
                "find",
                "mkdir",
                "ln",
                "mv",
                "id",
                "rm",
                "mv",
                "cat",
                "dirname",
                "readlink",
                "sleep")) {
            var script = few.resolve(name);
            if (Files.exists(script)) continue;
            var program = Stream.of("/usr/bin", "/bin")
                    .map(from -> Path.of(from, name))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow();
            Files.writeString(script, "#!/bin/sh\nexec " + program + " \"$@\"\n");
            assertThat(script.toFile().setExecutable(true)).isTrue();
        }
        return few;
    }

    /// A machine with nothing on it but what `also` adds.
    private Ended onABareMachine(Map<String, String> also) throws Exception {
        var builder =
                new ProcessBuilder("/bin/sh", tree.resolve("sluice").toString(), "version").directory(folder.toFile());
        var environment = builder.environment();
        environment.clear();
        environment.put("PATH", fewPrograms().toString());
        environment.put("HOME", folder.resolve("home").toString());
        environment.put("SLUICE_JDK_ROOT", folder.resolve("root").toString());
        environment.putAll(also);
        return end(builder.start());
    }

    private void jdkAt(Path jdk, String version) throws IOException {
        jdk(version);
        Files.createDirectories(jdk.getParent());
        Files.move(tree.resolve("jdk"), jdk);
    }

    @Test
    void withoutAJdkItSaysWhereItLookedAndWhatToDo() throws Exception {
        var ended = onABareMachine(Map.of());
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err())
                .startsWith("sluice: no JDK 25 or newer was found.\n")
                .contains("looked at: SLUICE_JDK, JAVA_HOME, PATH, /usr/lib/jvm")
                .contains("no JDK of any version is there")
                .contains("do: install one")
                .contains("JAVA_HOME=/path/to/jdk-25");
        assertThat(builds()).isZero();
    }

    @Test
    void aJdkThatIsTooOldIsNamed() throws Exception {
        jdkAt(folder.resolve("root/usr/lib/jvm/java-17"), "17.0.15");
        var ended = onABareMachine(Map.of());
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("too old or incomplete:").contains("usr/lib/jvm/java-17 (Java 17)");
    }

    @Test
    void aJdkIsFoundByJavaHome() throws Exception {
        var jdk = folder.resolve("a jdk");
        jdkAt(jdk, "25.0.1");
        assertThat(onABareMachine(Map.of("JAVA_HOME", jdk.toString())).code()).isZero();
    }

    @Test
    void aJdkIsFoundByTheJavaOnThePath() throws Exception {
        var jdk = folder.resolve("elsewhere");
        jdkAt(jdk, "26");
        Files.createSymbolicLink(fewPrograms().resolve("java"), jdk.resolve("bin/java"));
        assertThat(onABareMachine(Map.of()).code()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "root/usr/lib/jvm/temurin-25",
                "root/opt/jdk-25",
                "root/Library/Java/JavaVirtualMachines/temurin-25.jdk/Contents/Home",
                "home/.sdkman/candidates/java/25",
                "home/.jdks/25"
            })
    void aJdkIsFoundInTheUsualFoldersBesideAnOlderDefault(String place) throws Exception {
        var old = folder.resolve("old");
        jdkAt(old, "17.0.15");
        Files.createSymbolicLink(fewPrograms().resolve("java"), old.resolve("bin/java"));
        jdkAt(folder.resolve(place), "25.0.1");
        var ended = onABareMachine(Map.of("JAVA_HOME", old.toString()));
        assertThat(ended.err()).isEqualTo("sluice: building (once) ...\n");
        assertThat(ended.code()).isZero();
    }

    // The network

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sluice: cannot fetch Maven: https://repo.example: java.net.ConnectException",
                "[ERROR] Could not transfer artifact org.example:a:pom:1 from/to central",
                "[ERROR] Plugin org.example:b:1 or one of its dependencies could not be resolved:",
                "[ERROR] repo.example: Temporary failure in name resolution: UnknownHostException"
            })
    void aFirstBuildWithoutANetworkSaysThatItNeedsOneOnce(String line) throws Exception {
        script("mvnw", "echo '" + line + "'; exit 1");
        var ended = run("version");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err())
                .contains("error SLU-C112  the build could not fetch what it needs")
                .contains("run it once with a network")
                .contains("MAVEN_REPO_URL");
    }

    @Test
    void whatIsBuiltNeedsNoBuildAndSoNoNetwork() throws Exception {
        assertThat(run("version").code()).isZero();
        script("mvnw", "echo 'Could not transfer artifact'; exit 1");
        age("mvnw", -60);
        var ended = run("version");
        assertThat(ended.code()).isZero();
        assertThat(ended.err()).isEmpty();
    }
}
