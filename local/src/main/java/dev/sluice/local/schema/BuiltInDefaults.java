package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Defaults of built-in types that depend on other fields.
///
/// @see "kubernetes/pkg/apis/*/v1/defaults.go describes the behaviour that this follows"
final class BuiltInDefaults {
    private BuiltInDefaults() {}

    /// One value of a type after its plain defaults.
    ///
    /// @param type the full name of the type
    static Json.Obj apply(String type, Json.Obj value) {
        return switch (type) {
            case "io.k8s.api.core.v1.Pod" -> pod(value);
            case "io.k8s.api.core.v1.PodSpec" -> podSpec(value);
            case "io.k8s.api.core.v1.Container", "io.k8s.api.core.v1.EphemeralContainer" -> container(value);
            case "io.k8s.api.core.v1.Volume" ->
                value.fields().size() == 1 && value.has("name") ? value.with("emptyDir", Json.Obj.EMPTY) : value;
            case "io.k8s.api.core.v1.ServiceSpec" -> serviceSpec(value);
            case "io.k8s.api.core.v1.Namespace" -> namespace(value);
            case "io.k8s.api.core.v1.Node" -> node(value);
            case "io.k8s.api.apps.v1.DeploymentStrategy" ->
                is(value, "type", "RollingUpdate") ? absent(value, "rollingUpdate", Json.Obj.EMPTY) : value;
            case "io.k8s.api.batch.v1.Job" -> labelsOfTemplate(value);
            case "io.k8s.api.batch.v1.JobSpec" -> jobSpec(value);
            case "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec" -> autoscaler(value);
            case "io.k8s.api.rbac.v1.RoleRef" ->
                value.at("apiGroup").string("").isEmpty() ? value.with("apiGroup", RBAC) : value;
            case "io.k8s.api.rbac.v1.Subject" ->
                value.has("apiGroup") || is(value, "kind", "ServiceAccount") ? value : value.with("apiGroup", RBAC);
            case CRD + "CustomResourceDefinitionNames" -> names(value);
            default -> value;
        };
    }

    private static final String RBAC = "rbac.authorization.k8s.io";
    private static final String CRD = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";

    private static boolean is(Json.Obj value, String field, String text) {
        return value.at(field).string("").equals(text);
    }

    private static Json.Obj absent(Json.Obj value, String field, Object byDefault) {
        return value.has(field) ? value : value.with(field, byDefault);
    }

    /// A pod (not a template) that limits a resource without requesting it requests the limit.
    @SuppressWarnings("ReferenceEquality") // the same tree means that nothing was filled in
    private static Json.Obj pod(Json.Obj pod) {
        if (!(pod.at("spec") instanceof Json.Obj spec)) return pod;
        var changed = absent(spec, "enableServiceLinks", true);
        for (var list : List.of("initContainers", "containers")) {
            var containers = new ArrayList<Json>();
            boolean touched = false;
            for (var container : changed.at(list).items()) {
                var requested = requested(container);
                touched |= requested != container;
                containers.add(requested);
            }
            if (touched) changed = changed.with(list, containers);
        }
        return changed == spec ? pod : pod.with("spec", changed);
    }

    private static Json requested(Json container) {
        var limits = container.at("resources", "limits").fields();
        var requests = container.at("resources", "requests").fields();
        if (requests.keySet().containsAll(limits.keySet())) return container;
        var all = new TreeMap<String, Json>(limits);
        all.putAll(requests);
        return container.obj().withAt(List.of("resources", "requests"), all);
    }

    /// Ports of a pod on the host's network are ports of the host.
    private static Json.Obj podSpec(Json.Obj spec) {
        var changed = spec;
        var account = spec.at("serviceAccountName")
                .asString()
                .or(() -> spec.at("serviceAccount").asString());
        if (account.isPresent()) {
            changed = absent(changed, "serviceAccountName", account.get());
            if (!changed.at("serviceAccount").equals(changed.at("serviceAccountName"))) {
                changed = changed.with("serviceAccount", changed.at("serviceAccountName"));
            }
        }
        if (!spec.at("hostNetwork").bool(false)) return changed;
        for (var list : List.of("initContainers", "containers")) {
            if (!changed.has(list)) continue;
            var containers = new ArrayList<Json>();
            for (var container : changed.at(list).items()) {
                if (!container.obj().has("ports")) {
                    containers.add(container);
                    continue;
                }
                var ports = new ArrayList<Json>();
                for (var port : container.at("ports").items()) {
                    boolean known = !Pruning.isZero(port.at("containerPort"));
                    ports.add(known ? absent(port.obj(), "hostPort", port.at("containerPort")) : port);
                }
                containers.add(container.obj().with("ports", ports));
            }
            changed = changed.with(list, containers);
        }
        return changed;
    }

