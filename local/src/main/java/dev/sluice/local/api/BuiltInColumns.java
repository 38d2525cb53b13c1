package dev.sluice.local.api;

import dev.sluice.cluster.LabelSelector;
import dev.sluice.json.Json;
import dev.sluice.local.api.Tables.Column;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The columns of the built-in kinds, named and ordered as kubectl's users know them.
///
/// @see "Kubernetes: the printed columns of each kind (what kubectl get shows, with -o wide for priority 1)"
final class BuiltInColumns {
    private static final String NONE = "<none>";
    private static final String UNSET = "<unset>";
    private static final String UNKNOWN = "<unknown>";
    private static final int SHORT_LIST = 3;

    private BuiltInColumns() {}

    static List<Column> of(Served served) {
        return switch (served.resource()) {
            case "pods" -> pods();
            case "deployments.apps" -> deployments();
            case "replicasets.apps" -> replicaSets();
            case "statefulsets.apps" -> statefulSets();
            case "daemonsets.apps" -> daemonSets();
            case "controllerrevisions.apps" ->
                List.of(
                        Tables.name(),
                        text("Controller", BuiltInColumns::controller),
                        number("Revision", o -> o.at("revision")),
                        Tables.age());
            case "jobs.batch" -> jobs();
            case "cronjobs.batch" -> cronJobs();
            case "services" -> services();
            case "endpoints" -> List.of(Tables.name(), text("Endpoints", BuiltInColumns::endpoints), Tables.age());
            case "endpointslices.discovery.k8s.io" ->
                List.of(
                        Tables.name(),
                        text("AddressType", o -> o.at("addressType").string("")),
                        text(
                                "Ports",
                                o -> shortened(
                                        o.at("ports").items(), p -> p.at("port").text(), UNSET)),
                        text(
                                "Endpoints",
                                o -> shortened(
                                        o.at("endpoints").items().stream()
                                                .flatMap(e -> e.at("addresses").items().stream())
                                                .toList(),
                                        a -> a.string(""),
                                        UNSET)),
                        Tables.age());
            case "configmaps" ->
                List.of(
                        Tables.name(),
                        counted(
                                "Data",
                                o -> Json.of(o.at("data").fields().size()
                                        + o.at("binaryData").fields().size())),
                        Tables.age());
            case "secrets" ->
                List.of(
                        Tables.name(),
                        text("Type", o -> o.at("type").string("")),
                        counted("Data", o -> Json.of(o.at("data").fields().size())),
                        Tables.age());
            case "serviceaccounts" ->
                List.of(
                        Tables.name(),
                        number("Secrets", o -> Json.of(o.at("secrets").items().size())),
                        Tables.age());
            case "namespaces" ->
                List.of(
                        Tables.name(),
                        text("Status", o -> o.at("status", "phase").string("")),
                        Tables.age());
            case "nodes" -> nodes();
            case "events" -> events();
            case "leases.coordination.k8s.io" ->
                List.of(
                        Tables.name(),
                        text("Holder", o -> o.at("spec", "holderIdentity").string("")),
                        Tables.age());
            case "persistentvolumeclaims" -> claims();
            case "podtemplates" ->
                List.of(
                        Tables.name(),
                        text("Containers", o -> names(o.at("template"), "name")),
                        text("Images", o -> names(o.at("template"), "image")),
                        text("Pod Labels", o -> labels(o.at("template", "metadata", "labels"))));
            case "horizontalpodautoscalers.autoscaling" -> autoscalers();
            case "poddisruptionbudgets.policy" ->
                List.of(
                        Tables.name(),
                        text("Min Available", o -> intOrString(o.at("spec", "minAvailable"), "N/A")),
                        text("Max Unavailable", o -> intOrString(o.at("spec", "maxUnavailable"), "N/A")),
                        number("Allowed Disruptions", o -> count(o.at("status", "disruptionsAllowed"))),
                        Tables.age());
            case "ingresses.networking.k8s.io" -> ingresses();
            case "ingressclasses.networking.k8s.io" ->
                List.of(
                        Tables.name(),
                        text("Controller", o -> o.at("spec", "controller").string("")),
                        text("Parameters", o -> parameters(o.at("spec", "parameters"))),
                        Tables.age());
            case "networkpolicies.networking.k8s.io" ->
                List.of(Tables.name(), text("Pod-Selector", o -> selector(o.at("spec", "podSelector"))), Tables.age());
            case "rolebindings.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io" ->
                List.of(
                        Tables.name(),
                        text(
                                "Role",
                                o -> o.at("roleRef", "kind").string("") + "/"
                                        + o.at("roleRef", "name").string("")),
                        Tables.age(),
                        wide("Users", o -> subjects(o, "User")),
                        wide("Groups", o -> subjects(o, "Group")),
                        wide("ServiceAccounts", o -> subjects(o, "ServiceAccount")));
            default -> List.of(Tables.name(), createdAt());
        };
    }

