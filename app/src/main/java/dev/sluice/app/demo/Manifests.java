package dev.sluice.app.demo;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// The manifests of the stories, written as their readers would write them.
final class Manifests {
    private Manifests() {}

    /// The documents of a YAML stream.
    static List<Json.Obj> read(String yaml) {
        var documents = new ArrayList<Json.Obj>();
        for (var document : new Load(LoadSettings.builder().build()).loadAllFromString(yaml)) {
            if (document instanceof Map<?, ?> map) documents.add(Json.of(map).obj());
        }
        return documents;
    }

    /// The container of a web server. It goes on serving for a while after it has been told to end, as every pod
    /// behind a Service should: whoever sends it requests hears of its end a little later.
    static String server(String image) {
        return "{name: web, image: \"%s\", ports: [{containerPort: 8080}], lifecycle: {preStop: {sleep: {seconds: 5}}}}"
                .formatted(image);
    }

    /// A Service of port 80.
    static String service(String name, String selector) {
        return """
               ---
               apiVersion: v1
               kind: Service
               metadata: {name: %s}
               spec:
                 selector: {%s}
                 ports: [{port: 80, targetPort: 8080}]
               """.formatted(name, selector);
    }

    /// Gateway and HTTPRoute that split a host between the Services `shop-stable` and `shop-canary`.
    static String route(String host) {
        return """
               ---
               apiVersion: gateway.networking.k8s.io/v1
               kind: Gateway
               metadata: {name: edge}
               spec:
                 gatewayClassName: local
                 listeners: [{name: http, port: 80, protocol: HTTP}]
               ---
               apiVersion: gateway.networking.k8s.io/v1
               kind: HTTPRoute
               metadata: {name: shop}
               spec:
                 parentRefs: [{name: edge}]
                 hostnames: [%s]
                 rules:
                   - backendRefs:
                       - {name: shop-stable, port: 80, weight: 100}
                       - {name: shop-canary, port: 80, weight: 0}
               """.formatted(host);
    }

    /// A Rollout of `demo/shop:v1` pods behind those two Services.
    ///
    /// @param canary more of `strategy.canary`, in YAML, such as its steps
    static String routed(int replicas, String canary) {
        return """
               ---
               apiVersion: argoproj.io/v1alpha1
               kind: Rollout
               metadata: {name: shop}
               spec:
                 replicas: %d
                 selector: {matchLabels: {app: shop}}
                 template:
                   metadata: {labels: {app: shop}}
                   spec:
                     containers: [%s]
                 strategy:
                   canary:
                     stableService: shop-stable
                     canaryService: shop-canary
                     trafficRouting:
                       plugins:
                         argoproj-labs/gatewayAPI: {httpRoute: shop}
               """.formatted(replicas, server("demo/shop:v1")) + canary.indent(6);
    }
}
