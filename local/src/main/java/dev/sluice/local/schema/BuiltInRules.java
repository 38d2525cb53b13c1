package dev.sluice.local.schema;

import com.google.re2j.Pattern;
import dev.sluice.cluster.LabelSelector;
import dev.sluice.format.Quantity;
import dev.sluice.json.Json;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The rules of the built-in kinds that no type can express.
///
/// @see "kubernetes/pkg/apis/*/validation describes the behaviour that this follows"
final class BuiltInRules {
    /// Bytes of data in one ConfigMap or Secret.
    private static final int MAX_DATA = 1024 * 1024;

    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*");
    private static final Path SPEC = Path.ROOT.child("spec");
    private static final String IMMUTABLE = "field is immutable";

    private final Json.Obj object;
    private final Optional<Json.Obj> old;
    private final List<Problem> problems;

    private BuiltInRules(Json.Obj object, Optional<Json.Obj> old, List<Problem> problems) {
        this.object = object;
        this.old = old;
        this.problems = problems;
    }

    static void validate(KindSchema kind, Json.Obj object, Optional<Json.Obj> old, List<Problem> problems) {
        var rules = new BuiltInRules(object, old, problems);
        switch (kind.apiVersion() + "/" + kind.kind()) {
            case "apps/v1/Deployment" -> rules.deployment();
            case "apps/v1/ReplicaSet" -> rules.replicaSet();
            case "v1/Pod" -> rules.pod();
            case "v1/PodTemplate" -> rules.template(object.at("template"), Path.ROOT.child("template"));
            case "v1/Service" -> rules.service();
            case "v1/ConfigMap" -> rules.configMap();
            case "v1/Secret" -> rules.secret();
            case "batch/v1/Job" -> rules.job();
            case "v1/Event" -> rules.event();
            case "coordination.k8s.io/v1/Lease" -> rules.lease();
            case "policy/v1/PodDisruptionBudget" -> rules.disruptionBudget();
            case "autoscaling/v2/HorizontalPodAutoscaler" -> rules.autoscaler();
            case "discovery.k8s.io/v1/EndpointSlice" -> rules.endpointSlice();
            case "networking.k8s.io/v1/Ingress" -> rules.ingress();
            case "rbac.authorization.k8s.io/v1/Role", "rbac.authorization.k8s.io/v1/ClusterRole" -> rules.role();
            case "rbac.authorization.k8s.io/v1/RoleBinding" -> rules.binding(List.of("Role", "ClusterRole"));
            case "rbac.authorization.k8s.io/v1/ClusterRoleBinding" -> rules.binding(List.of("ClusterRole"));
            case "apiextensions.k8s.io/v1/CustomResourceDefinition" -> CrdRules.validate(object, old, problems);
            default -> {}
        }
    }

    private void invalid(Path path, Json value, String detail) {
        problems.add(Problem.invalid(path, value, detail));
    }

    private void required(Path path, String detail) {
        problems.add(Problem.required(path, detail));
    }

    private void immutable(String... path) {
        if (old.isEmpty() || object.at(path).equals(old.get().at(path))) return;
        var where = Path.ROOT;
        for (var step : path) where = where.child(step);
        invalid(where, object.at(path), IMMUTABLE);
    }

    // ------------------------------------------------------------------------------------------ workloads

