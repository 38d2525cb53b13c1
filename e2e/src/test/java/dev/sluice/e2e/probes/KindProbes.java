package dev.sluice.e2e.probes;

import static dev.sluice.e2e.probes.Ask.get;
import static dev.sluice.e2e.probes.Ask.merge;
import static dev.sluice.e2e.probes.Ask.post;
import static dev.sluice.e2e.probes.Ask.put;
import static dev.sluice.e2e.probes.Probe.apps;
import static dev.sluice.e2e.probes.Probe.core;
import static dev.sluice.e2e.probes.Probe.probe;
import static dev.sluice.e2e.probes.Probe.until;
import static dev.sluice.e2e.probes.Samples.deployment;
import static dev.sluice.e2e.probes.Samples.pod;
import static dev.sluice.e2e.probes.Samples.service;

import java.util.List;

/// The built-in kinds: what the server fills in, and what it refuses. Where a controller would write too, the object
/// is made by a dry run.
final class KindProbes {
    private KindProbes() {}

    private static final String DRY = "?dryRun=All";
    private static final String JOBS = "/apis/batch/v1/namespaces/{ns}/jobs";

    private static String job(String spec) {
        return "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {" + spec + "}}";
    }

    private static final String ONCE = "template: {spec: {restartPolicy: Never, containers: [{name: c, image: x}]}}";