    // ---------------------------------------------------------------- workloads

    private static List<Column> pods() {
        return List.of(
                Tables.name(),
                text("Ready", o -> {
                    var statuses = o.at("status", "containerStatuses").items();
                    long ready = statuses.stream()
                            .filter(s -> s.at("ready").bool(false)
                                    && !s.at("state", "running").isNull())
                            .count();
                    return ready + "/" + o.at("spec", "containers").items().size();
                }),
                text("Status", BuiltInColumns::podStatus),
                column("Restarts", "string", 0, (o, now) -> Json.of(restarts(o, now))),
                Tables.age(),
                wide("IP", o -> o.at("status", "podIP").string(NONE)),
                wide("Node", o -> o.at("spec", "nodeName").string(NONE)),
                wide("Nominated Node", o -> o.at("status", "nominatedNodeName").string(NONE)),
                wide("Readiness Gates", o -> {
                    var gates = o.at("spec", "readinessGates").items();
                    if (gates.isEmpty()) return NONE;
                    long met = gates.stream()
                            .filter(gate -> condition(
                                            o, gate.at("conditionType").string(""))
                                    .at("status")
                                    .string("")
                                    .equals("True"))
                            .count();
                    return met + "/" + gates.size();
                }));
    }

    /// The one word for how a pod is: the phase, unless something below it says more.
    private static String podStatus(Json.Obj pod) {
        var status = pod.at("status");
        var word = status.at("reason").string(status.at("phase").string("Unknown"));
        if (condition(pod, "PodScheduled").at("reason").string("").equals("SchedulingGated")) word = "SchedulingGated";
        boolean initializing = false;
        int at = 0;
        for (var container : status.at("initContainerStatuses").items()) {
            var state = container.at("state");
            int index = at++;
            if (!state.at("terminated").isNull()
                    && state.at("terminated", "exitCode").integer(0) == 0) continue;
            if (container.at("started").bool(false)) continue;
            initializing = true;
            var waiting = state.at("waiting", "reason").string("");
            if (!state.at("terminated").isNull()) word = "Init:" + ended(state.at("terminated"));
            else if (!waiting.isEmpty() && !waiting.equals("PodInitializing")) word = "Init:" + waiting;
            else
                word = "Init:" + index + "/"
                        + pod.at("spec", "initContainers").items().size();
            break;
        }
        if (!initializing) {
            boolean running = false;
            for (var container : status.at("containerStatuses").items().reversed()) {
                var state = container.at("state");
                var waiting = state.at("waiting", "reason").string("");
                if (!waiting.isEmpty()) word = waiting;
                else if (!state.at("terminated").isNull()) word = ended(state.at("terminated"));
                else if (container.at("ready").bool(false)
                        && !state.at("running").isNull()) running = true;
            }
            if (word.equals("Completed") && running) {
                word = condition(pod, "Ready").at("status").string("").equals("True") ? "Running" : "NotReady";
            }
        }
        if (Metadata.deleting(pod)) {
            if (status.at("reason").string("").equals("NodeLost")) return "Unknown";
            var phase = status.at("phase").string("");
            if (!phase.equals("Succeeded") && !phase.equals("Failed")) return "Terminating";
        }
        return word;
    }

    private static String ended(Json terminated) {
        var reason = terminated.at("reason").string("");
        if (!reason.isEmpty()) return reason;
        int signal = terminated.at("signal").integer(0);
        return signal != 0
                ? "Signal:" + signal
                : "ExitCode:" + terminated.at("exitCode").integer(0);
    }

