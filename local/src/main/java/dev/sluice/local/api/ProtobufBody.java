package dev.sluice.local.api;

import dev.sluice.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the protobuf bodies that kubectl sends for objects it makes from flags (`kubectl create namespace shop`): it
/// sends nothing else there, whatever discovery says. Only those kinds, and of those only the fields in the table; the
/// rest is refused with 415, never lost. Answers are JSON always.
///
/// @see "Protocol Buffers: encoding; apimachinery: runtime.Unknown behind the magic bytes k8s\0"
final class ProtobufBody {
    static final String MEDIA_TYPE = "application/vnd.kubernetes.protobuf";
    private static final byte[] MAGIC = {'k', '8', 's', 0};
    private static final int MAX_DEPTH = 32;

    /// One line for each message: its fields as `number:name:type`.
    ///
    /// Types: `s` string, `i` integer, `b` boolean, `x` bytes, `-` read over, `<s` map to strings, `<x` map to
    /// bytes, `<q` map to quantities, else another message; a `*` before the type where it repeats.
    /// An `_` for the name puts the fields of the message in place of it.
    private static final String TABLE = """
            Unknown 1:type:TypeMeta 2:raw:x 3:encoding:s 4:contentType:s
            TypeMeta 1:apiVersion:s 2:kind:s
            ObjectMeta 1:name:s 2:generateName:s 3:namespace:s 4:selfLink:s 5:uid:s 6:resourceVersion:s 7:generation:i \
            8:creationTimestamp:- 9:deletionTimestamp:Time 10:deletionGracePeriodSeconds:i 11:labels:<s 12:annotations:<s \
            13:ownerReferences:*OwnerReference 14:finalizers:*s
            OwnerReference 1:kind:s 3:name:s 4:uid:s 5:apiVersion:s 6:controller:b 7:blockOwnerDeletion:b
            LabelSelector 1:matchLabels:<s 2:matchExpressions:*LabelSelectorRequirement
            LabelSelectorRequirement 1:key:s 2:operator:s 3:values:*s
            DeleteOptions 1:gracePeriodSeconds:i 2:preconditions:Preconditions 3:orphanDependents:b 4:propagationPolicy:s \
            5:dryRun:*s
            Preconditions 1:uid:s 2:resourceVersion:s
            Namespace 1:metadata:ObjectMeta 2:spec:NamespaceSpec 3:status:-
            NamespaceSpec 1:finalizers:*s
            ConfigMap 1:metadata:ObjectMeta 2:data:<s 3:binaryData:<x 4:immutable:b
            Secret 1:metadata:ObjectMeta 2:data:<x 3:type:s 4:stringData:<s 5:immutable:b
            ServiceAccount 1:metadata:ObjectMeta 2:secrets:*ObjectReference 3:imagePullSecrets:*LocalReference \
            4:automountServiceAccountToken:b
            ObjectReference 1:kind:s 2:namespace:s 3:name:s 4:uid:s 5:apiVersion:s 6:resourceVersion:s 7:fieldPath:s
            LocalReference 1:name:s
            Service 1:metadata:ObjectMeta 2:spec:ServiceSpec 3:status:-
            ServiceSpec 1:ports:*ServicePort 2:selector:<s 3:clusterIP:s 4:type:s 5:externalIPs:*s 7:sessionAffinity:s \
            8:loadBalancerIP:s 9:loadBalancerSourceRanges:*s 10:externalName:s 11:externalTrafficPolicy:s \
            12:healthCheckNodePort:i 13:publishNotReadyAddresses:b 17:ipFamilyPolicy:s 18:clusterIPs:*s 19:ipFamilies:*s \
            20:allocateLoadBalancerNodePorts:b 21:loadBalancerClass:s 22:internalTrafficPolicy:s
            ServicePort 1:name:s 2:protocol:s 3:port:i 4:targetPort:IntOrString 5:nodePort:i 6:appProtocol:s
            IntOrString 1:type:i 2:intVal:i 3:strVal:s
            Deployment 1:metadata:ObjectMeta 2:spec:DeploymentSpec 3:status:-
            DeploymentSpec 1:replicas:i 2:selector:LabelSelector 3:template:PodTemplateSpec 4:strategy:DeploymentStrategy \
            5:minReadySeconds:i 6:revisionHistoryLimit:i 7:paused:b 9:progressDeadlineSeconds:i
            DeploymentStrategy 1:type:s 2:rollingUpdate:RollingUpdate
            RollingUpdate 1:maxUnavailable:IntOrString 2:maxSurge:IntOrString
            PodTemplateSpec 1:metadata:ObjectMeta 2:spec:PodSpec
            PodSpec 2:containers:*Container 3:restartPolicy:s 4:terminationGracePeriodSeconds:i 5:activeDeadlineSeconds:i \
            6:dnsPolicy:s 7:nodeSelector:<s 8:serviceAccountName:s 9:serviceAccount:s 10:nodeName:s 11:hostNetwork:b \
            12:hostPID:b 13:hostIPC:b 14:securityContext:Empty 15:imagePullSecrets:*LocalReference 16:hostname:s \
            17:subdomain:s 19:schedulerName:s 20:initContainers:*Container 21:automountServiceAccountToken:b \
            24:priorityClassName:s 25:priority:i 30:enableServiceLinks:b
            Empty
            Container 1:name:s 2:image:s 3:command:*s 4:args:*s 5:workingDir:s 6:ports:*ContainerPort 7:env:*EnvVar \
            8:resources:Resources 13:terminationMessagePath:s 14:imagePullPolicy:s 16:stdin:b 17:stdinOnce:b 18:tty:b \
            20:terminationMessagePolicy:s 24:restartPolicy:s
            ContainerPort 1:name:s 2:hostPort:i 3:containerPort:i 4:protocol:s 5:hostIP:s
            EnvVar 1:name:s 2:value:s
            Resources 1:limits:<q 2:requests:<q
            Job 1:metadata:ObjectMeta 2:spec:JobSpec 3:status:-
            JobSpec 1:parallelism:i 2:completions:i 3:activeDeadlineSeconds:i 4:selector:LabelSelector 5:manualSelector:b \
            6:template:PodTemplateSpec 7:backoffLimit:i 8:ttlSecondsAfterFinished:i 9:completionMode:s 10:suspend:b
            CronJob 1:metadata:ObjectMeta 2:spec:CronJobSpec 3:status:-
            CronJobSpec 1:schedule:s 2:startingDeadlineSeconds:i 3:concurrencyPolicy:s 4:suspend:b 5:jobTemplate:JobTemplate \
            6:successfulJobsHistoryLimit:i 7:failedJobsHistoryLimit:i 8:timeZone:s
            JobTemplate 1:metadata:ObjectMeta 2:spec:JobSpec
            Ingress 1:metadata:ObjectMeta 2:spec:IngressSpec 3:status:-
            IngressSpec 1:defaultBackend:IngressBackend 2:tls:*IngressTls 3:rules:*IngressRule 4:ingressClassName:s
            IngressTls 1:hosts:*s 2:secretName:s
            IngressRule 1:host:s 2:_:IngressRuleValue
            IngressRuleValue 1:http:HttpRule
            HttpRule 1:paths:*HttpPath
            HttpPath 1:path:s 2:backend:IngressBackend 3:pathType:s
            IngressBackend 4:service:IngressService
            IngressService 1:name:s 2:port:IngressPort
            IngressPort 1:name:s 2:number:i
            Role 1:metadata:ObjectMeta 2:rules:*PolicyRule
            ClusterRole 1:metadata:ObjectMeta 2:rules:*PolicyRule 3:aggregationRule:AggregationRule
            AggregationRule 1:clusterRoleSelectors:*LabelSelector
            PolicyRule 1:verbs:*s 2:apiGroups:*s 3:resources:*s 4:resourceNames:*s 5:nonResourceURLs:*s
            RoleBinding 1:metadata:ObjectMeta 2:subjects:*Subject 3:roleRef:RoleRef
            ClusterRoleBinding 1:metadata:ObjectMeta 2:subjects:*Subject 3:roleRef:RoleRef
            Subject 1:kind:s 2:apiGroup:s 3:name:s 4:namespace:s
            RoleRef 1:apiGroup:s 2:kind:s 3:name:s
            PodDisruptionBudget 1:metadata:ObjectMeta 2:spec:BudgetSpec 3:status:-
            BudgetSpec 1:minAvailable:IntOrString 2:selector:LabelSelector 3:maxUnavailable:IntOrString \
            4:unhealthyPodEvictionPolicy:s
            HorizontalPodAutoscaler 1:metadata:ObjectMeta 2:spec:AutoscalerSpec 3:status:-
            AutoscalerSpec 1:scaleTargetRef:TargetRef 2:minReplicas:i 3:maxReplicas:i 4:metrics:*MetricSpec
            TargetRef 1:kind:s 2:name:s 3:apiVersion:s
            MetricSpec 1:type:s 4:resource:ResourceMetric
            ResourceMetric 1:name:s 2:target:MetricTarget
            MetricTarget 1:type:s 4:averageUtilization:i
            Eviction 1:metadata:ObjectMeta 2:deleteOptions:DeleteOptions
            SelfSubjectReview 1:metadata:ObjectMeta 2:status:-
            SelfSubjectRulesReview 1:metadata:ObjectMeta 2:spec:RulesReviewSpec 3:status:-
            RulesReviewSpec 1:namespace:s
            SelfSubjectAccessReview 1:metadata:ObjectMeta 2:spec:AccessReviewSpec 3:status:-
            AccessReviewSpec 1:resourceAttributes:ResourceAttributes 2:nonResourceAttributes:PathAttributes
            ResourceAttributes 1:namespace:s 2:verb:s 3:group:s 4:version:s 5:resource:s 6:subresource:s 7:name:s
            PathAttributes 1:path:s 2:verb:s
            Time 1:seconds:i 2:nanos:i
            """;