    static List<Probe> all() {
        return List.of(
                probe(
                        "a deployment is filled in",
                        post(apps("deployments") + DRY, deployment("web", "")),
                        post(apps("deployments") + DRY, deployment("web", "replicas: 0, strategy: {type: Recreate},")),
                        post(
                                apps("deployments") + DRY,
                                deployment(
                                        "web",
                                        "strategy: {rollingUpdate: {maxSurge: 50%}}, minReadySeconds: 5, revisionHistoryLimit: 0, progressDeadlineSeconds: 20,"))),
                probe(
                        "a deployment that cannot be",
                        post(
                                apps("deployments"),
                                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {}}"),
                        post(apps("deployments"), deployment("web", "replicas: -1, minReadySeconds: -2,")),
                        post(
                                apps("deployments"),
                                deployment("web", "").replace("matchLabels: {app: web}", "matchLabels: {app: other}")),
                        post(apps("deployments"), deployment("web", "strategy: {type: Odd},")),
                        post(
                                apps("deployments"),
                                deployment("web", "strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}},")),
                        post(
                                apps("deployments"),
                                deployment("web", "strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0}},")),
                        post(apps("deployments"), deployment("web", "strategy: {rollingUpdate: {maxSurge: 5x}},")),
                        post(apps("deployments"), deployment("web", "minReadySeconds: 9, progressDeadlineSeconds: 9,")),
                        post(
                                apps("deployments"),
                                deployment("web", "").replace("image: \"example.test/web:1\"", "image: ''")),
                        post(
                                apps("deployments"),
                                deployment("web", "")
                                        .replace("spec: {containers", "spec: {restartPolicy: Never, containers"))),
                probe(
                        "a ReplicaSet is filled in",
                        post(
                                apps("replicasets") + DRY,
                                "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: r}, spec: {selector: {matchLabels: {app: r}}, template: {metadata: {labels: {app: r}}, spec: {containers: [{name: c, image: 'x:latest', ports: [{containerPort: 80}], env: [{name: N, valueFrom: {fieldRef: {fieldPath: metadata.name}}}], readinessProbe: {httpGet: {port: 80}}}], volumes: [{name: v, configMap: {name: m}}, {name: e, emptyDir: {}}]}}}}"),
                        post(
                                apps("replicasets"),
                                "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: r}, spec: {selector: {matchLabels: {app: r}}, template: {metadata: {labels: {app: s}}, spec: {containers: [{name: c, image: x}]}}}}")),
                probe(
                        "a pod is filled in",
                        post(core("pods"), pod("web", "")),
                        post(
                                core("pods"),
                                pod(
                                        "full",
                                        "terminationGracePeriodSeconds: 5, tolerations: [{key: a, operator: Exists}], hostNetwork: true, initContainers: [{name: i, image: 'i@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', resources: {limits: {cpu: 1500m, memory: 1.5Gi}}}],"))),
                probe(
                        "a pod is given a token",
                        post(core("pods") + DRY, pod("web", "").replace("automountServiceAccountToken: false,", ""))
                                .only("spec.volumes", "spec.containers")),
                probe(
                        "a pod that cannot be",
                        post(core("pods"), "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {}}"),
                        post(
                                core("pods"),
                                "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: Bad_, image: x}, {image: y}, {name: z}]}}"),
                        post(
                                core("pods"),
                                pod("a", "")
                                        .replace(
                                                "{name: web,",
                                                "{name: web, ports: [{containerPort: 0}, {containerPort: 70000, name: Much-too-long-a-name}],")),
                        post(core("pods"), pod("a", "restartPolicy: Odd, dnsPolicy: Odd,")),
                        post(
                                core("pods"),
                                pod("a", "")
                                        .replace(
                                                "{name: web,",
                                                "{name: web, resources: {requests: {cpu: '2'}, limits: {cpu: '1'}},")),
                        post(
                                core("pods"),
                                pod("a", "").replace("{name: web,", "{name: web, resources: {requests: {cpu: lots}},")),
                        post(
                                core("pods"),
                                pod("a", "")
                                        .replace(
                                                "{name: web,",
                                                "{name: web, imagePullPolicy: Odd, volumeMounts: [{name: none, mountPath: /x}],")),
                        post(
                                core("pods"),
                                pod("a", "")
                                        .replace(
                                                "{name: web,",
                                                "{name: web, readinessProbe: {periodSeconds: -1}, livenessProbe: {httpGet: {port: 80}, tcpSocket: {port: 80}},")),
                        post(core("pods"), pod("a", "serviceAccountName: none,"))),
                probe(
                        "of a pod's spec little may change",
                        post(core("pods"), pod("web", "")).only("kind"),
                        merge(core("pods/web"), "{spec: {nodeName: n}}").only("status", "reason", "code"),
                        merge(core("pods/web"), "{spec: {terminationGracePeriodSeconds: 1}}")
                                .only("status", "reason", "code"),
                        Ask.strategic(core("pods/web"), "{spec: {containers: [{name: web, image: other}]}}")
                                .only("spec.containers", "metadata.generation"),
                        merge(core("pods/web"), "{metadata: {labels: {a: b}}}")
                                .only("metadata.labels", "metadata.generation")),
                probe(
                        "a service is filled in",
                        post(core("services"), service("a", "")),
                        post(core("services"), service("b", ", clusterIP: None")),
                        post(core("services"), service("c", ", type: NodePort")),
                        post(core("services"), service("d", ", type: LoadBalancer, sessionAffinity: ClientIP")),
                        post(
                                core("services"),
                                "{apiVersion: v1, kind: Service, metadata: {name: e}, spec: {type: ExternalName, externalName: example.test}}"),
                        merge(core("services/a"), "{spec: {selector: {app: other}}}")
                                .only("spec"),
                        Ask.strategic(
                                        core("services/a"),
                                        "{spec: {ports: [{port: 80, targetPort: http, name: h}, {port: 81, name: i}]}}")
                                .only("spec")),
                probe(
                        "a service that cannot be",
                        post(core("services"), "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {}}"),
                        post(core("services"), service("a", "").replace("port: 80", "port: 0")),
                        post(core("services"), service("a", "").replace("{port: 80}", "{port: 80}, {port: 81}")),
                        post(
                                core("services"),
                                service("a", "").replace("{port: 80}", "{port: 80, name: a}, {port: 80, name: b}")),
                        post(core("services"), service("a", ", type: Odd")),
                        post(core("services"), service("a", ", clusterIP: 1.2.3")),
                        post(
                                core("services"),
                                service("a", "")
                                        .replace("{port: 80}", "{port: 80, protocol: Odd, targetPort: Not_A_Name}")),
                        post(core("services"), service("a", "")).only("kind"),
                        merge(core("services/a"), "{spec: {clusterIP: 10.96.7.7}}")
                                .only("code", "reason", "details.causes.0.field")),
                probe(
                        "a job is filled in",
                        post(JOBS + DRY, job(ONCE)),
                        post(
                                JOBS + DRY,
                                job(
                                        "completions: 3, parallelism: 2, backoffLimit: 0, ttlSecondsAfterFinished: 5, activeDeadlineSeconds: 9, "
                                                + ONCE))),
                probe(
                        "a job that cannot be",
                        post(JOBS, job(ONCE.replace("restartPolicy: Never, ", ""))),
                        post(JOBS, job("completions: -1, backoffLimit: -1, " + ONCE)),
                        post(JOBS, "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {}}"),
                        post(JOBS, job("suspend: true, " + ONCE)).only("kind"),
                        merge(JOBS + "/j", "{spec: {completions: 4}}").only("code", "reason", "details.causes"),
                        merge(JOBS + "/j", "{spec: {template: {spec: {containers: [{name: c, image: y}]}}}}")
                                .only("code", "reason", "details.causes.0.field")),
                probe(
                        "events",
                        post(
                                core("events"),
                                "{apiVersion: v1, kind: Event, metadata: {name: e.1}, involvedObject: {kind: Pod, namespace: '{ns}', name: p}, reason: R, message: m, type: Normal, count: 1, firstTimestamp: '2020-01-01T00:00:00Z', lastTimestamp: '2020-01-01T00:00:00Z', source: {component: c}}"),
                        post(
                                core("events"),
                                "{apiVersion: v1, kind: Event, metadata: {name: e.2}, involvedObject: {kind: Pod, namespace: other, name: p}}"),
                        get(core("events?fieldSelector=involvedObject.name%3Dp,reason%3DR,type%3DNormal"))
                                .only("items"),
                        get(core("events?fieldSelector=involvedObject.kind%3DNode"))
                                .only("items"),
                        merge(core("events/e.1"), "{count: 2}").only("count")),
                probe(
                        "leases",
                        post(
                                "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
                                "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: l}, spec: {holderIdentity: me, leaseDurationSeconds: 15, acquireTime: '2020-01-01T00:00:00.123456Z', renewTime: '2020-01-01T00:00:00.000000Z', leaseTransitions: 1}}"),
                        post(
                                "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
                                "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: m}, spec: {leaseDurationSeconds: 0, leaseTransitions: -1}}"),
                        put(
                                "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/l",
                                "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: l, resourceVersion: '1'}, spec: {holderIdentity: you}}")),
                probe(
                        "secrets",
                        post(
                                core("secrets"),
                                "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {k: v, l: ü}, data: {k: eA==}}"),
                        post(core("secrets"), "{apiVersion: v1, kind: Secret, metadata: {name: b}, data: {k: '%%'}}")
                                .only("code", "reason"),
                        post(
                                core("secrets"),
                                "{apiVersion: v1, kind: Secret, metadata: {name: b}, data: {'a b': eA==}}"),
                        merge(core("secrets/a"), "{type: other}")),
                probe(
                        "a pod is evicted",
                        post(core("pods"), pod("web", "")).only("kind"),
                        post(
                                core("pods/web/eviction"),
                                "{apiVersion: policy/v1, kind: Eviction, metadata: {name: other}}"),
                        post(
                                core("pods/web/eviction"),
                                "{apiVersion: policy/v1, kind: Eviction, metadata: {name: web}, deleteOptions: {dryRun: [All]}}"),
                        post(
                                core("pods/web/eviction"),
                                "{apiVersion: policy/v1, kind: Eviction, metadata: {name: web, namespace: '{ns}'}}"),
                        post(
                                core("pods/web/eviction"),
                                "{apiVersion: policy/v1, kind: Eviction, metadata: {name: web}}"),
                        get(core("pods/web"))),
                probe(
                        "a pod is bound",
                        post(core("pods"), pod("web", "")).only("kind"),
                        post(
                                core("pods/web/binding"),
                                "{apiVersion: v1, kind: Binding, metadata: {name: web}, target: {kind: Node, name: none}}"),
                        get(core("pods/web")).only("spec.nodeName", "status.conditions"),
                        post(
                                core("pods/web/binding"),
                                "{apiVersion: v1, kind: Binding, metadata: {name: web}, target: {kind: Node, name: other}}")),
                probe(
                        "accounts, roles and claims",
                        post(core("serviceaccounts"), "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}}"),
                        post(
                                "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles",
                                "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]}"),
                        post(
                                "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings",
                                "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: b}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}, subjects: [{kind: ServiceAccount, name: a, namespace: '{ns}'}]}"),
                        post(
                                "/api/v1/namespaces",
                                "{apiVersion: v1, kind: Namespace, metadata: {name: 'o-{id}', labels: {a: b}}}"),
                        merge(
                                "/api/v1/namespaces/o-{id}",
                                "{metadata: {labels: {kubernetes.io/metadata.name: null}}}")),
                probe(
                        "may I?",
                        post(
                                        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                                        "{apiVersion: authorization.k8s.io/v1, kind: SelfSubjectAccessReview, spec: {resourceAttributes: {namespace: '{ns}', verb: get, resource: pods}}}")
                                .only("kind", "apiVersion", "spec", "status.allowed"),
                        post(
                                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                                "{apiVersion: authorization.k8s.io/v1, kind: SelfSubjectAccessReview, spec: {}}"),
                        get("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")),
                probe(
                        "a deployment makes the ReplicaSet that the world knows by its hash",
                        post(
                                        apps("deployments"),
                                        deployment("web", "replicas: 0,").replace("paused: true,", ""))
                                .only("kind"),
                        until(
                                get(apps("replicasets"))
                                        .only("items")
                                        .except("items.*.metadata.managedFields", "items.*.metadata.resourceVersion"),
                                json -> json.at("items")
                                                .at(0)
                                                .at("status", "observedGeneration")
                                                .integer(0)
                                        == 1),
                        until(
                                get(apps("deployments/web"))
                                        .except(
                                                "metadata.managedFields",
                                                "metadata.resourceVersion",
                                                "status.conditions"),
                                json -> json.at("status", "observedGeneration").integer(0) == 1
                                        && json.at("status", "conditions")
                                                        .items()
                                                        .size()
                                                == 2)));
    }
}