    private void deployment() {
        selectorAndTemplate("deployment", SPEC.child("template"));
        var strategy = object.at("spec", "strategy");
        var path = SPEC.child("strategy");
        var kinds = List.of("Recreate", "RollingUpdate");
        if (!kinds.contains(strategy.at("type").string(""))) {
            var shown = Json.obj("Type", strategy.at("type"), "RollingUpdate", strategy.at("rollingUpdate"));
            problems.add(Problem.notSupported(path, shown, kinds));
        }
        if (strategy.at("type").string("").equals("Recreate") && strategy.obj().has("rollingUpdate")) {
            problems.add(Problem.forbidden(
                    path.child("rollingUpdate"), "may not be specified when strategy `type` is 'Recreate'"));
        } else if (strategy.at("type").string("").equals("RollingUpdate")) {
            var rolling = strategy.at("rollingUpdate");
            var at = path.child("rollingUpdate");
            share(rolling.at("maxUnavailable"), at.child("maxUnavailable"));
            share(rolling.at("maxSurge"), at.child("maxSurge"));
            if (amount(rolling.at("maxUnavailable")) == 0 && amount(rolling.at("maxSurge")) == 0) {
                invalid(at.child("maxUnavailable"), rolling.at("maxUnavailable"), "may not be 0 when `maxSurge` is 0");
            }
            if (amount(rolling.at("maxUnavailable")) > 100 && rolling.at("maxUnavailable") instanceof Json.Str) {
                invalid(at.child("maxUnavailable"), rolling.at("maxUnavailable"), "must not be greater than 100%");
            }
        }
        int ready = object.at("spec", "minReadySeconds").integer(0);
        var deadline = object.at("spec", "progressDeadlineSeconds");
        if (deadline.asInt().isPresent() && deadline.integer(0) <= ready) {
            invalid(SPEC.child("progressDeadlineSeconds"), deadline, "must be greater than minReadySeconds");
        }
        immutable("spec", "selector");
    }

    private void replicaSet() {
        selectorAndTemplate("deployment", SPEC.child("template"));
        immutable("spec", "selector");
    }

    /// An absolute number or a percentage, neither negative.
    private void share(Json value, Path path) {
        switch (value) {
            case Json.Str(var text) -> {
                if (!text.matches("[0-9]+%")) {
                    invalid(
                            path,
                            value,
                            "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or"
                                    + " '93%', regex used for validation is '[0-9]+%')");
                }
            }
            case Json.Int(var number) when number < 0 -> invalid(path, value, "must be greater than or equal to 0");
            default -> {}
        }
    }

    private static int amount(Json value) {
        if (value instanceof Json.Str(var text) && text.matches("[0-9]{1,9}%")) {
            return Integer.parseInt(text.substring(0, text.length() - 1));
        }
        return value.integer(1);
    }

    private void selectorAndTemplate(String what, Path path) {
        var selector = object.at("spec", "selector");
        selector(selector, SPEC.child("selector"));
        var template = object.at("spec", "template");
        if (!readable(selector)) {
            // Against what the template should be held is then unknown.
            invalid(SPEC.child("selector"), selector, "invalid label selector");
            return;
        }
        if (selector instanceof Json.Obj && Pruning.isZero(selector)) {
            invalid(SPEC.child("selector"), selector, "empty selector is invalid for " + what);
        } else if (selector.isNull() || !LabelSelector.of(selector).matches(template)) {
            invalid(
                    path.child("metadata", "labels"),
                    template.at("metadata", "labels"),
                    "`selector` does not match template `labels`");
        }
        template(template, path);
        var restart = template.at("spec", "restartPolicy");
        if (!restart.string("Always").equals("Always")) {
            problems.add(Problem.notSupported(path.child("spec", "restartPolicy"), restart, List.of("Always")));
        }
    }

    private static boolean readable(Json selector) {
        try {
            LabelSelector.of(selector);
            return true;
        } catch (IllegalArgumentException unreadable) {
            return false;
        }
    }

