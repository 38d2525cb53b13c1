package dev.sluice.e2e.probes;

import static dev.sluice.e2e.probes.Ask.apply;
import static dev.sluice.e2e.probes.Ask.get;
import static dev.sluice.e2e.probes.Ask.merge;
import static dev.sluice.e2e.probes.Ask.post;
import static dev.sluice.e2e.probes.Ask.put;
import static dev.sluice.e2e.probes.Ask.table;
import static dev.sluice.e2e.probes.Probe.probe;

import dev.sluice.json.Json;
import java.util.List;

/// Our own definitions, of `deploy/crds`, and manifests as users write them. The definitions are there already.
final class RolloutProbes {
    private RolloutProbes() {}

    private static final String ARGO = "/apis/argoproj.io/v1alpha1/namespaces/{ns}/";
    private static final String ROLLOUTS = ARGO + "rollouts";
    private static final String WEB = ROLLOUTS + "/web";

    private static String rollout(String name, String strategy) {
        return """
                {apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: NAME}, spec: {replicas: 4, selector: {matchLabels: {app: NAME}},
                  template: {metadata: {labels: {app: NAME}}, spec: {containers: [{name: web, image: "example.test/web:1", ports: [{containerPort: 80}], resources: {requests: {cpu: 5m}}}]}},
                  strategy: {STRATEGY}}}
                """.replace("NAME", name).replace("STRATEGY", strategy);
    }

    /// The order of custom kinds in discovery is of no meaning, and a matter of chance.
    private static Json byName(Json list) {
        var byName = Json.Obj.EMPTY;
        for (var resource : list.at("resources").items())
            byName = byName.with(resource.at("name").string(""), resource);
        return byName;
    }

