package dev.sluice.local.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PodBehaviourTest {
    @Test
    void aPlainTagIsTheVersionOfAHealthyServer() {
        var behaviour = good(pod("registry.test:5000/demo/web:v2"));
        assertThat(behaviour.version()).isEqualTo("v2");
        assertThat(behaviour.errorRate()).isZero();
        assertThat(behaviour.run()).isEmpty();
        assertThat(behaviour.startUp()).isZero();
        assertThat(behaviour.differences()).isEmpty();
    }

    @Test
    void aTagSaysBehaviourAndVersion() {
        var behaviour = good(pod("demo/web:v2-error-5-latency-200ms-jitter-50ms-drain-2s"));
        assertThat(behaviour.version()).isEqualTo("v2");
        assertThat(behaviour.errorRate()).isEqualTo(0.05);
        assertThat(behaviour.latency())
                .isEqualTo(new PodBehaviour.Latency(Duration.ofMillis(200), Duration.ofMillis(50)));
        assertThat(behaviour.drain()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void theWordsOfATagThatSayNothingAreTheVersion() {
        assertThat(good(pod("nginx:1.27-alpine-slim")).version()).isEqualTo("1.27-alpine-slim");
        assertThat(good(pod("demo/web:never-ready")).version()).isEqualTo("never-ready");
        assertThat(good(pod("demo/web:never-ready")).neverReady()).isTrue();
        assertThat(good(pod("demo/web:v3-slow-start-20s")).startUp()).isEqualTo(Duration.ofSeconds(20));
        assertThat(good(pod("demo/web:v3-slow-start")).startUp()).isPositive();
        assertThat(good(pod("demo/web:v3-crash-after-10s")).crashAfter()).contains(Duration.ofSeconds(10));
    }

    @Test
    void theDemoImagesOfTheFieldBehaveAsTheirNamesSay() {
        assertThat(good(pod("argoproj/rollouts-demo:blue")).colour()).isEqualTo("blue");
        assertThat(good(pod("argoproj/rollouts-demo:bad-red")).errorRate()).isEqualTo(0.15);
        assertThat(good(pod("argoproj/rollouts-demo:bad-red")).version()).isEqualTo("red");
        assertThat(good(pod("argoproj/rollouts-demo:slow-yellow")).latency().fixed())
                .isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void theEnvironmentWinsOverTheTag() {
        var behaviour = good(pod("demo/web:v2-error-5", "SLUICE_ERROR_RATE", "25%", "SLUICE_VERSION", "green-7"));
        assertThat(behaviour.errorRate()).isEqualTo(0.25);
        assertThat(behaviour.version()).isEqualTo("green-7");
    }

    @Test
    void aSmokeTestAsksAServiceSomeTimes() {
        var ask = good(pod(
                        "demo/smoke:1",
                        "SLUICE_ASK",
                        "http://b.shop/",
                        "SLUICE_ASK_VERSION",
                        "v2",
                        "SLUICE_ASK_TIMES",
                        "3"))
                .ask()
                .orElseThrow();
        assertThat(ask.url().getHost()).isEqualTo("b.shop");
        assertThat(ask.version()).contains("v2");
        assertThat(ask.times()).isEqualTo(3);
        assertThat(ask.within()).isEqualTo(Duration.ofSeconds(30));
        var wrong = PodBehaviour.of(pod("demo/smoke:1", "SLUICE_ASK", "b/", "SLUICE_ASK_TIMES", "0"));
        assertThat(wrong)
                .isInstanceOfSatisfying(
                        PodBehaviour.Reading.Bad.class,
                        bad -> assertThat(bad.message())
                                .contains("SLUICE_ASK: expected a URL such as http://b/")
                                .contains("SLUICE_ASK_TIMES: expected a number from 1 to 9999, not \"0\""));
    }

    @Test
    void badValuesAreAllNamedAtOnce() {
        var reading = PodBehaviour.of(pod(
                "demo/web:v2-latency-soon", "SLUICE_ERROR_RATE", "120%", "SLUICE_EROR_RATE", "1", "SLUICE_DRAIN", "x"));
        assertThat(reading).isInstanceOfSatisfying(PodBehaviour.Reading.Bad.class, bad -> {
            assertThat(bad.problems()).hasSize(4);
            assertThat(bad.message())
                    .contains("image tag \"v2-latency-soon\", after \"latency\": expected a duration such as 200ms")
                    .contains("SLUICE_ERROR_RATE: an error rate is a share such as 0.05 or 5%")
                    .contains("SLUICE_EROR_RATE: no such setting");
        });
    }

    @Test
    void aMissingImageIsNamedWhicheverContainerWantsIt() {
        var pod = Json.obj(
                "spec",
                Json.obj(
                        "containers",
                        Json.arr(
                                Json.obj("name", "web", "image", "demo/web:v1"),
                                Json.obj("name", "side", "image", "demo/side:missing"))));
        assertThat(PodBehaviour.of(pod))
                .isInstanceOfSatisfying(
                        PodBehaviour.Reading.NoImage.class,
                        none -> assertThat(none.container()).isEqualTo("side"));
    }

    @Test
    void aJobPodRunsAndEndsAsItsCommandSays() {
        var command = Json.obj(
                "spec",
                Json.obj(
                        "restartPolicy",
                        "Never",
                        "containers",
                        Json.arr(Json.obj(
                                "name",
                                "check",
                                "image",
                                "busybox",
                                "command",
                                Json.arr("sh", "-c", "sleep 5; exit 3")))));
        assertThat(good(command).run()).contains(new PodBehaviour.Run(Duration.ofSeconds(5), 3));
        var plain = Json.obj(
                "spec",
                Json.obj("restartPolicy", "Never", "containers", Json.arr(Json.obj("name", "a", "image", "demo/job"))));
        assertThat(good(plain).run()).contains(new PodBehaviour.Run(Duration.ofSeconds(1), 0));
        assertThat(good(pod("demo/job:run-3s-exit-2")).run()).contains(new PodBehaviour.Run(Duration.ofSeconds(3), 2));
    }

    private static PodBehaviour good(Json pod) {
        if (PodBehaviour.of(pod) instanceof PodBehaviour.Reading.Good(var behaviour)) return behaviour;
        throw new AssertionError(PodBehaviour.of(pod));
    }

    private static Json.Obj pod(String image, String... env) {
        var variables = new java.util.ArrayList<Json>();
        for (int i = 0; i < env.length; i += 2) variables.add(Json.obj("name", env[i], "value", env[i + 1]));
        return Json.obj(
                "spec",
                Json.obj("containers", Json.arr(Json.obj("name", "web", "image", image, "env", Json.of(variables)))));
    }
}
