package dev.sluice.local.workload;

import static dev.sluice.local.workload.SimulatedCluster.job;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobTest {
    private final SimulatedCluster cluster = new SimulatedCluster();

    @AfterEach
    void nothingIsLeft() {
        cluster.close();
    }

    @Test
    void aJobSucceedsWhenItsPodDoes() {
        cluster.create(ResourceType.JOBS, job("check", "demo/job:run-3s", Json.Obj.EMPTY));
        cluster.until("active", () -> status("active") == 1);
        cluster.until("complete", () -> holds("Complete"));
        assertThat(status("succeeded")).isEqualTo(1);
        assertThat(seen().at("status", "active").isNull()).isTrue();
        assertThat(seen().at("status", "startTime").asString()).isPresent();
        assertThat(seen().at("status", "completionTime").asString()).isPresent();
        assertThat(cluster.reasons("Job", "check")).containsExactlyInAnyOrder("SuccessfulCreate", "Completed");
        assertThat(pods()).allSatisfy(pod -> {
            assertThat(Pods.phase(pod)).isEqualTo("Succeeded");
            assertThat(Meta.finalizers(pod)).isEmpty();
            assertThat(Meta.labels(pod)).containsEntry("job-name", "check");
        });
    }

    @Test
    void asManyRunAtOnceAsAllowedUntilEnoughHaveSucceeded() {
        cluster.create(
                ResourceType.JOBS, job("check", "demo/job:run-3s", Json.obj("parallelism", 2, "completions", 5)));
        cluster.until("complete", () -> {
            assertThat(pods().stream().filter(Pods::active)).hasSizeLessThanOrEqualTo(2);
            return holds("Complete");
        });
        assertThat(status("succeeded")).isEqualTo(5);
        assertThat(pods()).hasSize(5);
    }

    @Test
    void failuresAreTriedAgainLaterEachTimeUntilTheLimit() {
        cluster.create(ResourceType.JOBS, job("check", "demo/job:run-1s-exit-2", Json.obj("backoffLimit", 2)));
        cluster.until("first failure", () -> status("failed") == 1);
        var first = cluster.time.now();
        cluster.until("second failure", () -> status("failed") == 2);
        assertThat(Duration.between(first, cluster.time.now())).isGreaterThan(Duration.ofSeconds(10));
        var second = cluster.time.now();
        cluster.until("third failure", () -> status("failed") == 3);
        assertThat(Duration.between(second, cluster.time.now())).isGreaterThan(Duration.ofSeconds(20));
        cluster.until("failed", () -> holds("Failed"));
        assertThat(reason("Failed")).isEqualTo("BackoffLimitExceeded");
        cluster.run(Duration.ofMinutes(10));
        assertThat(pods()).hasSize(3);
    }

    @Test
    void aJobThatRunsForTooLongIsStoppedAndFails() {
        cluster.create(ResourceType.JOBS, job("check", "demo/job:run-1h", Json.obj("activeDeadlineSeconds", 20)));
        cluster.within(Duration.ofSeconds(25), "failed", () -> holds("Failed"));
        assertThat(reason("Failed")).isEqualTo("DeadlineExceeded");
        assertThat(pods().stream().filter(Pods::active)).isEmpty();
    }

    @Test
    void aFinishedJobGoesWhenItsTimeIsOver() {
        cluster.create(ResourceType.JOBS, job("check", "demo/job:run-1s", Json.obj("ttlSecondsAfterFinished", 30)));
        cluster.until("complete", () -> holds("Complete"));
        cluster.run(Duration.ofSeconds(25));
        assertThat(cluster.find(ResourceType.JOBS, "check")).isPresent();
        cluster.within(
                Duration.ofSeconds(10),
                "gone with its pods",
                () -> cluster.find(ResourceType.JOBS, "check").isEmpty() && pods().isEmpty());
    }

    @Test
    void aDeletedJobTakesItsPodsWithIt() {
        cluster.create(ResourceType.JOBS, job("check", "demo/job:run-1h", Json.Obj.EMPTY));
        cluster.until("active", () -> pods().stream().anyMatch(Pods::ready));
        cluster.delete(ResourceType.JOBS, "check", "Background");
        cluster.until("gone", () -> pods().isEmpty());
    }

    @Test
    void restartsOnFailureCountAgainstTheLimit() {
        var spec = Json.obj("backoffLimit", 2);
        cluster.create(
                ResourceType.JOBS,
                job("check", "demo/job:run-1s-exit-1", spec)
                        .withAt(List.of("spec", "template", "spec", "restartPolicy"), "OnFailure"));
        cluster.until("failed", () -> holds("Failed"));
        assertThat(reason("Failed")).isEqualTo("BackoffLimitExceeded");
        assertThat(pods().stream().filter(pod -> !Pods.finished(pod) && !Meta.deleting(pod)))
                .isEmpty();
    }

    @Test
    void aSuspendedJobRunsNothingUntilItIsResumed() {
        cluster.create(ResourceType.JOBS, job("check", "demo/job:run-1s", Json.obj("suspend", true)));
        cluster.run(Duration.ofSeconds(10));
        assertThat(pods()).isEmpty();
        assertThat(holds("Suspended")).isTrue();
        cluster.patch(ResourceType.JOBS, "check", Json.obj("spec", Json.obj("suspend", false)));
        cluster.until("complete", () -> holds("Complete"));
        assertThat(holds("Suspended")).isFalse();
    }

    private Json.Obj seen() {
        return cluster.get(ResourceType.JOBS, "check");
    }

    private int status(String field) {
        return seen().at("status", field).integer(0);
    }

    private boolean holds(String condition) {
        return Conditions.isTrue(seen(), condition);
    }

    private String reason(String condition) {
        return cluster.condition(ResourceType.JOBS, "check", condition)
                .map(found -> found.at("reason").string(""))
                .orElse("");
    }

    private List<Json> pods() {
        return cluster.list(ResourceType.PODS);
    }
}
