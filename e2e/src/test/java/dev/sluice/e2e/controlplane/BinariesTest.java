package dev.sluice.e2e.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinariesTest {
    @TempDir
    Path temp = Path.of("");

    @Test
    void theBuildScriptFillsTheFolderThatIsLookedIn() throws Exception {
        var environment = Map.of("XDG_CACHE_HOME", temp.toString());

        assertThat(whereOfTheScript(environment))
                .isEqualTo(Binaries.cache(environment).toString());
    }

    @Test
    void withoutACacheVariableItIsTheHomeFolders() throws Exception {
        var environment = Map.of("HOME", temp.toString(), "XDG_CACHE_HOME", "");

        assertThat(whereOfTheScript(environment))
                .isEqualTo(Binaries.cache(environment).toString())
                .startsWith(temp.resolve(".cache/sluice/controlplane").toString());
    }

    @Test
    void aCompleteFolderOfTheUsersOwnWins() throws Exception {
        var own = Files.createDirectory(temp.resolve("own"));
        for (var program : Binaries.PROGRAMS) program(own, program);
        var environment = Map.of("XDG_CACHE_HOME", temp.toString(), "KUBEBUILDER_ASSETS", own.toString());

        assertThat(Binaries.find(environment)).contains(new Binaries(own));
        assertThat(whereOfTheScript(environment)).isEqualTo(own.toString());
    }

    @Test
    void anIncompleteOneIsPassedOver() throws Exception {
        var own = Files.createDirectory(temp.resolve("own"));
        program(own, "kube-apiserver");
        program(own, "etcd");
        var environment = Map.of("XDG_CACHE_HOME", temp.toString(), "KUBEBUILDER_ASSETS", own.toString());

        assertThat(Binaries.find(environment)).isEmpty();
        assertThat(whereOfTheScript(environment))
                .isEqualTo(Binaries.cache(environment).toString());
    }

    private static void program(Path folder, String name) throws IOException {
        assertThat(Files.createFile(folder.resolve(name)).toFile().setExecutable(true))
                .isTrue();
    }

    private static String whereOfTheScript(Map<String, String> environment) throws Exception {
        var builder = new ProcessBuilder("sh", "controlplane/build", "--where")
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().remove("KUBEBUILDER_ASSETS");
        builder.environment().putAll(environment);
        var script = builder.start();
        var said = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(script.waitFor()).isZero();
        return said.strip();
    }
}
