package dev.sluice.local.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A transcript: what a person at a terminal sees. Runs the kubectl on the PATH, and is skipped where there is none.
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KubectlTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String WEB = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: %s, labels: {app: %s}}
            spec:
              replicas: 3
              selector: {matchLabels: {app: %s}}
              template:
                metadata: {labels: {app: %s}}
                spec:
                  containers:
                  - {name: web, image: "web:%s", ports: [{containerPort: 8080}]}
            """;

    private Path folder = Path.of("");

    private final ApiServer api = new ApiServer(new WallTime(), 7);
    private Path kubectl = Path.of("kubectl");
    private Optional<HttpListener> listener = Optional.empty();

    /// What a command printed, both streams, and how it ended.
    private record Said(int code, String text) {}

    @BeforeAll
    void listen(@TempDir Path temporary) throws IOException {
        folder = temporary;
        var found = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .map(directory -> Path.of(directory, "kubectl"))
                .filter(Files::isExecutable)
                .findFirst();
        if (found.isEmpty() && "true".equals(System.getenv("SLUICE_REQUIRE_REAL"))) {
            throw new AssertionError("no kubectl on the PATH; in CI a tier that was skipped is none that passed");
        }
        assumeTrue(found.isPresent(), "SKIPPED: no kubectl on the PATH");
        kubectl = found.get();
        listener = Optional.of(HttpListener.open(api, new InetSocketAddress("127.0.0.1", 0)));
        Files.writeString(folder.resolve("kubeconfig"), listener.get().kubeconfig());
    }

    @AfterAll
    void stop() {
        listener.ifPresent(HttpListener::close);
    }

    private ProcessBuilder command(String... words) {
        var command = new ArrayList<String>();
        command.add(kubectl.toString());
        command.addAll(List.of(words));
        var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("KUBECONFIG", folder.resolve("kubeconfig").toString());
        builder.environment().put("HOME", folder.toString());
        return builder;
    }

    private Said run(String... words) throws Exception {
        var process = command(words).start();
        try {
            process.getOutputStream().close();
            var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                throw new AssertionError("still running: " + text);
            return new Said(process.exitValue(), text);
        } finally {
            process.destroyForcibly();
        }
    }

    private String say(String... words) throws Exception {
        var said = run(words);
        assertThat(said.code())
                .as("%s\n%s", String.join(" ", words), said.text())
                .isZero();
        return said.text();
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private String web(String name, String version) throws IOException {
        return file(name + "-" + version + ".yaml", WEB.formatted(name, name, name, name, version));
    }

    @Test
    void applyGetAndDelete() throws Exception {
        assertThat(say("apply", "-f", web("one", "v1"))).isEqualTo("deployment.apps/one created\n");
        assertThat(say("apply", "-f", web("one", "v1"))).isEqualTo("deployment.apps/one unchanged\n");
        assertThat(say("apply", "-f", web("one", "v2"))).isEqualTo("deployment.apps/one configured\n");
        assertThat(say("get", "deploy", "one"))
                .matches("NAME +READY +UP-TO-DATE +AVAILABLE +AGE\none +0/3 +0 +0 +\\d+s\n");
        assertThat(say("get", "deploy", "one", "-o", "wide"))
                .matches("(?s).*CONTAINERS +IMAGES +SELECTOR\none .* web +web:v2 +app=one\n");
        assertThat(say("get", "deploy", "one", "-o", "yaml"))
                .contains("progressDeadlineSeconds: 600", "image: web:v2", "generation: 2");
        assertThat(say("delete", "deploy", "one")).startsWith("deployment.apps \"one\" deleted");
        var gone = run("get", "deploy", "one");
        assertThat(gone.code()).isEqualTo(1);
        assertThat(gone.text()).isEqualTo("Error from server (NotFound): deployments.apps \"one\" not found\n");
    }

    @Test
    void serverSideApplyTellsWhoOwnsWhat() throws Exception {
        assertThat(say("apply", "--server-side", "-f", web("two", "v1")))
                .isEqualTo("deployment.apps/two serverside-applied\n");
        var conflict = run("apply", "--server-side", "--field-manager=other", "-f", web("two", "v2"));
        assertThat(conflict.code()).isEqualTo(1);
        assertThat(conflict.text())
                .contains("conflict with \"kubectl\": .spec.template.spec.containers[name=\"web\"].image");
        assertThat(say("apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", web("two", "v2")))
                .isEqualTo("deployment.apps/two serverside-applied\n");
        assertThat(say("get", "deploy", "two", "-o", "yaml", "--show-managed-fields"))
                .contains("manager: other");
    }

    @Test
    void threeKindsOfPatchAndScaleAndSetImage() throws Exception {
        say("apply", "-f", web("three", "v1"));
        assertThat(say("patch", "deploy", "three", "-p", "{\"spec\":{\"replicas\":4}}"))
                .isEqualTo("deployment.apps/three patched\n");
        say("patch", "deploy", "three", "--type=merge", "-p", "{\"spec\":{\"replicas\":5}}");
        say(
                "patch",
                "deploy",
                "three",
                "--type=json",
                "-p",
                "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":6}]");
        assertThat(say("get", "deploy", "three", "-o", "jsonpath={.spec.replicas}"))
                .isEqualTo("6");
        assertThat(say("scale", "deploy", "three", "--replicas=2")).isEqualTo("deployment.apps/three scaled\n");
        assertThat(say("set", "image", "deploy/three", "web=web:v3"))
                .isEqualTo("deployment.apps/three image updated\n");
        assertThat(say("get", "deploy", "three", "-o", "jsonpath={.spec.replicas} {..image}"))
                .isEqualTo("2 web:v3");
        assertThat(say("label", "deploy", "three", "tier=db")).isEqualTo("deployment.apps/three labeled\n");
        assertThat(say("annotate", "deploy", "three", "note=hi")).isEqualTo("deployment.apps/three annotated\n");
        assertThat(say("describe", "deploy", "three"))
                .contains("Name:                   three", "tier=db", "note: hi", "2 desired", "web:v3");
        assertThat(say("wait", "deploy/three", "--for=jsonpath={.spec.replicas}=2", "--timeout=10s"))
                .contains("condition met");
    }

    @Test
    void whatIsMadeFromFlagsComesAsProtobuf() throws Exception {
        assertThat(say("create", "namespace", "shop")).isEqualTo("namespace/shop created\n");
        assertThat(say("create", "-n", "shop", "configmap", "settings", "--from-literal=colour=blue"))
                .isEqualTo("configmap/settings created\n");
        assertThat(say("get", "-n", "shop", "cm", "settings", "-o", "jsonpath={.data.colour}"))
                .isEqualTo("blue");
        say("create", "-n", "shop", "secret", "generic", "key", "--from-literal=word=x");
        assertThat(say("get", "-n", "shop", "secret", "key", "-o", "jsonpath={.data.word} {.type}"))
                .isEqualTo("eA== Opaque");
        say("create", "-n", "shop", "deployment", "web", "--image=web:v1", "--replicas=2", "--port=80");
        assertThat(say("get", "-n", "shop", "deploy", "web", "-o", "jsonpath={.spec.replicas} {..containerPort}"))
                .isEqualTo("2 80");
        say("create", "-n", "shop", "service", "clusterip", "web", "--tcp=80:8080");
        assertThat(say("get", "-n", "shop", "svc", "web", "-o", "jsonpath={.spec.ports[0].targetPort}"))
                .isEqualTo("8080");
        assertThat(say("auth", "can-i", "create", "pods")).isEqualTo("yes\n");
    }

    @Test
    void aWatchGoesOn() throws Exception {
        var process = command("get", "configmap", "-w", "-o", "name").start();
        try (var lines = process.inputReader()) {
            for (var name : List.of("first", "second")) {
                say("create", "configmap", name);
                assertThat(lines.readLine()).isEqualTo("configmap/" + name);
            }
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void logsAreFollowed() throws Exception {
        api.logsFrom(query -> Optional.of(
                (out, _) -> out.write(("hello from " + query.pod() + "\n").getBytes(StandardCharsets.UTF_8))));
        api.handle(ApiRequest.of(
                "POST", "/api/v1/namespaces/default/pods", Cluster.pod("talker", "n1"), "application/json", "spec"));
        assertThat(say("logs", "-f", "talker")).isEqualTo("hello from talker\n");
    }

    @Test
    void aCustomKindIsListedWithItsColumns() throws Exception {
        say("create", "-f", file("crd.json", DefinitionsTest.ships().text()));
        assertThat(say("wait", "crd/ships.sea.example.com", "--for=condition=Established", "--timeout=10s"))
                .contains("condition met");
        say(
                "apply",
                "-f",
                file(
                        "ship.yaml",
                        "apiVersion: sea.example.com/v1\nkind: Ship\nmetadata: {name: anna}\nspec: {crew: 5, flag: NL}\n"));
        assertThat(say("get", "sh")).matches("NAME +CREW +AGE\nanna +5 +\\d+s\n");
        assertThat(say("get", "ships", "-o", "wide")).matches("NAME +CREW +FLAG +AGE\nanna +5 +NL +\\d+s\n");
        assertThat(say("scale", "ship", "anna", "--replicas=7")).isEqualTo("ship.sea.example.com/anna scaled\n");
        assertThat(say("get", "ship", "anna", "-o", "jsonpath={.spec.crew}")).isEqualTo("7");
    }

    @Test
    void discoveryAndEventsAndDiff() throws Exception {
        assertThat(say("api-resources")).contains("deployments", "rollouts", "customresourcedefinitions");
        assertThat(say("api-versions")).contains("apps/v1", "argoproj.io/v1alpha1");
        assertThat(say("get", "events", "-n", "kube-system")).contains("No resources found");
        say("apply", "-f", web("four", "v1"));
        var diff = run("diff", "-f", web("four", "v2"));
        assertThat(diff.code()).as(diff.text()).isEqualTo(1);
        assertThat(diff.text()).contains("-      - image: web:v1", "+      - image: web:v2");
        assertThat(say("get", "deploy", "four", "-o", "jsonpath={..image}")).isEqualTo("web:v1");
    }

    @Test
    void anUnknownFieldIsRefusedByApply() throws Exception {
        var refused = run(
                "apply",
                "-f",
                file("bad.yaml", WEB.formatted("bad", "bad", "bad", "bad", "v1").replace("replicas", "replicsa")));
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.text()).contains("strict decoding error: unknown field \"spec.replicsa\"");
    }

    @Test
    void explainKnowsTheFields() throws Exception {
        assertThat(say("explain", "deployment.spec.replicas")).contains("KIND:       Deployment", "FIELD: replicas");
    }
}