    static List<Probe> all() {
        return List.of(
                probe(
                        "a canary rollout comes back as it was written",
                        post(ROLLOUTS, rollout("web", """
                                        canary: {maxSurge: 25%, maxUnavailable: 0, canaryService: c, stableService: s, trafficRouting: {managedRoutes: [{name: h}],
                                            plugins: {argoproj-labs/gatewayAPI: {httpRoute: r, namespace: n}}, istio: {virtualService: {name: v, routes: [primary]}}},
                                          analysis: {startingStep: 1, templates: [{templateName: t}], args: [{name: a, valueFrom: {fieldRef: {fieldPath: "metadata.labels['x']"}}}]},
                                          steps: [{setWeight: 20}, {pause: {}}, {pause: {duration: 10}}, {pause: {duration: 1h}}, {setCanaryScale: {replicas: 3}}, {setCanaryScale: {matchTrafficWeight: true}},
                                            {analysis: {templates: [{templateName: t, clusterScope: true}], args: [{name: h, valueFrom: {podTemplateHashValue: Latest}}]}},
                                            {experiment: {duration: 5m, templates: [{name: b, specRef: stable, weight: 5}], analyses: [{name: x, templateName: t, requiredForCompletion: true}]}},
                                            {setHeaderRoute: {name: h, match: [{headerName: X, headerValue: {exact: y}}]}}, {setMirrorRoute: {name: m, percentage: 5, match: [{method: {exact: GET}, path: {prefix: /}}]}},
                                            {plugin: {name: p, config: {any: [1, {thing: true}]}}}]}
                                        """)),
                        get(WEB),
                        table(ROLLOUTS).except("rows.*.object", "metadata"),
                        table(WEB).except("rows.*.object"),
                        put(
                                WEB + "/status",
                                rollout("web", "canary: {}")
                                        .replace(
                                                "spec:",
                                                "status: {replicas: 4, HPAReplicas: 4, selector: app=web, phase: Paused, currentStepIndex: 1, unknown: {x: [1]}, pauseConditions: [{reason: CanaryPauseStep, startTime: '2020-01-01T00:00:00Z'}]}, spec:")),
                        get(WEB + "/scale"),
                        merge(WEB + "/scale", "{spec: {replicas: 6}}"),
                        table(ROLLOUTS)
                                .only("rows.0.cells", "columnDefinitions")
                                .as(json -> json),
                        merge(WEB, "{spec: {selector: {matchLabels: {app: other}}}}"),
                        merge(WEB, "{spec: {selector: {matchLabels: {app: web}}}}")
                                .only("kind")),
                probe(
                        "a blue-green rollout comes back as it was written",
                        post(
                                ROLLOUTS,
                                rollout(
                                        "web",
                                        "blueGreen: {activeService: a, previewService: p, previewReplicaCount: 1, autoPromotionEnabled: false, scaleDownDelaySeconds: 30, prePromotionAnalysis: {templates: [{templateName: t}]}, antiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: {weight: 1}}}")),
                        merge(WEB + "/status", "{status: {blueGreen: {activeSelector: abc}, observedGeneration: '1'}}"),
                        merge(WEB, "{spec: {paused: true}}").only("metadata.generation", "status")),
                probe(
                        "a rollout that makes no sense is kept for the controller to say so",
                        post(
                                ROLLOUTS,
                                "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: web}, spec: {}}"),
                        post(
                                ROLLOUTS,
                                rollout(
                                                "two",
                                                "canary: {steps: [{setWeight: 2000, pause: {duration: -5}}, {odd: 1}]}, blueGreen: {}, other: {}")
                                        .replace("cpu: 5m", "memory: invalid")
                                        .replace("replicas: 4", "replicas: 4, odd: {x: y}")),
                        post(ROLLOUTS, rollout("none", "canary: {}").replace("replicas: 4", "replicas: -4")),
                        post(ROLLOUTS, rollout("three", "canary: {steps: [{setWeight: much}]}")),
                        post(
                                ROLLOUTS + "?fieldValidation=Strict",
                                rollout("four", "canary: {steps: [{setWieght: 20}]}"))),
                probe(
                        "a rollout is applied, and what others own stays",
                        apply("one", WEB, rollout("web", "canary: {steps: [{setWeight: 20}, {pause: {}}]}")),
                        merge(WEB + "/status?fieldManager=controller", "{status: {phase: Progressing}}"),
                        apply(
                                "two",
                                WEB,
                                "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: web}, spec: {replicas: 9}}"),
                        apply(
                                        "two",
                                        WEB + "?force=true",
                                        "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: web}, spec: {replicas: 9}}")
                                .only("metadata.managedFields", "metadata.generation", "spec.replicas")),
                probe(
                        "analysis templates and runs",
                        post(ARGO + "analysistemplates", """
                                {apiVersion: argoproj.io/v1alpha1, kind: AnalysisTemplate, metadata: {name: t}, spec: {args: [{name: s}, {name: k, valueFrom: {secretKeyRef: {name: x, key: y}}}],
                                  metrics: [{name: m, interval: 5m, count: 3, successCondition: "result[0] >= 0.95", failureLimit: 3, provider: {prometheus: {address: "http://p.test", query: "sum(x{a=\\"b\\"})"}}},
                                    {name: w, count: "{{args.n}}", provider: {web: {url: "http://x", jsonBody: {a: [1]}, headers: [{key: A, value: b}]}}},
                                    {name: j, provider: {job: {spec: {backoffLimit: 0, template: {spec: {restartPolicy: Never, containers: [{name: c, image: x}]}}}}}},
                                    {name: p, provider: {plugin: {some/thing: {deep: {er: 1}}}}}, {name: n, provider: {newOne: {x: 1}}}]}}
                                """),
                        post(
                                "/apis/argoproj.io/v1alpha1/clusteranalysistemplates",
                                "{apiVersion: argoproj.io/v1alpha1, kind: ClusterAnalysisTemplate, metadata: {name: 'c-{id}'}, spec: {metrics: []}}"),
                        post(
                                ARGO + "analysisruns",
                                "{apiVersion: argoproj.io/v1alpha1, kind: AnalysisRun, metadata: {name: r}, spec: {metrics: [{name: m, provider: {web: {url: x}}}]}, status: {phase: Running}}"),
                        merge(
                                ARGO + "analysisruns/r",
                                "{status: {phase: Successful, metricResults: [{name: m, measurements: [{value: '1', startedAt: '2020-01-01T00:00:00Z'}]}]}}"),
                        merge(ARGO + "analysisruns/r/status", "{status: {phase: Failed}}"),
                        table(ARGO + "analysisruns").except("rows.*.object", "metadata"),
                        merge(ARGO + "analysisruns/r", "{spec: {terminate: true}}")
                                .only("spec.terminate", "metadata.generation")),
                probe(
                        "experiments",
                        post(
                                ARGO + "experiments",
                                "{apiVersion: argoproj.io/v1alpha1, kind: Experiment, metadata: {name: e}, spec: {duration: 5m, templates: [{name: a, replicas: 1, selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: x}]}}, service: {}}], analyses: [{name: x, templateName: t, args: [{name: h, value: '{{templates.a.podTemplateHash}}'}]}]}, status: {phase: Running}}"),
                        merge(ARGO + "experiments/e", "{status: null}"),
                        table(ARGO + "experiments").except("rows.*.object", "metadata")),
                probe(
                        "a canary of two deployments",
                        post(
                                "/apis/sluice.dev/v1alpha1/namespaces/{ns}/deploymentcanaries",
                                "{apiVersion: sluice.dev/v1alpha1, kind: DeploymentCanary, metadata: {name: web}, spec: {stable: web-1, canary: web-2, replicas: 4, maxSurge: 1, maxUnavailable: 0%, steps: [{setWeight: 25}, {pause: {duration: 30s}}, {analysis: {templates: [{templateName: t}]}}], paused: false}}"),
                        post(
                                "/apis/sluice.dev/v1alpha1/namespaces/{ns}/deploymentcanaries",
                                "{apiVersion: sluice.dev/v1alpha1, kind: DeploymentCanary, metadata: {name: half}, spec: {stable: web-1}}"),
                        merge(
                                "/apis/sluice.dev/v1alpha1/namespaces/{ns}/deploymentcanaries/web/status",
                                "{status: {phase: Progressing, message: step 1, any: {thing: [1]}}}"),
                        table("/apis/sluice.dev/v1alpha1/namespaces/{ns}/deploymentcanaries")
                                .except("rows.*.object", "metadata")),
                probe(
                        "what is served of them",
                        get("/apis/argoproj.io/v1alpha1").as(RolloutProbes::byName),
                        get("/apis/sluice.dev/v1alpha1").as(RolloutProbes::byName),
                        get("/apis/sluice.dev"),
                        get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/rollouts.argoproj.io")
                                .only("spec.names", "spec.scope", "status.acceptedNames", "status.storedVersions")));
    }
}