    private record Field(String name, String type, boolean repeated) {}

    /// Read on the first body in this format, not at start.
    private static final class Messages {
        static final Map<String, Map<Integer, Field>> ALL = read();

        private static Map<String, Map<Integer, Field>> read() {
            var messages = new LinkedHashMap<String, Map<Integer, Field>>();
            TABLE.lines().forEach(line -> {
                var words = line.strip().split(" +", -1);
                var fields = new LinkedHashMap<Integer, Field>();
                for (var word : Arrays.asList(words).subList(1, words.length)) {
                    var parts = word.split(":", -1);
                    boolean repeated = parts[2].startsWith("*");
                    fields.put(
                            Integer.valueOf(parts[0]),
                            new Field(parts[1], repeated ? parts[2].substring(1) : parts[2], repeated));
                }
                messages.put(words[0], fields);
            });
            return messages;
        }
    }

    private final byte[] bytes;
    private int at;
    private final int end;

    private ProtobufBody(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        at = from;
        end = to;
    }

    /// @throws Failure 415 for kinds and fields outside the table, 400 for bytes that are no such body
    static Json.Obj parse(byte[] bytes) {
        if (bytes.length < MAGIC.length || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw Failure.badRequest("the body is no Kubernetes protobuf: it does not begin with k8s\\0");
        }
        try {
            var envelope = new ProtobufBody(bytes, MAGIC.length, bytes.length).message("Unknown", 0);
            var kind = envelope.at("type", "kind").string("");
            if (!Messages.ALL.containsKey(kind)) throw Failure.unsupportedProtobuf(kind);
            var raw = Base64.getDecoder().decode(envelope.at("raw").string(""));
            var object = new ProtobufBody(raw, 0, raw.length).message(kind, 0);
            var fields = new LinkedHashMap<String, Json>();
            fields.put("apiVersion", envelope.at("type", "apiVersion"));
            fields.put("kind", Json.of(kind));
            fields.putAll(object.fields());
            return new Json.Obj(fields);
        } catch (IndexOutOfBoundsException truncated) {
            throw Failure.badRequest("the protobuf body ends in the middle of a field");
        }
    }