    private static String restarts(Json.Obj pod, Instant now) {
        long count = 0;
        var last = Instant.MIN;
        for (var container : pod.at("status", "containerStatuses").items()) {
            count += container.at("restartCount").integer(0);
            var end = Metadata.instant(container.at("lastState", "terminated", "finishedAt"))
                    .orElse(Instant.MIN);
            if (end.isAfter(last)) last = end;
        }
        return count > 0 && last.isAfter(Instant.MIN)
                ? count + " (" + Age.of(Duration.between(last, now)) + " ago)"
                : Long.toString(count);
    }

    private static List<Column> deployments() {
        return List.of(
                Tables.name(),
                text(
                        "Ready",
                        o -> count(o.at("status", "readyReplicas")).text() + "/"
                                + count(o.at("spec", "replicas")).text()),
                counted("Up-to-date", o -> count(o.at("status", "updatedReplicas"))),
                counted("Available", o -> count(o.at("status", "availableReplicas"))),
                Tables.age(),
                wide("Containers", o -> names(o.at("spec", "template"), "name")),
                wide("Images", o -> names(o.at("spec", "template"), "image")),
                wide("Selector", o -> selector(o.at("spec", "selector"))));
    }

    private static List<Column> replicaSets() {
        return List.of(
                Tables.name(),
                number("Desired", o -> count(o.at("spec", "replicas"))),
                number("Current", o -> count(o.at("status", "replicas"))),
                number("Ready", o -> count(o.at("status", "readyReplicas"))),
                Tables.age(),
                wide("Containers", o -> names(o.at("spec", "template"), "name")),
                wide("Images", o -> names(o.at("spec", "template"), "image")),
                wide("Selector", o -> selector(o.at("spec", "selector"))));
    }

    private static List<Column> statefulSets() {
        return List.of(
                Tables.name(),
                text(
                        "Ready",
                        o -> count(o.at("status", "readyReplicas")).text() + "/"
                                + count(o.at("spec", "replicas")).text()),
                Tables.age(),
                wide("Containers", o -> names(o.at("spec", "template"), "name")),
                wide("Images", o -> names(o.at("spec", "template"), "image")));
    }

    private static List<Column> daemonSets() {
        return List.of(
                Tables.name(),
                number("Desired", o -> count(o.at("status", "desiredNumberScheduled"))),
                number("Current", o -> count(o.at("status", "currentNumberScheduled"))),
                number("Ready", o -> count(o.at("status", "numberReady"))),
                number("Up-to-date", o -> count(o.at("status", "updatedNumberScheduled"))),
                number("Available", o -> count(o.at("status", "numberAvailable"))),
                text("Node Selector", o -> labels(o.at("spec", "template", "spec", "nodeSelector"))),
                Tables.age(),
                wide("Containers", o -> names(o.at("spec", "template"), "name")),
                wide("Images", o -> names(o.at("spec", "template"), "image")),
                wide("Selector", o -> selector(o.at("spec", "selector"))));
    }

    private static List<Column> jobs() {
        return List.of(
                Tables.name(),
                text("Status", o -> {
                    for (var word : List.of("Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet")) {
                        if (condition(o, word).at("status").string("").equals("True")) {
                            return switch (word) {
                                case "FailureTarget" -> "FailureTarget";
                                default -> word;
                            };
                        }
                    }
                    return Metadata.deleting(o) ? "Terminating" : "Running";
                }),
                text("Completions", o -> {
                    int succeeded = o.at("status", "succeeded").integer(0);
                    var wanted = o.at("spec", "completions").asInt();
                    if (wanted.isPresent()) return succeeded + "/" + wanted.get();
                    int parallel = o.at("spec", "parallelism").integer(0);
                    return parallel > 1 ? succeeded + "/1 of " + parallel : succeeded + "/1";
                }),
                column("Duration", "string", 0, (o, now) -> {
                    var start = Metadata.instant(o.at("status", "startTime"));
                    var end = Metadata.instant(o.at("status", "completionTime")).orElse(now);
                    return Json.of(
                            start.map(s -> Age.of(Duration.between(s, end))).orElse(""));
                }),
                Tables.age(),
                wide("Containers", o -> names(o.at("spec", "template"), "name")),
                wide("Images", o -> names(o.at("spec", "template"), "image")),
                wide("Selector", o -> selector(o.at("spec", "selector"))));
    }

