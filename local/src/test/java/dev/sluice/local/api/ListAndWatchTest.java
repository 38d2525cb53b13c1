package dev.sluice.local.api;

import static dev.sluice.local.api.Cluster.CONFIG_MAPS;
import static dev.sluice.local.api.Cluster.PODS;
import static dev.sluice.local.api.Cluster.configMap;
import static dev.sluice.local.api.Cluster.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Lists, pages, selectors, and watches that go on where a list ended.
class ListAndWatchTest {
    private static final Selection MAPS = Selection.in(ResourceType.CONFIG_MAPS, "default");
    private final Cluster cluster = new Cluster();

    private List<String> names(String path) {
        return cluster.get(path).json().at("items").items().stream()
                .map(Metadata::name)
                .toList();
    }

    private static List<String> told(List<WatchEvent> events) {
        return events.stream()
                .map(event -> switch (event) {
                    case WatchEvent.Added(var object) -> "+" + Metadata.name(object);
                    case WatchEvent.Modified(var object) -> "~" + Metadata.name(object);
                    case WatchEvent.Deleted(var object) -> "-" + Metadata.name(object);
                    case WatchEvent.Bookmark _ -> "bookmark";
                    case WatchEvent.Closed(var expired, var _) -> expired ? "expired" : "closed";
                })
                .toList();
    }

    @Test
    void aListIsOrderedAndHasTheRevisionOfTheStore() {
        cluster.made(CONFIG_MAPS, configMap("b"));
        var last = cluster.made(CONFIG_MAPS, configMap("a"));
        var list = cluster.get("/api/v1/configmaps").json();
        assertThat(list.at("kind").string("")).isEqualTo("ConfigMapList");
        assertThat(list.at("metadata", "resourceVersion")).isEqualTo(last.at("metadata", "resourceVersion"));
        assertThat(names("/api/v1/configmaps")).containsExactly("a", "b");
    }

    @Test
    void itemsOfBuiltInKindsHaveNoKindAndThoseOfCustomKindsDo() {
        cluster.made(CONFIG_MAPS, configMap("a"));
        cluster.made(Cluster.ROLLOUTS, Cluster.rollout("web", 1));
        assertThat(cluster.get(CONFIG_MAPS).json().at("items").at(0).obj().has("kind"))
                .isFalse();
        assertThat(cluster.get(Cluster.ROLLOUTS)
                        .json()
                        .at("items")
                        .at(0)
                        .at("kind")
                        .string(""))
                .isEqualTo("Rollout");
    }

    @Test
    void labelsAndFieldsSelect() {
        cluster.made(CONFIG_MAPS, configMap("a").withAt(List.of("metadata", "labels", "tier"), "db"));
        cluster.made(CONFIG_MAPS, configMap("b").withAt(List.of("metadata", "labels", "tier"), "web"));
        cluster.made(CONFIG_MAPS, configMap("c"));
        assertThat(names(CONFIG_MAPS + "?labelSelector=tier in (db,web)")).containsExactly("a", "b");
        assertThat(names(CONFIG_MAPS + "?labelSelector=!tier")).containsExactly("c");
        assertThat(names(CONFIG_MAPS + "?fieldSelector=metadata.name!=a")).containsExactly("b", "c");
    }

    @Test
    void podsAreSelectedByNodeAndPhase() {
        cluster.made(PODS, pod("here", "n1"));
        cluster.made(PODS, pod("there", "n2"));
        cluster.merge(PODS + "/there/status", Json.obj("status", Json.obj("phase", "Running")));
        assertThat(names(PODS + "?fieldSelector=spec.nodeName=n1,status.phase=Pending"))
                .containsExactly("here");
        assertThat(names(PODS + "?fieldSelector=status.phase=Running")).containsExactly("there");
    }

    @Test
    void anUnknownFieldSelectorIsRefused() {
        assertThat(cluster.get(PODS + "?fieldSelector=spec.foo=1")
                        .json()
                        .at("message")
                        .string(""))
                .isEqualTo("field label not supported: spec.foo");
        assertThat(cluster.get(CONFIG_MAPS + "?fieldSelector=data=1").code()).isEqualTo(400);
    }

    @Test
    void pagesShowTheStateInWhichTheListBegan() {
        for (var name : List.of("a", "b", "c")) cluster.made(CONFIG_MAPS, configMap(name));
        var first = cluster.get(CONFIG_MAPS + "?limit=2").json();
        assertThat(first.at("metadata", "remainingItemCount").integer(0)).isEqualTo(1);
        cluster.delete(CONFIG_MAPS + "/c");
        cluster.made(CONFIG_MAPS, configMap("d"));
        var token = first.at("metadata", "continue").string("");
        var second = cluster.get(CONFIG_MAPS + "?limit=2&continue=" + token).json();
        assertThat(second.at("items").items()).extracting(Metadata::name).containsExactly("c");
        assertThat(second.at("metadata", "continue").isNull()).isTrue();
        cluster.server.compact();
        assertThat(cluster.get(CONFIG_MAPS + "?limit=2&continue=" + token).code())
                .isEqualTo(410);
    }