    private Json.Obj message(String type, int depth) {
        if (depth > MAX_DEPTH) throw Failure.badRequest("the protobuf body nests deeper than " + MAX_DEPTH);
        var known = Messages.ALL.getOrDefault(type, Map.of());
        var fields = new LinkedHashMap<String, Json>();
        var lists = new LinkedHashMap<String, List<Json>>();
        while (at < end) {
            long tag = varint();
            int number = (int) (tag >>> 3);
            int wire = (int) (tag & 7);
            var field = known.get(number);
            if (wire == 0) {
                long value = varint();
                if (field == null) {
                    if (value != 0) throw Failure.unsupportedProtobuf(type + " field " + number);
                    continue;
                }
                fields.put(field.name(), field.type().equals("b") ? Json.of(value != 0) : Json.of(value));
                continue;
            }
            if (wire != 2) throw Failure.unsupportedProtobuf(type + " field " + number);
            int length = Math.toIntExact(varint());
            int from = at;
            if (length < 0 || length > end - from) throw new IndexOutOfBoundsException();
            at += length;
            if (field == null) {
                if (length > 0) throw Failure.unsupportedProtobuf(type + " field " + number);
                continue;
            }
            value(field, from, length, depth, fields, lists);
        }
        lists.forEach((name, items) -> fields.put(name, new Json.Arr(items)));
        return new Json.Obj(fields);
    }