    private void selector(Json selector, Path path) {
        Words.labels(selector.at("matchLabels").strings(), path.child("matchLabels"), problems);
        var expressions = selector.at("matchExpressions").items();
        for (int i = 0; i < expressions.size(); i++) {
            var at = path.child("matchExpressions").item(i);
            var expression = expressions.get(i);
            boolean values = !expression.at("values").items().isEmpty();
            switch (expression.at("operator").string("")) {
                case "In", "NotIn" -> {
                    if (!values) {
                        required(at.child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
                    }
                }
                case "Exists", "DoesNotExist" -> {
                    if (values) {
                        problems.add(Problem.forbidden(
                                at.child("values"),
                                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
                    }
                }
                default -> invalid(at.child("operator"), expression.at("operator"), "not a valid selector operator");
            }
            var key = expression.at("key").string("");
            for (var wrong : key.isEmpty() ? List.<String>of() : Words.qualified(key)) {
                invalid(at.child("key"), expression.at("key"), wrong);
            }
        }
    }

    private void job() {
        var restart = object.at("spec", "template", "spec", "restartPolicy");
        var path = SPEC.child("template", "spec", "restartPolicy");
        if (restart.string("Always").equals("Always")) {
            // The default is what nobody chose, so it reads as missing.
            required(path, "valid values: \"OnFailure\", \"Never\"");
        }
        template(object.at("spec", "template"), SPEC.child("template"));
        immutable("spec", "selector");
        immutable("spec", "completionMode");
        boolean suspended = old.isPresent() && old.get().at("spec", "suspend").bool(false);
        if (!suspended) immutable("spec", "template");
        else if (!schedulable(old.get()).equals(schedulable(object))) {
            invalid(SPEC.child("template"), object.at("spec", "template"), IMMUTABLE);
        }
        if (!object.at("spec", "completionMode").string("").equals("Indexed")) immutable("spec", "completions");
        if (object.at("spec", "completionMode").string("").equals("Indexed")
                && object.at("spec", "completions").isNull()) {
            required(SPEC.child("completions"), "when completion mode is Indexed");
        }
    }

    /// A Job's template without what may change while it is suspended: where its pods may run.
    private static Json schedulable(Json.Obj job) {
        var spec = job.at("spec", "template", "spec").obj();
        for (var free : List.of("nodeSelector", "affinity", "tolerations", "schedulingGates")) {
            spec = spec.without(free);
        }
        return spec;
    }

    // ------------------------------------------------------------------------------------------ pods

    private void pod() {
        if (old.isEmpty()) {
            podSpec(object.at("spec"), SPEC);
            return;
        }
        if (!frozen(object.at("spec")).equals(frozen(old.get().at("spec")))) {
            problems.add(Problem.forbidden(
                    SPEC,
                    "pod updates may not change fields other than `spec.containers[*].image`,"
                            + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only"
                            + " additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be"
                            + " set to 1 if it was previously negative)\n" + difference()));
        }
        images(object.at("spec"));
    }

    private String difference() {
        var before = old.map(pod -> pod.at("spec")).orElse(Json.Null.VALUE);
        var changed = Ownership.Comparison.of(
                TypeTable.builtIn().find("io.k8s.api.core.v1.PodSpec").orElseThrow(), before, object.at("spec"));
        var fields = changed.changed().union(changed.removed()).paths();
        return "changed: " + String.join(", ", fields);
    }

    /// A pod's spec without what may change while it lives: the gates that hold it back may go. Its node comes by a
    /// binding.
    private static Json.Obj frozen(Json spec) {
        var frozen = spec.obj()
                .without("activeDeadlineSeconds")
                .without("tolerations")
                .without("schedulingGates")
                .without("ephemeralContainers");
        for (var list : List.of("containers", "initContainers")) {
            if (!frozen.has(list)) continue;
            frozen = frozen.with(
                    list,
                    frozen.at(list).items().stream()
                            .map(container -> container.obj().without("image").without("resources"))
                            .toList());
        }
        return frozen;
    }

    private void images(Json spec) {
        for (var list : List.of("initContainers", "containers")) {
            var containers = spec.at(list).items();
            for (int i = 0; i < containers.size(); i++) {
                if (containers.get(i).at("image").string("").isEmpty()) {
                    required(SPEC.child(list).item(i).child("image"), "");
                }
            }
        }
    }

    private void template(Json template, Path path) {
        Words.metadata(template.at("metadata"), path.child("metadata"), problems);
        podSpec(template.at("spec"), path.child("spec"));
    }

    private void podSpec(Json spec, Path path) {
        var volumes = new HashSet<String>();
        var list = spec.at("volumes").items();
        for (int i = 0; i < list.size(); i++)
            volume(list.get(i), path.child("volumes").item(i), volumes);
        if (spec.at("containers").items().isEmpty()) required(path.child("containers"), "");
        var names = new HashSet<String>();
        for (var kind : List.of("initContainers", "containers")) {
            var containers = spec.at(kind).items();
            for (int i = 0; i < containers.size(); i++) {
                container(containers.get(i), path.child(kind).item(i), names, volumes);
            }
        }
        if (spec.at("hostNetwork").bool(false)) hostPorts(spec, path);
        var hostname = spec.at("hostname").string("");
        if (!hostname.isEmpty()) {
            for (var wrong : Words.label(hostname)) invalid(path.child("hostname"), spec.at("hostname"), wrong);
        }
        for (var name : List.of("serviceAccountName", "nodeName")) {
            if (spec.at(name).string("").isEmpty()) continue;
            for (var wrong : Words.subdomain(spec.at(name).string(""))) {
                invalid(path.child(name), spec.at(name), wrong);
            }
        }
        Words.labels(spec.at("nodeSelector").strings(), path.child("nodeSelector"), problems);
        var gates = spec.at("readinessGates").items();
        for (int i = 0; i < gates.size(); i++) {
            var type = gates.get(i).at("conditionType");
            for (var wrong : Words.qualified(type.string("x"))) {
                invalid(path.child("readinessGates").item(i).child("conditionType"), type, wrong);
            }
        }
    }

    private void hostPorts(Json spec, Path path) {
        var containers = spec.at("containers").items();
        for (int i = 0; i < containers.size(); i++) {
            var ports = containers.get(i).at("ports").items();
            for (int j = 0; j < ports.size(); j++) {
                var port = ports.get(j);
                if (port.at("hostPort").equals(port.at("containerPort"))) continue;
                invalid(
                        path.child("containers").item(i).child("ports").item(j).child("containerPort"),
                        port.at("containerPort"),
                        "must match `hostPort` when `hostNetwork` is true");
            }
        }
    }

    private void volume(Json volume, Path path, Set<String> names) {
        var name = volume.at("name");
        if (!name.string("").isEmpty()) {
            for (var wrong : Words.label(name.string(""))) invalid(path.child("name"), name, wrong);
            if (!names.add(name.string(""))) problems.add(Problem.duplicate(path.child("name"), name));
        }
        var sources = volume.obj().without("name").fields().keySet();
        if (sources.isEmpty()) required(path, "must specify a volume type");
        sources.stream()
                .skip(1)
                .forEach(extra ->
                        problems.add(Problem.forbidden(path.child(extra), "may not specify more than 1 volume type")));
    }

    private void container(Json container, Path path, Set<String> names, Set<String> volumes) {
        var name = container.at("name");
        if (!name.string("").isEmpty()) {
            for (var wrong : Words.label(name.string(""))) invalid(path.child("name"), name, wrong);
            if (!names.add(name.string(""))) problems.add(Problem.duplicate(path.child("name"), name));
        }
        var image = container.at("image").string("");
        if (image.isEmpty()) required(path.child("image"), "");
        else if (!image.strip().equals(image)) {
            invalid(path.child("image"), container.at("image"), "must not have leading or trailing whitespace");
        }
        ports(container.at("ports").items(), path.child("ports"));
        environment(container.at("env").items(), path.child("env"));
        mounts(container.at("volumeMounts").items(), path.child("volumeMounts"), volumes);
        resources(container.at("resources"), path.child("resources"));
        for (var probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            if (container.obj().has(probe)) probe(container.at(probe), path.child(probe), probe);
        }
        var lifecycle = container.at("lifecycle");
        for (var hook : List.of("postStart", "preStop")) {
            if (lifecycle.obj().has(hook)) {
                handler(
                        lifecycle.at(hook),
                        path.child("lifecycle", hook),
                        List.of("exec", "httpGet", "tcpSocket", "sleep"));
            }
        }
    }

    private void ports(List<Json> ports, Path path) {
        var names = new HashSet<String>();
        for (int i = 0; i < ports.size(); i++) {
            var number = ports.get(i).at("containerPort");
            var where = path.item(i).child("containerPort");
            if (number.integer(1) == 0) required(where, "");
            else if (number.integer(0) < 0 || number.integer(0) > 65535) {
                invalid(where, number, "must be between 1 and 65535, inclusive");
            }
            var name = ports.get(i).at("name");
            if (name.string("").isEmpty()) continue;
            var wrong = Words.portName(name.string(""));
            for (var what : wrong) invalid(path.item(i).child("name"), name, what);
            if (wrong.isEmpty() && !names.add(name.string(""))) {
                problems.add(Problem.duplicate(path.item(i).child("name"), name));
            }
        }
    }

    private void environment(List<Json> variables, Path path) {
        for (int i = 0; i < variables.size(); i++) {
            var variable = variables.get(i);
            var at = path.item(i);
            var name = variable.at("name");
            if (!name.string("").isEmpty()) {
                for (var wrong : Words.environment(name.string(""))) invalid(at.child("name"), name, wrong);
            }
            if (!(variable.at("valueFrom") instanceof Json.Obj from)) continue;
            if (!variable.at("value").string("").isEmpty()) {
                invalid(at.child("valueFrom"), new Json.Str(""), "may not be specified when `value` is not empty");
            } else if (from.isEmpty()) {
                invalid(
                        at.child("valueFrom"),
                        new Json.Str(""),
                        "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
            } else if (from.fields().size() > 1) {
                invalid(
                        at.child("valueFrom"),
                        new Json.Str(""),
                        "may not have more than one field specified at a time");
            }
        }
    }

    private void mounts(List<Json> mounts, Path path, Set<String> volumes) {
        var places = new HashSet<String>();
        for (int i = 0; i < mounts.size(); i++) {
            var name = mounts.get(i).at("name");
            var place = mounts.get(i).at("mountPath");
            if (!name.string("").isEmpty() && !volumes.contains(name.string(""))) {
                problems.add(Problem.notFound(path.item(i).child("name"), name));
            }
            if (!place.string("").isEmpty() && !places.add(place.string(""))) {
                invalid(path.item(i).child("mountPath"), place, "must be unique");
            }
        }
    }

    private void resources(Json resources, Path path) {
        var limits = resources.at("limits");
        for (var which : List.of("limits", "requests")) {
            resources.at(which).fields().forEach((name, amount) -> {
                if (quantity(amount).signum() < 0) {
                    invalid(path.child(which).key(name), amount, "must be greater than or equal to 0");
                }
            });
        }
        resources.at("requests").fields().forEach((name, amount) -> {
            var limit = limits.at(name);
            if (!limit.isNull() && quantity(amount).compareTo(quantity(limit)) > 0) {
                invalid(
                        path.child("requests"),
                        amount,
                        "must be less than or equal to " + name + " limit of " + limit.string(""));
            }
        });
    }

    private static BigDecimal quantity(Json amount) {
        try {
            return Quantity.parse(amount.string("0")).value();
        } catch (IllegalArgumentException none) {
            return BigDecimal.ZERO;
        }
    }

    private void probe(Json probe, Path path, String which) {
        handler(probe, path, List.of("exec", "httpGet", "tcpSocket", "grpc"));
        if (!which.equals("readinessProbe") && probe.at("successThreshold").integer(1) != 1) {
            invalid(path.child("successThreshold"), probe.at("successThreshold"), "must be 1");
        }
    }

    private void handler(Json handler, Path path, List<String> kinds) {
        int found = 0;
        for (var kind : kinds) {
            if (!handler.obj().has(kind)) continue;
            if (found++ > 0) {
                problems.add(Problem.forbidden(path.child(kind), "may not specify more than 1 handler type"));
                continue;
            }
            var port = handler.at(kind, "port");
            if (kind.equals("exec")) {
                if (handler.at(kind, "command").items().isEmpty()) required(path.child(kind, "command"), "");
            } else if (port instanceof Json.Int(var number) && (number < 1 || number > 65535)) {
                invalid(path.child(kind, "port"), port, "must be between 1 and 65535, inclusive");
            } else if (port instanceof Json.Str(var name)) {
                for (var wrong : Words.portName(name)) invalid(path.child(kind, "port"), port, wrong);
            }
        }
        if (found == 0) required(path, "must specify a handler type");
    }

    // ------------------------------------------------------------------------------------------ services

    private void service() {
        var spec = object.at("spec");
        var type = spec.at("type").string("");
        var ports = spec.at("ports").items();
        var address = spec.at("clusterIP").string("");
        boolean headless = address.equals("None");
        if (ports.isEmpty() && !type.equals("ExternalName") && !headless) required(SPEC.child("ports"), "");
        if (type.equals("ExternalName")) {
            if (spec.at("externalName").string("").isEmpty()) required(SPEC.child("externalName"), "");
            if (!address.isEmpty()) {
                problems.add(Problem.forbidden(SPEC.child("clusterIP"), "may not be set for ExternalName services"));
            }
        }
        if (!address.isEmpty() && !headless && !ADDRESS.matcher(address).matches()) {
            invalid(
                    SPEC.child("clusterIPs").item(0),
                    new Json.Str(address),
                    "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
        if (headless && (type.equals("NodePort") || type.equals("LoadBalancer"))) {
            invalid(
                    SPEC.child("clusterIPs").item(0),
                    new Json.Str("None"),
                    "may not be set to 'None' for LoadBalancer services");
        }
        var names = new HashSet<String>();
        var numbers = new HashSet<String>();
        for (int i = 0; i < ports.size(); i++) {
            var port = ports.get(i);
            var at = SPEC.child("ports").item(i);
            var name = port.at("name");
            if (name.string("").isEmpty()) {
                if (ports.size() > 1) required(at.child("name"), "");
            } else {
                for (var wrong : Words.label(name.string(""))) invalid(at.child("name"), name, wrong);
                if (!names.add(name.string(""))) problems.add(Problem.duplicate(at.child("name"), name));
            }
            var target = port.at("targetPort");
            if (target instanceof Json.Int(var number) && (number < 1 || number > 65535)) {
                invalid(at.child("targetPort"), target, "must be between 1 and 65535, inclusive");
            } else if (target instanceof Json.Str(var text)) {
                for (var wrong : Words.portName(text)) invalid(at.child("targetPort"), target, wrong);
            }
            if (!numbers.add(port.at("protocol").string("TCP") + port.at("port").text())) {
                problems.add(Problem.duplicate(at, asGoPrints(port)));
            }
        }
        Words.labels(spec.at("selector").strings(), SPEC.child("selector"), problems);
        var before =
                old.map(service -> service.at("spec", "clusterIP").string("")).orElse("");
        boolean keeps = !type.equals("ExternalName")
                && !before.isEmpty()
                && old.map(service -> !service.at("spec", "type").string("").equals("ExternalName"))
                        .orElse(false);
        if (keeps && address.isEmpty()) {
            invalid(SPEC.child("clusterIPs").item(0), Json.Null.VALUE, "primary clusterIP can not be unset");
        } else if (keeps && !before.equals(address)) {
            invalid(SPEC.child("clusterIPs").item(0), Json.arr(address), "may not change once set");
        }
    }

    private void ingress() {
        var spec = object.at("spec");
        if (spec.obj().has("defaultBackend")) backend(spec.at("defaultBackend"), SPEC.child("defaultBackend"));
        var rules = spec.at("rules").items();
        if (rules.isEmpty() && !spec.obj().has("defaultBackend")) {
            invalid(SPEC, new Json.Str(""), "either `defaultBackend` or `rules` must be specified");
        }
        for (int i = 0; i < rules.size(); i++) {
            var paths = rules.get(i).at("http", "paths").items();
            for (int j = 0; j < paths.size(); j++) {
                var path = paths.get(j);
                var at = SPEC.child("rules").item(i).child("http", "paths").item(j);
                var text = path.at("path").string("");
                boolean wanted = !path.at("pathType").string("").equals("ImplementationSpecific") || !text.isEmpty();
                if (wanted && !text.startsWith("/")) {
                    invalid(at.child("path"), new Json.Str(text), "must be an absolute path");
                }
                backend(path.at("backend"), at.child("backend"));
            }
        }
    }

    private void backend(Json backend, Path path) {
        boolean service = backend.obj().has("service");
        boolean resource = backend.obj().has("resource");
        if (service && resource) {
            invalid(path, new Json.Str(""), "cannot set both resource and service backends");
        } else if (!service && !resource) {
            invalid(path, new Json.Str(""), "resource or service backend is required");
        } else if (service) {
            var port = backend.at("service", "port").obj();
            if (port.has("name") && port.has("number")) {
                invalid(path, new Json.Str(""), "cannot set both port name & port number");
            } else if (!port.has("name") && !port.has("number")) {
                required(path, "port name or number is required");
            }
        }
    }

    /// What makes a port of a Service one of its own, in the fields and words of the API server.
    private static Json.Obj asGoPrints(Json port) {
        return Json.obj(
                "Name",
                "",
                "Protocol",
                port.at("protocol"),
                "AppProtocol",
                Json.Null.VALUE,
                "Port",
                port.at("port"),
                "TargetPort",
                0,
                "NodePort",
                0);
    }

    private void event() {
        var about = object.at("involvedObject", "namespace");
        // What is in no namespace is told of in the default one.
        var expected = about.string("").isEmpty() ? "default" : about.string("");
        if (!expected.equals(object.at("metadata", "namespace").string("default"))) {
            invalid(Path.ROOT.child("involvedObject", "namespace"), about, "does not match event.namespace");
        }
    }

    private void lease() {
        var duration = object.at("spec", "leaseDurationSeconds");
        if (duration.integer(1) <= 0) invalid(SPEC.child("leaseDurationSeconds"), duration, "must be greater than 0");
    }

    private void endpointSlice() {
        immutable("addressType");
        var endpoints = object.at("endpoints").items();
        for (int i = 0; i < endpoints.size(); i++) {
            if (endpoints.get(i).at("addresses").items().isEmpty()) {
                required(Path.ROOT.child("endpoints").item(i).child("addresses"), "must contain at least 1 address");
            }
        }
        var names = new HashSet<String>();
        var ports = object.at("ports").items();
        for (int i = 0; i < ports.size(); i++) {
            var name = ports.get(i).at("name");
            if (!names.add(name.string(""))) {
                problems.add(Problem.duplicate(Path.ROOT.child("ports").item(i).child("name"), name));
            }
        }
    }

    // ------------------------------------------------------------------------------------------ data

    private void configMap() {
        frozenData(List.of("data", "binaryData"));
        var data = Path.ROOT.child("data");
        var binary = Path.ROOT.child("binaryData");
        long size = 0;
        for (var entry : object.at("data").fields().entrySet()) {
            key(entry.getKey(), data);
            size += entry.getValue().string("").length();
            if (object.at("binaryData").obj().has(entry.getKey())) {
                invalid(
                        data.key(entry.getKey()),
                        new Json.Str(entry.getKey()),
                        "duplicate of key present in binaryData");
            }
        }
        for (var entry : object.at("binaryData").fields().entrySet()) {
            key(entry.getKey(), binary);
            size += decoded(entry.getValue());
        }
        if (size > MAX_DATA) problems.add(Problem.tooLong(Path.ROOT, MAX_DATA));
    }

    private void key(String key, Path path) {
        for (var wrong : Words.configKey(key)) invalid(path.key(key), new Json.Str(key), wrong);
    }

    private static long decoded(Json base64) {
        try {
            return Base64.getDecoder().decode(base64.string("")).length;
        } catch (IllegalArgumentException refusedBefore) {
            return 0;
        }
    }

    private void frozenData(List<String> fields) {
        if (old.isEmpty() || !old.get().at("immutable").bool(false)) return;
        var why = "field is immutable when `immutable` is set";
        if (!object.at("immutable").bool(false)) {
            problems.add(Problem.forbidden(Path.ROOT.child("immutable"), why));
        }
        for (var field : fields) {
            if (!object.at(field).equals(old.get().at(field))) {
                problems.add(Problem.forbidden(Path.ROOT.child(field), why));
            }
        }
    }

    private void secret() {
        frozenData(List.of("data"));
        if (old.isPresent()) immutable("type");
        var path = Path.ROOT.child("data");
        long size = 0;
        for (var entry : object.at("data").fields().entrySet()) {
            key(entry.getKey(), path);
            size += decoded(entry.getValue());
        }
        if (size > MAX_DATA) problems.add(Problem.tooLong(path, MAX_DATA));
        var wanted = switch (object.at("type").string("")) {
            case "kubernetes.io/tls" -> List.of("tls.crt", "tls.key");
            case "kubernetes.io/dockerconfigjson" -> List.of(".dockerconfigjson");
            case "kubernetes.io/dockercfg" -> List.of(".dockercfg");
            case "kubernetes.io/ssh-auth" -> List.of("ssh-privatekey");
            default -> List.<String>of();
        };
        for (var key : wanted) {
            if (!object.at("data").obj().has(key)) required(path.key(key), "");
        }
    }

    // ------------------------------------------------------------------------------------------ policy

    private void disruptionBudget() {
        var spec = object.at("spec").obj();
        if (spec.has("minAvailable") && spec.has("maxUnavailable")) {
            // The server shows its internal type here.
            var shown = Json.obj(
                    "MinAvailable", spec.at("minAvailable"),
                    "Selector", spec.at("selector"),
                    "MaxUnavailable", spec.at("maxUnavailable"),
                    "UnhealthyPodEvictionPolicy", spec.at("unhealthyPodEvictionPolicy"));
            invalid(SPEC, shown, "minAvailable and maxUnavailable cannot be both set");
        }
        share(spec.at("minAvailable"), SPEC.child("minAvailable"));
        share(spec.at("maxUnavailable"), SPEC.child("maxUnavailable"));
        if (spec.has("selector")) selector(spec.at("selector"), SPEC.child("selector"));
    }

    private void autoscaler() {
        int min = object.at("spec", "minReplicas").integer(1);
        int max = object.at("spec", "maxReplicas").integer(1);
        if (max < min) {
            invalid(
                    SPEC.child("maxReplicas"),
                    object.at("spec", "maxReplicas"),
                    "must be greater than or equal to `minReplicas`");
        }
    }

    private void role() {
        var rules = object.at("rules").items();
        for (int i = 0; i < rules.size(); i++) {
            var rule = rules.get(i);
            var at = Path.ROOT.child("rules").item(i);
            if (rule.at("verbs").items().isEmpty())
                required(at.child("verbs"), "verbs must contain at least one value");
            if (!rule.at("nonResourceURLs").items().isEmpty()) {
                var urls = at.child("nonResourceURLs");
                if (object.at("kind").string("").equals("Role")) {
                    invalid(urls, rule.at("nonResourceURLs"), "namespaced rules cannot apply to non-resource URLs");
                }
                boolean resources = !rule.at("apiGroups").items().isEmpty()
                        || !rule.at("resources").items().isEmpty()
                        || !rule.at("resourceNames").items().isEmpty();
                if (resources) {
                    invalid(
                            urls,
                            rule.at("nonResourceURLs"),
                            "rules cannot apply to both regular resources and non-resource URLs");
                }
                continue;
            }
            if (rule.at("apiGroups").items().isEmpty()) {
                required(at.child("apiGroups"), "resource rules must supply at least one api group");
            }
            if (rule.at("resources").items().isEmpty()) {
                required(at.child("resources"), "resource rules must supply at least one resource");
            }
        }
    }

    private void binding(List<String> kinds) {
        var reference = object.at("roleRef");
        var path = Path.ROOT.child("roleRef");
        if (!kinds.contains(reference.at("kind").string(""))) {
            problems.add(Problem.notSupportedInOrder(path.child("kind"), reference.at("kind"), kinds));
        }
        if (old.isPresent() && !reference.equals(old.get().at("roleRef"))) {
            invalid(path, reference, "cannot change roleRef");
        }
        var subjects = object.at("subjects").items();
        for (int i = 0; i < subjects.size(); i++) {
            var subject = subjects.get(i);
            var at = Path.ROOT.child("subjects").item(i);
            switch (subject.at("kind").string("")) {
                case "ServiceAccount" -> {
                    if (subject.at("namespace").string("").isEmpty()) required(at.child("namespace"), "");
                }
                case "User", "Group" -> {}
                default ->
                    problems.add(Problem.notSupportedInOrder(
                            at.child("kind"), subject.at("kind"), List.of("ServiceAccount", "User", "Group")));
            }
        }
    }
}
