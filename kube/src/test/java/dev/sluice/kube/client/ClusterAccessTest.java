package dev.sluice.kube.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.kube.SystemTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterAccessTest {
    private static final Request GET = new Request.Get(ObjectRef.of(ResourceType.PODS, "shop", "web"));

    @TempDir
    private Path directory;

    private final WireServer server = new WireServer();
    private final SystemTime time = new SystemTime();

    @AfterEach
    void stop() {
        server.close();
        time.close();
    }

    private Reply get(ClusterAccess access) {
        try (var gateway = new KubeGateway(access, KubeGateway.Settings.standard(1), time, call -> {})) {
            return gateway.send(GET);
        }
    }

    @Test
    void theContextSaysServerNamespaceAndUser() throws IOException {
        var access = ClusterAccess.of(server.kubeconfig(directory, "{token: secret}"));
        assertThat(access.server()).isEqualTo("http://127.0.0.1:" + server.port());
        assertThat(access.namespace()).isEqualTo("shop");
        assertThat(access.context("elsewhere").namespace()).isEqualTo("default");
        assertThat(get(access)).isInstanceOf(Reply.Done.class);
        assertThat(server.seen.getFirst().authorization()).isEqualTo("Bearer secret");
    }

    @Test
    void basicCredentialsAreSent() throws IOException {
        get(ClusterAccess.of(server.kubeconfig(directory, "{username: a, password: b}")));
        assertThat(server.seen.getFirst().authorization()).isEqualTo("Basic YTpi");
    }

    @Test
    void asSomebodyElse() throws IOException {
        get(ClusterAccess.of(server.kubeconfig(directory, "{token: x}")).as("jane", "ops"));
        assertThat(server.seen.getFirst().user()).isEqualTo("jane");
    }

    @Test
    void anExecPluginIsAskedAndAskedAgainWhenItsTokenIsRefused() throws IOException {
        var plugin = directory.resolve("plugin");
        Files.writeString(plugin, """
                #!/bin/sh
                echo x >> "%1$s/asked"
                echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t'$(wc -l < "%1$s/asked" | tr -d ' ')'"}}'
                """.formatted(directory));
        Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwx------"));
        server.answer = exchange -> {
            var authorization = exchange.getRequestHeaders().getFirst("Authorization");
            if ("Bearer t1".equals(authorization)) {
                WireServer.send(exchange, 401, WireServer.status(401, "Unauthorized", "expired"));
            } else WireServer.send(exchange, 200, "{}");
        };
        var kubeconfig = server.kubeconfig(
                directory,
                "{exec: {apiVersion: client.authentication.k8s.io/v1, command: \"" + plugin
                        + "\", interactiveMode: Never}}");
        assertThat(get(ClusterAccess.of(kubeconfig))).isInstanceOf(Reply.Done.class);
        assertThat(server.seen).extracting(WireServer.Seen::authorization).startsWith("Bearer t1");
        assertThat(server.seen.getLast().authorization()).startsWith("Bearer t").isNotEqualTo("Bearer t1");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> get(ClusterAccess.of(directory.resolve("nowhere"))))
                .isInstanceOf(KubeconfigException.class)
                .hasMessageContaining("nowhere: no such file");
    }

    @Test
    void anUnknownContextIsNamedWithThoseThereAre() throws IOException {
        var access = ClusterAccess.of(server.kubeconfig(directory, "{}")).context("prod");
        assertThatThrownBy(() -> get(access))
                .isInstanceOf(KubeconfigException.class)
                .hasMessageContaining("context \"prod\" does not exist")
                .hasMessageContaining("elsewhere, here");
    }

    @Test
    void aFileThatIsNoKubeconfigIsNamed() throws IOException {
        var file = Files.writeString(directory.resolve("broken"), "a: [1,");
        assertThatThrownBy(() -> get(ClusterAccess.of(file)))
                .isInstanceOf(KubeconfigException.class)
                .hasMessageContaining("broken");
    }

    @Test
    void aFileWithoutAClusterIsNamed() throws IOException {
        var file = Files.writeString(directory.resolve("empty"), "apiVersion: v1\nkind: Config\n");
        assertThatThrownBy(() -> get(ClusterAccess.of(file)))
                .isInstanceOf(KubeconfigException.class)
                .hasMessageContaining("names no server");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                   | is empty; expected are clusters, contexts",
                "'  \n\n'                             | is empty",
                "just words                           | is no kubeconfig; expected are clusters",
                "'- a\n- b'                           | is no kubeconfig",
                "'a: 1'                               | is no kubeconfig",
                "'a: [1,'                             | is no YAML",
                "'kind: Config\ncontexts: []'         | names no server",
                "'contexts: [{name: a, context: {cluster: c}}, {name: b, context: {cluster: c}}]' | --context NAME, one of: a, b",
                "'current-context: z\ncontexts: [{name: a, context: {cluster: c}}]' | names none of its contexts; give --context NAME, one of: a",
            })
    void aFileThatCannotBeUsedIsNamedWithWhatIsWrong(String text, String complaint) throws IOException {
        var file = Files.writeString(directory.resolve("odd"), text.replace("\\n", "\n"));
        assertThatThrownBy(() -> get(ClusterAccess.of(file)))
                .isInstanceOf(KubeconfigException.class)
                .hasMessageStartingWith("kubeconfig " + file + ": ")
                .hasMessageContaining(complaint);
    }

    @Test
    void aFolderIsNoKubeconfig() {
        assertThatThrownBy(() -> get(ClusterAccess.of(directory)))
                .isInstanceOf(KubeconfigException.class)
                .hasMessage("kubeconfig " + directory + ": is a folder; name the file in it");
    }

    @Test
    void bytesAreNoKubeconfig() throws IOException {
        var file = Files.write(directory.resolve("bytes"), new byte[] {(byte) 0xff, 0, 1});
        assertThatThrownBy(() -> get(ClusterAccess.of(file)))
                .isInstanceOf(KubeconfigException.class)
                .hasMessageContaining("is no text");
    }

    @Test
    void aCertificateWithoutItsKeyIsSaid() throws IOException {
        var kubeconfig = server.kubeconfig(directory, "{client-certificate-data: \"" + "QQ==" + "\"}");
        assertThatThrownBy(() -> get(ClusterAccess.of(kubeconfig)))
                .isInstanceOf(KubeconfigException.class)
                .hasMessage("there is a client certificate but no client key");
    }

    @Test
    void flagsAreOptional() {
        assertThat(ClusterAccess.standard())
                .isEqualTo(new ClusterAccess(Optional.empty(), Optional.empty(), Optional.empty(), List.of()));
    }
}
