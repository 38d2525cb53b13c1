package dev.sluice.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.spi.TrafficRouter.Reading;
import dev.sluice.spi.TrafficRouter.Route;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GatewayApiRouterTest {
    private static final ObjectRef WEB = ObjectRef.of(ResourceType.HTTP_ROUTES, "shop", "web");
    private final GatewayApiRouter router = new GatewayApiRouter();
    private final Route route = new Route("shop", "web-canary", "web-stable", 100, Json.obj("httpRoute", "web"));

    private static SortedMap<ObjectRef, Json.Obj> objects(String spec, int accepted) {
        var object = Json.parse("""
                {"metadata":{"name":"web","namespace":"shop","generation":4},"spec":%s,
                 "status":{"parents":[{"conditions":[{"type":"Accepted","status":"True","observedGeneration":%d}]}]}}
                """.formatted(spec, accepted)).obj();
        return new TreeMap<>(java.util.Map.of(WEB, object));
    }

    private static final String SPLIT = """
            {"rules":[
              {"matches":[{"path":{"value":"/api"}}],"backendRefs":[{"name":"other","port":80}]},
              {"backendRefs":[{"name":"web-stable","port":80,"weight":80},{"name":"web-canary","port":80,"weight":20}]}]}
            """;

    @Test
    void readsTheWeightsAndWhetherTheyAreServed() {
        assertThat(router.read(route, objects(SPLIT, 4))).isEqualTo(new Reading.Weights(20, 80, Optional.of(true)));
        assertThat(router.read(route, objects(SPLIT, 3))).isEqualTo(new Reading.Weights(20, 80, Optional.of(false)));
    }

    @Test
    void writesOnlyTheTwoServicesOfTheRulesThatNameBoth() {
        var seen = objects(SPLIT, 4);
        var edits = router.write(route, seen, 30, 70);
        assertThat(edits).hasSize(1);
        assertThat(edits.getFirst().to().at("spec", "rules").at(0))
                .isEqualTo(seen.get(WEB).at("spec", "rules").at(0));
        var after = new TreeMap<>(java.util.Map.of(WEB, edits.getFirst().to()));
        assertThat(router.read(route, after)).isEqualTo(new Reading.Weights(30, 70, Optional.of(true)));
        assertThat(router.write(route, after, 30, 70)).isEmpty();
    }

    @Test
    void absentWeightsAreOneEachAsTheApiSays() {
        var even = "{\"rules\":[{\"backendRefs\":[{\"name\":\"web-stable\"},{\"name\":\"web-canary\"}]}]}";
        assertThat(router.read(route, objects(even, 4))).isEqualTo(new Reading.Weights(50, 50, Optional.of(true)));
    }

    @Test
    void rulesThatDifferCountAsNotServed() {
        var uneven = """
                {"rules":[
                  {"backendRefs":[{"name":"web-stable","weight":90},{"name":"web-canary","weight":10}]},
                  {"backendRefs":[{"name":"web-stable","weight":50},{"name":"web-canary","weight":50}]}]}
                """;
        var reading = (Reading.Weights) router.read(route, objects(uneven, 4));
        assertThat(reading.canary()).isEqualTo(50);
        assertThat(reading.served()).contains(false);
        assertThat(router.write(route, objects(uneven, 4), 10, 90)).hasSize(1);
    }

    @Test
    void whatCannotCarryWeightsSaysWhy() {
        assertThat(router.read(route, new TreeMap<>())).isInstanceOf(Reading.Unusable.class);
        var alone = "{\"rules\":[{\"backendRefs\":[{\"name\":\"web-stable\"}]}]}";
        var reading = (Reading.Unusable) router.read(route, objects(alone, 4));
        assertThat(reading.mistakes().getFirst().expectation()).contains("web-canary");
        assertThat(router.check(new Route("shop", "c", "s", 100, Json.Obj.EMPTY)))
                .hasSize(1);
    }
}
