package dev.sluice.local.workload;

import static dev.sluice.local.workload.SimulatedCluster.pod;
import static dev.sluice.local.workload.SimulatedCluster.podSpec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PodLifeTest {
    private final SimulatedCluster cluster = new SimulatedCluster();

    @AfterEach
    void nothingIsLeft() {
        cluster.close();
    }

    @Test
    void aPodIsScheduledCreatedAndReady() {
        cluster.create(ResourceType.PODS, pod("web", podSpec("demo/web:v1")));
        cluster.until("creating", () -> waiting().equals("ContainerCreating"));
        assertThat(phase()).isEqualTo("Pending");
        var began = cluster.time.now();
        cluster.until("ready", this::ready);
        assertThat(Duration.between(began, cluster.time.now()))
                .isBetween(Duration.ofMillis(290), Duration.ofMillis(820));
        assertThat(phase()).isEqualTo("Running");
        assertThat(pod0().at("spec", "nodeName").string("")).isEqualTo("sluice-1");
        assertThat(cluster.reasons("Pod", "web"))
                .containsExactlyInAnyOrder("Scheduled", "Pulled", "Created", "Started");
        assertThat(cluster.cluster.log("default", "web", false).orElseThrow().lines())
                .anySatisfy(line -> assertThat(line.text()).contains("version v1"));
    }

    @Test
    void aDeletedPodDrainsBeforeItGoesAndIsMarkedAllTheWhile() {
        cluster.create(ResourceType.PODS, pod("web", podSpec("demo/web:v1-drain-5s")));
        cluster.until("ready", this::ready);

        cluster.delete(ResourceType.PODS, "web", "Background");
        cluster.run(Duration.ofSeconds(4));

        assertThat(Meta.deleting(pod0())).isTrue();
        assertThat(ready()).isTrue();
        assertThat(cluster.reasons("Pod", "web")).contains("Killing");
        cluster.within(Duration.ofSeconds(2), "gone", this::gone);
    }

    @Test
    void theGracePeriodIsTheLongestADrainMayTake() {
        cluster.create(
                ResourceType.PODS,
                pod("web", podSpec("demo/web:v1-drain-60s").with("terminationGracePeriodSeconds", 3)));
        cluster.until("ready", this::ready);
        cluster.delete(ResourceType.PODS, "web", "Background");
        cluster.run(Duration.ofSeconds(2));
        assertThat(gone()).isFalse();
        cluster.within(Duration.ofSeconds(2), "gone", this::gone);
    }

    @Test
    void aForcedDeletionGivesNoTime() {
        cluster.create(ResourceType.PODS, pod("web", podSpec("demo/web:v1-drain-60s")));
        cluster.until("ready", this::ready);
        cluster.delete(ResourceType.PODS, "web", Duration.ZERO);
        assertThat(gone()).isTrue();
        cluster.run(Duration.ofSeconds(1));
        assertThat(cluster.cluster.addressesTaken()).isZero();
    }

    @Test
    void thePreStopHookIsWaitedForBeforeTheSignal() {
        var spec = podSpec("demo/web:v1-drain-1s");
        var container = spec.at("containers")
                .at(0)
                .obj()
                .with("lifecycle", Json.obj("preStop", Json.obj("sleep", Json.obj("seconds", 10))));
        cluster.create(ResourceType.PODS, pod("web", spec.with("containers", Json.arr(container))));
        cluster.until("ready", this::ready);
        cluster.delete(ResourceType.PODS, "web", "Background");
        cluster.run(Duration.ofSeconds(10));
        assertThat(ready()).isTrue();
        cluster.within(Duration.ofSeconds(2), "gone", this::gone);
    }

    @Test
    void aContainerThatCrashesBacksOffLongerEachTime() {
        cluster.create(ResourceType.PODS, pod("web", podSpec("demo/web:v1-crash-after-2s")));
        cluster.until("crash loop", () -> waiting().equals("CrashLoopBackOff"));
        assertThat(restarts()).isEqualTo(1);
        assertThat(status0().at("lastState", "terminated", "exitCode").integer(0))
                .isEqualTo(1);
        assertThat(phase()).isEqualTo("Running");
        var first = cluster.time.now();
        cluster.until("running", () -> restarts() == 2);
        assertThat(Duration.between(first, cluster.time.now()))
                .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(11));
        cluster.until("crash loop", () -> waiting().equals("CrashLoopBackOff"));
        var second = cluster.time.now();
        cluster.until("running", () -> restarts() == 3);
        assertThat(Duration.between(second, cluster.time.now()))
                .isBetween(Duration.ofSeconds(19), Duration.ofSeconds(21));
        assertThat(cluster.cluster.log("default", "web", true)).isPresent();
        assertThat(cluster.reasons("Pod", "web")).contains("BackOff");
        cluster.within(Duration.ofMinutes(30), "six restarts", () -> restarts() >= 6);
    }

    @Test
    void aPodThatIsNeverReadyRunsAllTheSame() {
        cluster.create(ResourceType.PODS, pod("web", podSpec("demo/web:v1-never-ready")));
        cluster.until("running", () -> phase().equals("Running"));
        cluster.run(Duration.ofMinutes(5));
        assertThat(ready()).isFalse();
        assertThat(condition("Ready").at("reason").string("")).isEqualTo("ContainersNotReady");
        assertThat(restarts()).isZero();
    }

    @Test
    void theReadinessProbeLooksOnlyNowAndThen() {
        var spec = podSpec("demo/web:v1-slow-start-12s");
        var container = spec.at("containers")
                .at(0)
                .obj()
                .with(
                        "readinessProbe",
                        Json.obj("initialDelaySeconds", 5, "periodSeconds", 10, "httpGet", Json.obj("port", 8080)));
        cluster.create(ResourceType.PODS, pod("web", spec.with("containers", Json.arr(container))));
        cluster.until("running", () -> phase().equals("Running"));
        var began = cluster.time.now();
        cluster.until("ready", this::ready);
        // Looks at 5 s and 15 s: what began to answer at 12 s is noticed at the second.
        assertThat(Duration.between(began, cluster.time.now()))
                .isBetween(Duration.ofMillis(14_900), Duration.ofMillis(15_200));
    }

    @Test
    void aReadinessGateHoldsThePodBack() {
        cluster.create(
                ResourceType.PODS,
                pod(
                        "web",
                        podSpec("demo/web:v1")
                                .with("readinessGates", Json.arr(Json.obj("conditionType", "example.com/gate")))));
        cluster.until(
                "containers ready",
                () -> condition("ContainersReady").at("status").string("").equals("True"));
        cluster.run(Duration.ofSeconds(10));
        assertThat(ready()).isFalse();
        assertThat(condition("Ready").at("reason").string("")).isEqualTo("ReadinessGatesNotReady");
        cluster.patchStatus(
                ResourceType.PODS,
                "web",
                PatchType.STRATEGIC,
                Json.obj(
                        "status",
                        Json.obj("conditions", Json.arr(Json.obj("type", "example.com/gate", "status", "True")))));
        cluster.until("ready", this::ready);
    }

    @Test
    void anImageThatIsMissingIsSaidSoAndHarmsNoOther() {
        cluster.create(ResourceType.PODS, pod("web", podSpec("demo/web:missing")));
        cluster.create(ResourceType.PODS, pod("other", podSpec("demo/web:v1")));
        cluster.until("pull error", () -> waiting().equals("ErrImagePull"));
        cluster.until("back-off", () -> waiting().equals("ImagePullBackOff"));
        cluster.until("other ready", () -> Pods.ready(cluster.get(ResourceType.PODS, "other")));
        assertThat(phase()).isEqualTo("Pending");
        cluster.patch(ResourceType.PODS, "web", imageOf("demo/web:v1"));
        cluster.until("ready", this::ready);
    }

    @Test
    void aBehaviourThatMakesNoSenseIsNamedInTheStatusAndHarmsNoOther() {
        cluster.create(ResourceType.PODS, pod("web", podSpec("demo/web:v1-latency-soon")));
        cluster.create(ResourceType.PODS, pod("other", podSpec("demo/web:v1")));
        cluster.until("config error", () -> waiting().equals("CreateContainerConfigError"));
        assertThat(status0().at("state", "waiting", "message").string(""))
                .contains("latency")
                .contains("200ms");
        cluster.until("other ready", () -> Pods.ready(cluster.get(ResourceType.PODS, "other")));
        assertThat(cluster.reasons("Pod", "web")).contains("Failed");
    }

    @Test
    void aPodThatNoNodeTakesSaysWhy() {
        cluster.create(
                ResourceType.PODS, pod("web", podSpec("demo/web:v1").with("nodeSelector", Json.obj("disk", "golden"))));
        cluster.until(
                "unschedulable",
                () -> condition("PodScheduled").at("reason").string("").equals("Unschedulable"));
        assertThat(condition("PodScheduled").at("message").string("")).startsWith("0/1 nodes are available");
        cluster.delete(ResourceType.PODS, "web", "Background");
        cluster.within(Duration.ofSeconds(5), "gone", this::gone);
    }

    @Test
    void aPodThatRunsToItsEndSucceedsOrFails() {
        cluster.create(ResourceType.PODS, pod("web", podSpec("demo/job:run-2s").with("restartPolicy", "Never")));
        cluster.create(
                ResourceType.PODS, pod("bad", podSpec("demo/job:run-2s-exit-3").with("restartPolicy", "Never")));
        cluster.until("over", () -> phase().equals("Succeeded"));
        cluster.until(
                "failed",
                () -> Pods.phase(cluster.get(ResourceType.PODS, "bad")).equals("Failed"));
        assertThat(condition("Ready").at("reason").string("")).isEqualTo("PodCompleted");
        assertThat(cluster.cluster.addressesTaken()).isZero();
        cluster.delete(ResourceType.PODS, "web", "Background");
        cluster.within(Duration.ofSeconds(2), "gone", this::gone);
    }

    @Test
    void timesOfConditionsChangeOnlyWithTheirStatus() {
        cluster.create(ResourceType.PODS, pod("web", podSpec("demo/web:v1-slow-start-5s")));
        cluster.until("ready", this::ready);
        var initialized =
                Instant.parse(condition("Initialized").at("lastTransitionTime").string(""));
        var became = Instant.parse(condition("Ready").at("lastTransitionTime").string(""));
        assertThat(Duration.between(initialized, became)).isGreaterThan(Duration.ofSeconds(4));
    }

    private static Json.Obj imageOf(String image) {
        return Json.obj("spec", podSpec(image));
    }

    private Json.Obj pod0() {
        return cluster.get(ResourceType.PODS, "web");
    }

    private Json status0() {
        return pod0().at("status", "containerStatuses").at(0);
    }

    private String phase() {
        return Pods.phase(pod0());
    }

    private String waiting() {
        return status0().at("state", "waiting", "reason").string("");
    }

    private int restarts() {
        return status0().at("restartCount").integer(-1);
    }

    private boolean ready() {
        return Pods.ready(pod0());
    }

    private boolean gone() {
        return cluster.find(ResourceType.PODS, "web").isEmpty();
    }

    private Json condition(String type) {
        return cluster.condition(ResourceType.PODS, "web", type).orElse(Json.Null.VALUE);
    }
}
