package dev.sluice.e2e.rights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.json.Json;
import dev.sluice.kube.Fence;
import dev.sluice.kube.LeaderElection;
import dev.sluice.local.LocalCluster;
import dev.sluice.local.SystemTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// What lies in `deploy`. That the roles suffice is seen where the scenarios run under them.
@Timeout(120)
class InstallTest {
    @Test
    void theClusterRoleIsTheRoleAndWhatOnlyAClusterHas() {
        var cluster = new TreeSet<>(Rights.in("cluster/role.yaml").all());
        cluster.removeAll(Rights.in("namespaced/role.yaml").all());
        assertThat(cluster)
                .containsExactly(
                        "list clusteranalysistemplates.argoproj.io", "watch clusteranalysistemplates.argoproj.io");
        assertThat(Rights.in("cluster/role.yaml").all())
                .containsAll(Rights.in("namespaced/role.yaml").all());
    }

    @Test
    void leadingNeedsTheLeasesRightsAndNoOthers() throws Exception {
        var time = new SystemTime();
        var used = Guard.book();
        var rights = Rights.in("base/lease-role.yaml");
        try (var cluster = LocalCluster.builder(time).seed(1).start()) {
            // Once the lease is made, once it is taken over.
            for (var name : List.of("one", "two")) {
                var leads = new CompletableFuture<Fence>();
                var settings = LeaderElection.Settings.standard("default", "blue", name, 1);
                var guard = new Guard(cluster.gateway("sluice"), rights, used);
                try (var election = new LeaderElection(guard, time, settings, listener(leads))) {
                    election.start();
                    assertThat(leads.get(60, TimeUnit.SECONDS).holds()).isTrue();
                }
            }
        } finally {
            time.close();
        }
        assertThat(used).isEqualTo(rights.all());
    }

    private static LeaderElection.Listener listener(CompletableFuture<Fence> leads) {
        return new LeaderElection.Listener() {
            @Override
            public void elected(Fence fence) {
                leads.complete(fence);
            }

            @Override
            public void deposed(String why) {
                leads.completeExceptionally(new AssertionError(why));
            }
        };
    }

    /// `kubectl apply` keeps the whole object in an annotation, and all annotations together have 262,144 bytes.
    @Test
    void theDefinitionsCanBeAppliedByAnyClient() throws IOException {
        var folder = Path.of(System.getProperty("sluice.root"), "deploy/crds");
        try (var files = Files.list(folder)) {
            var all = files.toList();
            assertThat(all).hasSize(6);
            for (var file : all) {
                var json = Rights.documents("crds/" + file.getFileName()).getFirst();
                assertThat(json.text().getBytes(StandardCharsets.UTF_8).length)
                        .as(file.toString())
                        .isLessThan(200_000);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cluster", "namespaced"})
    void kubectlBuildsIt(String flavour) throws Exception {
        assumeTrue(onPath(), "kubectl is not there");
        var objects = built(flavour);
        assertThat(objects)
                .filteredOn(object -> !object.at("kind").string("").equals("Namespace"))
                .filteredOn(object -> !object.at("kind").string("").startsWith("ClusterRole"))
                .allMatch(
                        object -> object.at("metadata", "namespace").string("").equals("argo-rollouts"));
        var deployment = only(objects, "Deployment");
        var pod = deployment.at("spec", "template", "spec");
        var container = pod.at("containers").at(0);
        assertThat(container.at("args").toString()).isEqualTo(flavour.equals("cluster") ? "[]" : "[\"--namespaced\"]");
        assertThat(pod.at("serviceAccountName").string(""))
                .isEqualTo(
                        only(objects, "ServiceAccount").at("metadata", "name").string("?"));
        assertThat(container.at("securityContext", "readOnlyRootFilesystem").bool(false))
                .isTrue();
        assertThat(pod.at("securityContext", "runAsNonRoot").bool(false)).isTrue();
        assertThat(container
                        .at("env")
                        .at(0)
                        .at("valueFrom", "fieldRef", "fieldPath")
                        .string(""))
                .isEqualTo("metadata.namespace");
        var labels = deployment.at("spec", "template", "metadata", "labels");
        assertThat(deployment.at("spec", "selector", "matchLabels")).isEqualTo(labels);
        assertThat(only(objects, "Service").at("spec", "selector")).isEqualTo(labels);
        var kinds = objects.stream()
                .map(object -> object.at("kind").string(""))
                .filter(kind -> kind.endsWith("Binding"))
                .toList();
        assertThat(kinds)
                .containsExactlyInAnyOrder(
                        "RoleBinding", flavour.equals("cluster") ? "ClusterRoleBinding" : "RoleBinding");
        for (var object : objects) {
            if (!object.at("kind").string("").endsWith("Binding")) continue;
            var subject = object.at("subjects").at(0);
            assertThat(subject.at("name").string("") + " in "
                            + subject.at("namespace").string(""))
                    .isEqualTo("argo-rollouts in argo-rollouts");
        }
    }

    private static boolean onPath() {
        return List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "kubectl")));
    }

    private static List<Json> built(String flavour) throws IOException, InterruptedException {
        var process = new ProcessBuilder("kubectl", "kustomize", "deploy/" + flavour)
                .directory(Path.of(System.getProperty("sluice.root")).toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        var load = new Load(LoadSettings.builder().build());
        var all = new ArrayList<Json>();
        StreamSupport.stream(load.loadAllFromString(text).spliterator(), false)
                .map(Json::of)
                .forEach(all::add);
        return all;
    }

    private static Json only(List<Json> objects, String kind) {
        var found = objects.stream()
                .filter(object -> object.at("kind").string("").equals(kind))
                .toList();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }
}