    private static List<Column> cronJobs() {
        return List.of(
                Tables.name(),
                text("Schedule", o -> o.at("spec", "schedule").string("")),
                text("Timezone", o -> o.at("spec", "timeZone").string(NONE)),
                text("Suspend", o -> o.at("spec", "suspend").bool(false) ? "True" : "False"),
                number("Active", o -> Json.of(o.at("status", "active").items().size())),
                column("Last Schedule", "string", 0, (o, now) -> {
                    var last = o.at("status", "lastScheduleTime");
                    return Json.of(last.isNull() ? NONE : Age.since(last, now));
                }),
                Tables.age(),
                wide("Containers", o -> names(o.at("spec", "jobTemplate", "spec", "template"), "name")),
                wide("Images", o -> names(o.at("spec", "jobTemplate", "spec", "template"), "image")),
                wide("Selector", o -> selector(o.at("spec", "jobTemplate", "spec", "selector"))));
    }

    private static List<Column> autoscalers() {
        return List.of(
                Tables.name(),
                text(
                        "Reference",
                        o -> o.at("spec", "scaleTargetRef", "kind").string("") + "/"
                                + o.at("spec", "scaleTargetRef", "name").string("")),
                text("Targets", o -> UNKNOWN),
                text("MinPods", o -> intOrString(o.at("spec", "minReplicas"), UNSET)),
                number("MaxPods", o -> count(o.at("spec", "maxReplicas"))),
                number("Replicas", o -> count(o.at("status", "currentReplicas"))),
                Tables.age());
    }

    // ---------------------------------------------------------------- network

    private static List<Column> services() {
        return List.of(
                Tables.name(),
                text("Type", o -> o.at("spec", "type").string("")),
                text("Cluster-IP", o -> o.at("spec", "clusterIP").string(NONE)),
                text("External-IP", BuiltInColumns::externalAddress),
                text("Port(s)", o -> {
                    var ports = o.at("spec", "ports").items();
                    if (ports.isEmpty()) return NONE;
                    return ports.stream()
                            .map(port -> {
                                var node = port.at("nodePort").integer(0);
                                return port.at("port").text() + (node > 0 ? ":" + node : "") + "/"
                                        + port.at("protocol").string("TCP");
                            })
                            .collect(Collectors.joining(","));
                }),
                Tables.age(),
                wide("Selector", o -> labels(o.at("spec", "selector"))));
    }

    private static String externalAddress(Json.Obj service) {
        var external = service.at("spec", "externalIPs").items().stream()
                .map(ip -> ip.string(""))
                .collect(Collectors.joining(","));
        return switch (service.at("spec", "type").string("")) {
            case "ExternalName" -> service.at("spec", "externalName").string("");
            case "LoadBalancer" -> {
                var balanced = service.at("status", "loadBalancer", "ingress").items().stream()
                        .map(at -> at.at("ip").string(at.at("hostname").string("")))
                        .collect(Collectors.joining(","));
                if (!balanced.isEmpty()) yield external.isEmpty() ? balanced : balanced + "," + external;
                yield external.isEmpty() ? "<pending>" : external;
            }
            default -> external.isEmpty() ? NONE : external;
        };
    }

    private static String endpoints(Json.Obj endpoints) {
        var all = new ArrayList<Json>();
        for (var subset : endpoints.at("subsets").items()) {
            for (var address : subset.at("addresses").items()) {
                var ports = subset.at("ports").items();
                if (ports.isEmpty()) all.add(address.at("ip"));
                for (var port : ports) {
                    all.add(Json.of(
                            address.at("ip").string("") + ":" + port.at("port").text()));
                }
            }
        }
        return shortened(all, one -> one.string(""), NONE);
    }

    private static List<Column> ingresses() {
        return List.of(
                Tables.name(),
                text("Class", o -> o.at("spec", "ingressClassName").string(NONE)),
                text("Hosts", o -> {
                    var hosts = o.at("spec", "rules").items().stream()
                            .map(rule -> rule.at("host").string("*"))
                            .toList();
                    if (hosts.isEmpty()) return "*";
                    var more = hosts.size() > SHORT_LIST ? " + " + (hosts.size() - SHORT_LIST) + " more..." : "";
                    return String.join(",", hosts.subList(0, Math.min(SHORT_LIST, hosts.size()))) + more;
                }),
                text(
                        "Address",
                        o -> o.at("status", "loadBalancer", "ingress").items().stream()
                                .map(at -> at.at("ip").string(at.at("hostname").string("")))
                                .collect(Collectors.joining(","))),
                text("Ports", o -> o.at("spec", "tls").items().isEmpty() ? "80" : "80, 443"),
                Tables.age());
    }