    private void value(
            Field field, int from, int length, int depth, Map<String, Json> fields, Map<String, List<Json>> lists) {
        if (field.type().equals("-")) return;
        if (field.type().startsWith("<")) {
            var entry = entry(field.type().substring(1), from, length);
            var old = fields.get(field.name());
            fields.put(field.name(), (old == null ? Json.Obj.EMPTY : old.obj()).with(entry.getKey(), entry.getValue()));
            return;
        }
        var value = switch (field.type()) {
            case "s" -> Json.of(new String(bytes, from, length, StandardCharsets.UTF_8));
            case "x" -> Json.of(Base64.getEncoder().encodeToString(Arrays.copyOfRange(bytes, from, from + length)));
            case String type -> nested(type, from, length, depth);
        };
        if (field.repeated())
            lists.computeIfAbsent(field.name(), _ -> new ArrayList<>()).add(value);
        else if (field.name().equals("_")) fields.putAll(value.fields());
        else fields.put(field.name(), value);
    }

    private Json nested(String type, int from, int length, int depth) {
        var message = new ProtobufBody(bytes, from, from + length).message(type, depth + 1);
        return switch (type) {
            case "Time" ->
                Json.of(Metadata.stamp(
                        Instant.ofEpochSecond(message.at("seconds").asLong().orElse(0L))));
            case "IntOrString" ->
                message.at("type").integer(0) == 0
                        ? Json.of(message.at("intVal").integer(0))
                        : message.at("strVal");
            default -> message;
        };
    }

    /// One entry of a map: a message with the key as field 1 and the value as field 2.
    private Map.Entry<String, Json> entry(String type, int from, int length) {
        var in = new ProtobufBody(bytes, from, from + length);
        var key = "";
        Json value = Json.of("");
        while (in.at < in.end) {
            long tag = in.varint();
            int size = Math.toIntExact(in.varint());
            int start = in.at;
            if (size < 0 || size > in.end - start) throw new IndexOutOfBoundsException();
            in.at += size;
            if (tag >>> 3 == 1) key = new String(bytes, start, size, StandardCharsets.UTF_8);
            else {
                var text = switch (type) {
                    case "x" -> Base64.getEncoder().encodeToString(Arrays.copyOfRange(bytes, start, start + size));
                    case "q" -> quantity(start, size);
                    default -> new String(bytes, start, size, StandardCharsets.UTF_8);
                };
                value = Json.of(text);
            }
        }
        return Map.entry(key, value);
    }

    /// A quantity is a message whose field 1 is its text.
    private String quantity(int from, int size) {
        var in = new ProtobufBody(bytes, from, from + size);
        if (size == 0) return "0";
        in.varint();
        int length = Math.toIntExact(in.varint());
        return new String(bytes, in.at, length, StandardCharsets.UTF_8);
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= end) throw new IndexOutOfBoundsException();
            byte b = bytes[at++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) return value;
        }
        throw Failure.badRequest("the protobuf body has a number longer than 64 bits");
    }
}
