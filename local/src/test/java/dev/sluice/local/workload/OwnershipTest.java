package dev.sluice.local.workload;

import static dev.sluice.local.workload.SimulatedCluster.deployment;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OwnershipTest {
    private final SimulatedCluster cluster = new SimulatedCluster();

    @AfterEach
    void nothingIsLeft() {
        cluster.close();
    }

    @Test
    void inTheBackgroundTheOwnerGoesFirst() {
        web();
        cluster.delete(ResourceType.DEPLOYMENTS, "web", "Background");
        assertThat(cluster.find(ResourceType.DEPLOYMENTS, "web")).isEmpty();
        cluster.until(
                "all gone",
                () -> cluster.list(ResourceType.REPLICA_SETS).isEmpty()
                        && cluster.pods("web").isEmpty());
    }

    @Test
    void inTheForegroundTheOwnerGoesLast() {
        web();
        cluster.delete(ResourceType.DEPLOYMENTS, "web", "Foreground");
        assertThat(cluster.find(ResourceType.DEPLOYMENTS, "web")).isPresent();
        cluster.until("all gone", () -> {
            if (cluster.find(ResourceType.DEPLOYMENTS, "web").isPresent()) return false;
            assertThat(cluster.list(ResourceType.REPLICA_SETS)).isEmpty();
            assertThat(cluster.pods("web")).isEmpty();
            return true;
        });
    }

    @Test
    void orphansStayAndLoseTheirOwner() {
        web();
        cluster.delete(ResourceType.DEPLOYMENTS, "web", "Orphan");
        cluster.until(
                "owner gone",
                () -> cluster.find(ResourceType.DEPLOYMENTS, "web").isEmpty());
        cluster.run(Duration.ofSeconds(30));
        assertThat(cluster.list(ResourceType.REPLICA_SETS))
                .hasSize(1)
                .allSatisfy(set -> assertThat(Meta.owners(set)).isEmpty());
        assertThat(cluster.readyPods("web")).hasSize(2);
    }

    @Test
    void whoHasAnotherOwnerLeftStays() {
        var one = config("one", List.of());
        var two = config("two", List.of());
        config("child", List.of(reference(one), reference(two)));
        cluster.delete(ResourceType.CONFIG_MAPS, "one", "Background");
        cluster.until(
                "one owner left",
                () -> Meta.owners(cluster.get(ResourceType.CONFIG_MAPS, "child"))
                                .size()
                        == 1);
        cluster.delete(ResourceType.CONFIG_MAPS, "two", "Background");
        cluster.until(
                "gone", () -> cluster.find(ResourceType.CONFIG_MAPS, "child").isEmpty());
    }

    @Test
    void anOwnerThatNeverWasCountsAsGone() {
        config("child", List.of(reference(Json.obj("metadata", Json.obj("name", "ghost", "uid", "no-such-uid")))));
        cluster.until(
                "gone", () -> cluster.find(ResourceType.CONFIG_MAPS, "child").isEmpty());
    }

    @Test
    void anOwnerOfAKindThatNobodyKnowsIsNotJudged() {
        var reference = Json.obj("apiVersion", "example.com/v1", "kind", "Thing", "name", "x", "uid", "u");
        config("child", List.of(reference));
        cluster.run(Duration.ofMinutes(1));
        assertThat(cluster.find(ResourceType.CONFIG_MAPS, "child")).isPresent();
    }

    @Test
    void aNamespaceTakesEverythingWithIt() {
        cluster.create(
                ResourceType.NAMESPACES,
                Json.obj("apiVersion", "v1", "kind", "Namespace", "metadata", Json.obj("name", "shop")));
        cluster.create(
                ResourceType.DEPLOYMENTS,
                deployment("web", 2, "demo/web:v1-drain-3s").withAt(List.of("metadata", "namespace"), "shop"));
        var pods = new dev.sluice.cluster.Selection(ResourceType.PODS, Optional.of("shop"), "");
        cluster.until(
                "ready",
                () -> SimulatedCluster.done(cluster.gateway.send(new Request.List(pods))).at("items").items().stream()
                                .filter(Pods::ready)
                                .count()
                        == 2);
        var account = new ObjectRef(Kinds.SERVICE_ACCOUNTS, "shop", "default", "");
        assertThat(cluster.gateway.send(new Request.Get(account)).answer()).isPresent();

        var namespace = ObjectRef.of(ResourceType.NAMESPACES, "", "shop");
        cluster.gateway.send(new Request.Delete(namespace, Optional.empty(), Optional.empty(), "Background"));
        cluster.run(Duration.ofSeconds(2));
        var terminating =
                cluster.gateway.send(new Request.Get(namespace)).answer().orElseThrow();
        assertThat(terminating.at("status", "phase").string("")).isEqualTo("Terminating");
        assertThat(Conditions.isTrue(terminating, "NamespaceContentRemaining")).isTrue();
        cluster.until(
                "gone",
                () -> cluster.gateway.send(new Request.Get(namespace)).answer().isEmpty());
        assertThat(SimulatedCluster.done(cluster.gateway.send(new Request.List(pods)))
                        .at("items")
                        .items())
                .isEmpty();
    }

    private void web() {
        cluster.create(ResourceType.DEPLOYMENTS, deployment("web", 2, "demo/web:v1"));
        cluster.until("ready", () -> cluster.readyPods("web").size() == 2);
    }

    private Json.Obj config(String name, List<Json> owners) {
        return cluster.create(
                ResourceType.CONFIG_MAPS,
                Json.obj(
                        "apiVersion", "v1",
                        "kind", "ConfigMap",
                        "metadata", Json.obj("name", name, "namespace", "default", "ownerReferences", owners)));
    }

    private static Json reference(Json owner) {
        return Json.obj("apiVersion", "v1", "kind", "ConfigMap", "name", Meta.name(owner), "uid", Meta.uid(owner));
    }
}