    private static String parameters(Json parameters) {
        if (parameters.isNull()) return NONE;
        var group = parameters.at("apiGroup").string("");
        return parameters.at("kind").string("") + (group.isEmpty() ? "" : "." + group) + "/"
                + parameters.at("name").string("");
    }

    // ---------------------------------------------------------------- cluster

    private static List<Column> nodes() {
        return List.of(
                Tables.name(),
                text("Status", o -> {
                    var ready = condition(o, "Ready").at("status").string("");
                    var word = ready.isEmpty() ? "Unknown" : ready.equals("True") ? "Ready" : "NotReady";
                    return o.at("spec", "unschedulable").bool(false) ? word + ",SchedulingDisabled" : word;
                }),
                text("Roles", o -> {
                    var roles = new TreeSet<String>();
                    o.at("metadata", "labels").strings().forEach((key, value) -> {
                        if (key.startsWith("node-role.kubernetes.io/")) roles.add(key.substring(24));
                        else if (key.equals("kubernetes.io/role") && !value.isEmpty()) roles.add(value);
                    });
                    return roles.isEmpty() ? NONE : String.join(",", roles);
                }),
                Tables.age(),
                text("Version", o -> nodeInfo(o, "kubeletVersion", "")),
                wide("Internal-IP", o -> nodeAddress(o, "InternalIP")),
                wide("External-IP", o -> nodeAddress(o, "ExternalIP")),
                wide("OS-Image", o -> nodeInfo(o, "osImage", UNKNOWN)),
                wide("Kernel-Version", o -> nodeInfo(o, "kernelVersion", UNKNOWN)),
                wide("Container-Runtime", o -> nodeInfo(o, "containerRuntimeVersion", UNKNOWN)));
    }

    private static String nodeInfo(Json.Obj node, String field, String otherwise) {
        var value = node.at("status", "nodeInfo", field).string("");
        return value.isEmpty() ? otherwise : value;
    }

    private static String nodeAddress(Json.Obj node, String type) {
        return node.at("status", "addresses").items().stream()
                .filter(address -> address.at("type").string("").equals(type))
                .map(address -> address.at("address").string(NONE))
                .findFirst()
                .orElse(NONE);
    }

    private static List<Column> events() {
        return List.of(
                column("Last Seen", "string", 0, (o, now) -> Json.of(Age.since(lastSeen(o), now))),
                text("Type", o -> o.at("type").string("")),
                text("Reason", o -> o.at("reason").string("")),
                text("Object", o -> {
                    var about = o.at("involvedObject");
                    return about.at("kind").string("").toLowerCase(Locale.ROOT) + "/"
                            + about.at("name").string("");
                }),
                wide("Subobject", o -> o.at("involvedObject", "fieldPath").string("")),
                wide("Source", o -> {
                    var component = o.at("source", "component")
                            .string(o.at("reportingComponent").string(""));
                    var host = o.at("source", "host").string("");
                    return host.isEmpty() ? component : component + ", " + host;
                }),
                text("Message", o -> o.at("message").string("").strip()),
                column("First Seen", "string", 1, (o, now) -> {
                    var first = o.at("firstTimestamp");
                    return Json.of(Age.since(first.isNull() ? o.at("eventTime") : first, now));
                }),
                column(
                        "Count",
                        "integer",
                        1,
                        (o, _) -> Json.of(Math.max(
                                1, o.at("series", "count").integer(o.at("count").integer(1))))),
                column("Name", "string", 1, (o, _) -> Json.of(Metadata.name(o))));
    }

    private static Json lastSeen(Json.Obj event) {
        var series = event.at("series", "lastObservedTime");
        if (!series.isNull()) return series;
        var last = event.at("lastTimestamp");
        if (!last.isNull()) return last;
        var first = event.at("firstTimestamp");
        return first.isNull() ? event.at("eventTime") : first;
    }

