package dev.sluice.local.workload;

import static dev.sluice.local.workload.SimulatedCluster.deployment;
import static dev.sluice.local.workload.SimulatedCluster.image;
import static dev.sluice.local.workload.SimulatedCluster.job;
import static dev.sluice.local.workload.SimulatedCluster.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulationTest {
    @Test
    void oneSeedIsOneStory() {
        assertThat(String.join("\n", story(7))).isEqualTo(String.join("\n", story(7)));
    }

    @Test
    void differentSeedsTakeDifferentWaysToTheSameEnd() {
        var ways = new ArrayList<String>();
        var ends = new ArrayList<String>();
        for (long seed = 1; seed <= 12; seed++) {
            var told = story(seed);
            ends.add(told.getLast());
            ways.add(String.join("\n", told));
        }
        assertThat(ways).doesNotHaveDuplicates();
        assertThat(ends.stream().distinct()).hasSize(1);
    }

    @Test
    void withoutInputTheClusterFallsSilent() {
        try (var cluster = new SimulatedCluster()) {
            cluster.create(ResourceType.SERVICES, service("web"));
            cluster.create(ResourceType.DEPLOYMENTS, deployment("web", 3, "demo/web:v1"));
            cluster.run(Duration.ofMinutes(1));
            var said = cluster.transcript(
                    ResourceType.PODS,
                    ResourceType.REPLICA_SETS,
                    ResourceType.DEPLOYMENTS,
                    ResourceType.SERVICES,
                    ResourceType.ENDPOINT_SLICES,
                    ResourceType.NODES,
                    ResourceType.EVENTS);
            cluster.run(Duration.ofSeconds(1));
            int before = said.size();
            cluster.run(Duration.ofMinutes(30));
            assertThat(said.stream().filter(line -> !line.contains(" = "))).hasSize(before);
        }
    }

    @Test
    void aThousandPodsComeAndGo() {
        try (var cluster = new SimulatedCluster()) {
            cluster.create(ResourceType.SERVICES, service("web"));
            cluster.create(ResourceType.DEPLOYMENTS, deployment("web", 1000, "demo/web:v1"));
            cluster.run(Duration.ofSeconds(10));
            var status = cluster.get(ResourceType.DEPLOYMENTS, "web").at("status");
            assertThat(status.at("availableReplicas").integer(0)).isEqualTo(1000);
            cluster.delete(ResourceType.DEPLOYMENTS, "web", "Background");
            cluster.run(Duration.ofSeconds(10));
            assertThat(cluster.pods("web")).isEmpty();
            assertThat(cluster.cluster.addressesTaken()).isZero();
        }
    }

    @Test
    void eventsAreBoundedInNumberAndInTime() {
        try (var cluster = new SimulatedCluster()) {
            cluster.create(ResourceType.DEPLOYMENTS, deployment("web", 5, "demo/web:v1-crash-after-2s"));
            cluster.run(Duration.ofHours(6));
            assertThat(cluster.list(ResourceType.EVENTS).size()).isLessThan(60);
            cluster.delete(ResourceType.DEPLOYMENTS, "web", "Background");
            cluster.run(Duration.ofMinutes(62));
            assertThat(cluster.list(ResourceType.EVENTS)).isEmpty();
        }
    }

    /// Everything that happens in one run, and last the end it comes to.
    private static List<String> story(long seed) {
        try (var cluster = new SimulatedCluster(seed, builder -> builder.nodes(2))) {
            var lines = cluster.transcript(
                    ResourceType.PODS,
                    ResourceType.REPLICA_SETS,
                    ResourceType.DEPLOYMENTS,
                    ResourceType.JOBS,
                    ResourceType.ENDPOINT_SLICES,
                    ResourceType.EVENTS);
            cluster.create(ResourceType.SERVICES, service("web"));
            cluster.create(ResourceType.DEPLOYMENTS, deployment("web", 5, "demo/web:v1"));
            cluster.create(ResourceType.JOBS, job("check", "demo/job:run-2s-exit-1", Json.obj("backoffLimit", 1)));
            cluster.run(Duration.ofMillis(700));
            cluster.patch(ResourceType.DEPLOYMENTS, "web", image("demo/web:v2"));
            cluster.run(Duration.ofSeconds(2));
            cluster.patch(ResourceType.DEPLOYMENTS, "web", Json.obj("spec", Json.obj("replicas", 7)));
            cluster.run(Duration.ofMinutes(2));
            var deployment = cluster.get(ResourceType.DEPLOYMENTS, "web").at("status");
            var story = new ArrayList<>(lines);
            story.add("available " + deployment.at("availableReplicas") + " updated "
                    + deployment.at("updatedReplicas") + " of " + deployment.at("replicas") + ", pods "
                    + cluster.pods("web").size() + ", job failed "
                    + cluster.get(ResourceType.JOBS, "check").at("status", "failed"));
            return story;
        }
    }
}
