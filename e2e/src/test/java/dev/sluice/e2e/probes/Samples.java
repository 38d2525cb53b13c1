package dev.sluice.e2e.probes;

/// Manifests, as YAML, that several probes use.
final class Samples {
    private Samples() {}

    static String configMap(String name, String more) {
        return "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + ", labels: {probe: x}}" + more + "}";
    }

    static String configMap(String name) {
        return configMap(name, ", data: {k: v}");
    }

    /// Paused, so that only the API server writes it.
    static String deployment(String name, String more) {
        return """
                {apiVersion: apps/v1, kind: Deployment, metadata: {name: NAME, labels: {app: NAME}}, spec: {paused: true, MORE
                  selector: {matchLabels: {app: NAME}},
                  template: {metadata: {labels: {app: NAME}}, spec: {containers: [{name: web, image: "example.test/web:1"}]}}}}
                """.replace("NAME", name).replace("MORE", more);
    }

    /// No scheduler takes it, so nobody but the API server writes it.
    static String pod(String name, String more) {
        return """
                {apiVersion: v1, kind: Pod, metadata: {name: NAME, labels: {app: NAME}}, spec: {schedulerName: nobody,
                  automountServiceAccountToken: false, MORE
                  containers: [{name: web, image: "example.test/web:1"}]}}
                """.replace("NAME", name).replace("MORE", more);
    }

    static String service(String name, String more) {
        return "{apiVersion: v1, kind: Service, metadata: {name: " + name
                + "}, spec: {selector: {app: x}, ports: [{port: 80}]" + more + "}}";
    }

    /// A kind of a group of the probe's own; `more` goes into the version, `schema` is that of `spec`.
    static String definition(String spec, String more) {
        return """
                {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: "things.{id}.test"},
                 spec: {group: "{id}.test", scope: Namespaced, names: {plural: things, kind: Thing, shortNames: ["t{id}"]},
                  versions: [{name: v1, served: true, storage: true, MORE schema: {openAPIV3Schema: {type: object, properties: {
                    spec: SPEC, status: {type: object, x-kubernetes-preserve-unknown-fields: true}}}}}]}}
                """.replace("SPEC", spec).replace("MORE", more);
    }

    static String thing(String name, String more) {
        return "{apiVersion: \"{id}.test/v1\", kind: Thing, metadata: {name: " + name + "}" + more + "}";
    }
}