    private static Json.Obj container(Json.Obj container) {
        if (container.has("imagePullPolicy")) return container;
        boolean latest = isLatest(container.at("image").string(""));
        return container.with("imagePullPolicy", latest ? "Always" : "IfNotPresent");
    }

    /// Whether an image reference names no version: neither digest nor a tag other than `latest`.
    static boolean isLatest(String image) {
        if (image.indexOf('@') >= 0) return false;
        int colon = image.lastIndexOf(':');
        if (colon <= image.lastIndexOf('/')) return true;
        return image.substring(colon + 1).equals("latest");
    }

    private static Json.Obj serviceSpec(Json.Obj spec) {
        var type = spec.at("type").string("");
        boolean external = type.equals("NodePort") || type.equals("LoadBalancer");
        var changed = spec;
        if (is(spec, "sessionAffinity", "ClientIP")
                && !spec.at("sessionAffinityConfig", "clientIP").obj().has("timeoutSeconds")) {
            changed = changed.with("sessionAffinityConfig", Json.obj("clientIP", Json.obj("timeoutSeconds", 10800)));
        } else if (is(spec, "sessionAffinity", "None")) {
            changed = changed.without("sessionAffinityConfig");
        }
        if (external || type.equals("ClusterIP")) changed = absent(changed, "internalTrafficPolicy", "Cluster");
        if (external) changed = absent(changed, "externalTrafficPolicy", "Cluster");
        if (type.equals("LoadBalancer")) changed = absent(changed, "allocateLoadBalancerNodePorts", true);
        var ports = new ArrayList<Json>();
        boolean touched = false;
        for (var item : changed.at("ports").items()) {
            var port = item.obj();
            var target = port.at("targetPort");
            if (target.isNull() || Pruning.isZero(target)) {
                port = port.with("targetPort", port.at("port"));
                touched = true;
            }
            ports.add(port);
        }
        return touched ? changed.with("ports", ports) : changed;
    }

    private static Json.Obj namespace(Json.Obj namespace) {
        var name = namespace.at("metadata", "name").string("");
        var label = "kubernetes.io/metadata.name";
        var changed = namespace;
        if (!name.isEmpty() && !is(namespace.at("metadata", "labels").obj(), label, name)) {
            changed = changed.withAt(List.of("metadata", "labels", label), name);
        }
        return changed;
    }

    private static Json.Obj node(Json.Obj node) {
        var capacity = node.at("status", "capacity");
        if (capacity.isNull() || node.at("status").obj().has("allocatable")) return node;
        return node.withAt(List.of("status", "allocatable"), capacity);
    }

    private static Json.Obj labelsOfTemplate(Json.Obj job) {
        var labels = job.at("spec", "template", "metadata", "labels").obj();
        if (labels.isEmpty() || !job.at("metadata", "labels").obj().isEmpty()) return job;
        return job.withAt(List.of("metadata", "labels"), labels);
    }

    private static Json.Obj jobSpec(Json.Obj spec) {
        var changed = spec;
        if (!spec.has("completions") && !spec.has("parallelism")) {
            changed = changed.with("completions", 1).with("parallelism", 1);
        }
        changed = absent(changed, "parallelism", 1);
        changed = absent(changed, "backoffLimit", spec.has("backoffLimitPerIndex") ? Integer.MAX_VALUE : 6);
        return absent(changed, "podReplacementPolicy", spec.has("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
    }

    private static Json.Obj autoscaler(Json.Obj spec) {
        if (!spec.at("metrics").items().isEmpty()) return spec;
        var cpu = Json.obj("name", "cpu", "target", Json.obj("type", "Utilization", "averageUtilization", 80));
        return spec.with("metrics", List.of(Json.obj("type", "Resource", "resource", cpu)));
    }

    private static Json.Obj names(Json.Obj names) {
        var kind = names.at("kind").string("");
        if (kind.isEmpty()) return names;
        var changed = names.at("singular").string("").isEmpty()
                ? names.with("singular", kind.toLowerCase(Locale.ROOT))
                : names;
        return changed.at("listKind").string("").isEmpty() ? changed.with("listKind", kind + "List") : changed;
    }

    /// What a Secret's `stringData` says becomes `data`; the API server never stores the former.
    static Json.Obj secret(Json.Obj secret) {
        if (!(secret.at("stringData") instanceof Json.Obj text)) return secret;
        Map<String, Json> data = new LinkedHashMap<>(secret.at("data").fields());
        text.fields().forEach((name, value) -> data.put(name, base64(value.string(""))));
        return secret.without("stringData").with("data", data);
    }

    private static Json base64(String text) {
        return new Json.Str(Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
    }
}