    private static List<Column> claims() {
        return List.of(
                Tables.name(),
                text(
                        "Status",
                        o -> Metadata.deleting(o)
                                ? "Terminating"
                                : o.at("status", "phase").string("")),
                text("Volume", o -> o.at("spec", "volumeName").string("")),
                text("Capacity", o -> o.at("status", "capacity", "storage").string("")),
                text("Access Modes", o -> ""),
                text("StorageClass", o -> o.at("spec", "storageClassName").string("")),
                text(
                        "VolumeAttributesClass",
                        o -> o.at("spec", "volumeAttributesClassName").string(UNSET)),
                Tables.age(),
                wide("VolumeMode", o -> o.at("spec", "volumeMode").string(UNSET)));
    }

    // ---------------------------------------------------------------- parts

    private static String controller(Json.Obj object) {
        for (var owner : object.at("metadata", "ownerReferences").items()) {
            if (!owner.at("controller").bool(false)) continue;
            var version = owner.at("apiVersion").string("");
            int slash = version.indexOf('/');
            var kind = owner.at("kind").string("").toLowerCase(Locale.ROOT);
            return kind + (slash < 0 ? "" : "." + version.substring(0, slash)) + "/"
                    + owner.at("name").string("");
        }
        return NONE;
    }

    private static Json condition(Json.Obj object, String type) {
        return object.at("status", "conditions").items().stream()
                .filter(condition -> condition.at("type").string("").equals(type))
                .findFirst()
                .orElse(Json.Null.VALUE);
    }

    private static String names(Json template, String field) {
        return template.at("spec", "containers").items().stream()
                .map(container -> container.at(field).string(""))
                .collect(Collectors.joining(","));
    }

    private static String labels(Json labels) {
        var text = labels.strings().entrySet().stream()
                .sorted(java.util.Map.Entry.comparingByKey())
                .map(label -> label.getKey() + "=" + label.getValue())
                .collect(Collectors.joining(","));
        return text.isEmpty() ? NONE : text;
    }

    private static String selector(Json selector) {
        try {
            var text = LabelSelector.of(selector).toString();
            return text.isEmpty() ? NONE : text;
        } catch (IllegalArgumentException malformed) {
            return "<error>";
        }
    }

    private static String subjects(Json.Obj binding, String kind) {
        return binding.at("subjects").items().stream()
                .filter(subject -> subject.at("kind").string("").equals(kind))
                .map(subject -> kind.equals("ServiceAccount")
                        ? subject.at("namespace").string("") + "/"
                                + subject.at("name").string("")
                        : subject.at("name").string(""))
                .collect(Collectors.joining(", "));
    }

    /// The first few of a list, and how many more there are.
    private static String shortened(List<Json> items, Function<Json, String> shown, String none) {
        if (items.isEmpty()) return none;
        var some = items.stream().limit(SHORT_LIST).map(shown).collect(Collectors.joining(","));
        return items.size() > SHORT_LIST ? some + " + " + (items.size() - SHORT_LIST) + " more..." : some;
    }

    private static String intOrString(Json value, String none) {
        return value.isNull() ? none : Tables.shown(value);
    }

    private static Json count(Json value) {
        return Json.of(value.asLong().orElse(0L));
    }

    private static Column createdAt() {
        return new Column(
                "Created At",
                "date",
                "",
                0,
                (object, _) ->
                        Json.of(object.at("metadata", "creationTimestamp").string("")));
    }

    private static Column text(String name, Function<Json.Obj, String> cell) {
        return column(name, "string", 0, (object, _) -> Json.of(cell.apply(object)));
    }

    private static Column wide(String name, Function<Json.Obj, String> cell) {
        return column(name, "string", 1, (object, _) -> Json.of(cell.apply(object)));
    }

    /// A number that Kubernetes declares to be a string.
    private static Column counted(String name, Function<Json.Obj, Json> cell) {
        return column(name, "string", 0, (object, _) -> cell.apply(object));
    }

    private static Column number(String name, Function<Json.Obj, Json> cell) {
        return column(name, "integer", 0, (object, _) -> cell.apply(object));
    }

    private static Column column(String name, String type, int priority, BiFunction<Json.Obj, Instant, Json> cell) {
        return new Column(name, type, "", priority, cell);
    }
}
