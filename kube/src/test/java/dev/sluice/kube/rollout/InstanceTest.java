package dev.sluice.kube.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.kube.FakeCluster;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.VirtualTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Two controllers share a cluster; a label says whose an object is.
class InstanceTest {
    private final VirtualTime time = new VirtualTime();
    private final FakeCluster cluster = new FakeCluster(time);

    private Caches caches(Instance instance) {
        var caches = new Caches(
                cluster,
                time,
                Optional.empty(),
                instance,
                RolloutController.kinds(Map.of()),
                ObjectCache.Options.standard(1));
        caches.start();
        time.settle();
        return caches;
    }

    private void put(ResourceType type, String name, String id) {
        var object = FakeCluster.object(type, "shop", name);
        cluster.put(
                type,
                id.isEmpty() ? object : object.withAt(List.of("metadata", "labels"), Json.obj(Names.INSTANCE_ID, id)));
        time.settle();
    }

    private static List<String> names(Caches caches, ResourceType type) {
        return caches.of(type).all().stream()
                .map(object -> object.at("metadata", "name").string(""))
                .toList();
    }

    @Test
    void eachSeesItsOwnAndTheOneWithoutAnIdWhatHasNone() {
        for (var type : List.of(ResourceType.ROLLOUTS, ResourceType.ANALYSIS_RUNS, ResourceType.ANALYSIS_TEMPLATES)) {
            put(type, "blue", "blue");
            put(type, "green", "green");
            put(type, "none", "");
            assertThat(names(caches(Instance.of("blue")), type)).containsExactly("blue");
            assertThat(names(caches(Instance.of("")), type)).containsExactly("none");
            assertThat(names(caches(Instance.ANY), type)).containsExactly("blue", "green", "none");
        }
    }

    @Test
    void anObjectThatIsLabelledAnewGoesOver() {
        put(ResourceType.ROLLOUTS, "web", "");
        var blue = caches(Instance.of("blue"));
        var none = caches(Instance.of(""));
        put(ResourceType.ROLLOUTS, "web", "blue");
        assertThat(names(blue, ResourceType.ROLLOUTS)).containsExactly("web");
        assertThat(names(none, ResourceType.ROLLOUTS)).isEmpty();
        put(ResourceType.ROLLOUTS, "web", "");
        assertThat(names(blue, ResourceType.ROLLOUTS)).isEmpty();
        assertThat(names(none, ResourceType.ROLLOUTS)).containsExactly("web");
    }

    @Test
    void aServiceIsEverybodysAndNotTakenFromARolloutOfAnotherController() {
        put(ResourceType.ROLLOUTS, "web", "green");
        cluster.put(
                ResourceType.SERVICES,
                FakeCluster.object(ResourceType.SERVICES, "shop", "web")
                        .withAt(List.of("metadata", "annotations"), Json.obj(Names.MANAGED_BY, "web"))
                        .with("spec", Json.obj("selector", Json.obj(Names.HASH, "abc"))));
        var blue = caches(Instance.of("blue"));
        assertThat(names(blue, ResourceType.SERVICES)).containsExactly("web");
        var key = new Key("shop", "web");
        assertThat(new RolloutObserver(blue, cluster, Map.of()).observe(key, time.now()))
                .as("nothing is left behind: its Rollout is there")
                .isEmpty();
    }
}