    @Test
    void aWatchGoesOnWhereTheListEnded() {
        cluster.made(CONFIG_MAPS, configMap("a"));
        var from = cluster.get(CONFIG_MAPS)
                .json()
                .at("metadata", "resourceVersion")
                .string("");
        cluster.made(CONFIG_MAPS, configMap("b"));
        var events = cluster.watch(MAPS, from);
        cluster.merge(CONFIG_MAPS + "/b", Json.obj("data", Json.obj("k", "v")));
        assertThat(events).as("nothing on the writer's stack").isEmpty();
        cluster.delete(CONFIG_MAPS + "/a");
        cluster.time.settle();
        assertThat(told(events)).containsExactly("+b", "~b", "-a");
    }

    @Test
    void aDeletionCarriesItsOwnRevision() {
        var made = cluster.made(CONFIG_MAPS, configMap("a"));
        var events = cluster.watch(MAPS, Metadata.resourceVersion(made));
        cluster.delete(CONFIG_MAPS + "/a");
        cluster.time.settle();
        var gone = ((WatchEvent.Deleted) events.getFirst()).object();
        assertThat(Long.parseLong(Metadata.resourceVersion(gone)))
                .isGreaterThan(Long.parseLong(Metadata.resourceVersion(made)));
    }

    @Test
    void whatLeavesASelectionIsDeletedForItsWatcher() {
        cluster.made(CONFIG_MAPS, configMap("a"));
        var events = cluster.watch(MAPS.labelled("tier=db"), "0");
        cluster.merge(CONFIG_MAPS + "/a", Json.obj("metadata", Json.obj("labels", Json.obj("tier", "db"))));
        cluster.merge(CONFIG_MAPS + "/a", Json.obj("metadata", Json.obj("labels", Json.obj("tier", "web"))));
        cluster.time.settle();
        assertThat(told(events)).containsExactly("+a", "-a");
    }

    @Test
    void aWatchFromNowhereBeginsWithWhatIsThere() {
        cluster.made(CONFIG_MAPS, configMap("a"));
        var events = cluster.watch(MAPS, "");
        cluster.time.settle();
        assertThat(told(events)).containsExactly("+a");
    }

    @Test
    void aCompactedRevisionIsGone() {
        var made = cluster.made(CONFIG_MAPS, configMap("a"));
        cluster.made(CONFIG_MAPS, configMap("b"));
        cluster.server.compact();
        var events = cluster.watch(MAPS, Metadata.resourceVersion(made));
        cluster.time.settle();
        assertThat(told(events)).containsExactly("expired");
    }

    @Test
    void theHistoryIsBounded() {
        var small = new Cluster(3);
        for (var name : List.of("a", "b", "c", "d", "e")) small.made(CONFIG_MAPS, configMap(name));
        var events = small.watch(MAPS, "2");
        small.time.settle();
        assertThat(told(events)).containsExactly("expired");
    }

    @Test
    void aSlowWatcherLosesItsWatchAndNothingElse() {
        var events = cluster.watch(MAPS, "0");
        cluster.made(CONFIG_MAPS, configMap("a"));
        for (int i = 0; i <= Feed.CAPACITY; i++) {
            cluster.merge(CONFIG_MAPS + "/a", Json.obj("data", Json.obj("i", Integer.toString(i))));
        }
        cluster.time.settle();
        assertThat(told(events).getLast()).isEqualTo("expired");
        assertThat(events).hasSize(Feed.CAPACITY + 1);
    }

    @Test
    void aClosedWatchSaysSoOnceAndLast() {
        var events = new ArrayList<WatchEvent>();
        var watch = cluster.gateway.watch(MAPS, "0", events::add);
        cluster.made(CONFIG_MAPS, configMap("a"));
        watch.close();
        cluster.made(CONFIG_MAPS, configMap("b"));
        cluster.time.settle();
        watch.close();
        cluster.time.settle();
        assertThat(told(events)).containsExactly("closed");
    }

    @Test
    void deletingACollectionHonoursItsSelector() {
        cluster.made(CONFIG_MAPS, configMap("a").withAt(List.of("metadata", "labels", "tier"), "db"));
        cluster.made(CONFIG_MAPS, configMap("b"));
        cluster.delete(CONFIG_MAPS + "?labelSelector=tier=db");
        assertThat(names(CONFIG_MAPS)).containsExactly("b");
    }

    @Test
    void aWatchFromARevisionThatIsYetToComeIsSilentUntilThen() {
        long now = Long.parseLong(Metadata.resourceVersion(cluster.made(CONFIG_MAPS, configMap("a"))));
        var answer = cluster.get(CONFIG_MAPS + "?watch=true&allowWatchBookmarks=true&resourceVersion=" + (now + 2));
        var watching = (ApiResponse.Body.Watching) answer.body();
        cluster.made(CONFIG_MAPS, configMap("b"));
        assertThat(watching.lines().bookmark()).as("would claim what is not so").isEmpty();
        cluster.made(CONFIG_MAPS, configMap("c"));
        assertThat(watching.feed().take()).as("up to there it is said to know").isEmpty();
        cluster.made(CONFIG_MAPS, configMap("d"));
        assertThat(watching.feed().take().stream().map(event -> Metadata.name(event.object())))
                .containsExactly("d");
        assertThat(watching.lines().bookmark()).isPresent();
    }
}
