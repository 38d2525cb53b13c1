package dev.sluice.e2e.probes;

import static dev.sluice.e2e.probes.Ask.apply;
import static dev.sluice.e2e.probes.Ask.delete;
import static dev.sluice.e2e.probes.Ask.get;
import static dev.sluice.e2e.probes.Ask.jsonPatch;
import static dev.sluice.e2e.probes.Ask.merge;
import static dev.sluice.e2e.probes.Ask.post;
import static dev.sluice.e2e.probes.Ask.put;
import static dev.sluice.e2e.probes.Ask.strategic;
import static dev.sluice.e2e.probes.Probe.gone;
import static dev.sluice.e2e.probes.Probe.probe;
import static dev.sluice.e2e.probes.Probe.until;
import static dev.sluice.e2e.probes.Probe.watch;
import static dev.sluice.e2e.probes.Samples.definition;
import static dev.sluice.e2e.probes.Samples.thing;

import dev.sluice.e2e.probes.Probe.Step;
import java.util.ArrayList;
import java.util.List;

/// Kinds that a definition brings: served, filled in, pruned, checked, scaled, withdrawn.
final class DefinitionProbes {
    private DefinitionProbes() {}

    private static final String DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final String DEFINITION = DEFINITIONS + "/things.{id}.test";
    private static final String THINGS = "/apis/{id}.test/v1/namespaces/{ns}/things";
    private static final String THING = THINGS + "/a";

    /// A probe that begins with a definition which is served already.
    private static Probe defined(String name, String spec, String more, Step... steps) {
        var all = new ArrayList<Step>();
        all.add(post(DEFINITIONS, definition(spec, more)).only("kind", "message"));
        all.add(until(
                get(THINGS).only("kind", "apiVersion"),
                json -> json.at("kind").string("").equals("ThingList")));
        all.addAll(List.of(steps));
        return new Probe(name, all);
    }

    private static final String OPEN = "{type: object, x-kubernetes-preserve-unknown-fields: true}";

    static List<Probe> all() {
        return List.of(
                probe(
                        "a definition is served",
                        get(THINGS),
                        post(DEFINITIONS, definition("{type: object}", "")).except("metadata.managedFields", "status"),
                        until(
                                get(DEFINITION)
                                        .except(
                                                "metadata.managedFields",
                                                "metadata.resourceVersion",
                                                "status.conditions.*.lastTransitionTime"),
                                json -> json.at("status", "conditions")
                                        .at(1)
                                        .at("status")
                                        .string("")
                                        .equals("True")),
                        until(
                                get("/apis/{id}.test/v1"),
                                json -> json.at("resources").items().size() == 1),
                        until(
                                get("/apis/{id}.test"),
                                json -> json.at("kind").string("").equals("APIGroup")),
                        until(get(THINGS), json -> json.at("kind").string("").equals("ThingList")),
                        post(THINGS, thing("a", "")).except("metadata.resourceVersion"),
                        get("/apis/{id}.test/v1/things").except("items.*.metadata.resourceVersion"),
                        delete(THING),
                        delete(DEFINITION).only("status", "kind"),
                        gone(DEFINITION)),
                probe(
                        "a definition that cannot be",
                        post(
                                DEFINITIONS,
                                definition("{type: object}", "").replace("name: \"things.{id}.test\"", "name: other")),
                        post(DEFINITIONS, definition("{properties: {a: {type: string}}}", "")),
                        post(DEFINITIONS, definition("{type: odd}", "")),
                        post(DEFINITIONS, definition("{type: object, properties: {a: {type: array}}}", "")),
                        post(
                                DEFINITIONS,
                                definition("{type: object, properties: {a: {type: integer, default: x}}}", "")),
                        post(
                                        DEFINITIONS,
                                        definition(
                                                "{type: object, x-kubernetes-validations: [{rule: 'self.a +'}]}", ""))
                                .only("code", "reason", "details.causes.0.field"),
                        post(DEFINITIONS, definition("{type: object}", "").replace("storage: true", "storage: false")),
                        post(DEFINITIONS, definition("{type: object}", "").replace("scope: Namespaced", "scope: Odd")),
                        post(
                                DEFINITIONS,
                                definition(
                                        "{type: object}",
                                        "subresources: {scale: {specReplicasPath: replicas, statusReplicasPath: .status.r}},"))),
                defined(
                        "a thing is filled in",
                        "{type: object, default: {}, properties: {size: {type: integer, default: 3}, deep: {type: object, default: {}, properties: {on: {type: boolean, default: true}}}, list: {type: array, items: {type: object, properties: {n: {type: string, default: x}}}}}}",
                        "",
                        post(THINGS, thing("a", "")),
                        post(THINGS, thing("b", ", spec: {size: 5, deep: {on: false}, list: [{}, {n: y}]}")),
                        merge(THING, "{spec: {size: null, list: [{}]}}"),
                        post(THINGS, thing("c", ", spec: {size: null}"))),
                defined(
                        "a thing is pruned",
                        "{type: object, properties: {a: {type: string}, open: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {shut: {type: object, properties: {b: {type: string}}}}}, map: {type: object, additionalProperties: {type: object, properties: {c: {type: string}}}}}}",
                        "",
                        post(
                                THINGS,
                                thing(
                                                "a",
                                                ", spec: {a: x, odd: 1, open: {odd: 2, shut: {b: y, odd: 3}}, map: {k: {c: z, odd: 4}}}, odd: 5, metadata: {name: a, odd: 6}")
                                        .replace("metadata: {name: a}, spec", "spec")),
                        post(THINGS + "?fieldValidation=Strict", thing("b", ", spec: {odd: 1, map: {k: {odd: 4}}}")),
                        post(THINGS + "?fieldValidation=Ignore", thing("c", ", spec: {odd: 1}")),
                        merge(THING + "?fieldValidation=Strict", "{spec: {odd: 1}}")
                                .only("code", "reason"),
                        merge(THING, "{spec: {odd: 1, a: y}}")),
                defined(
                        "a thing that its schema refuses",
                        "{type: object, required: [a], properties: {a: {type: string, minLength: 2, maxLength: 4, pattern: '^[a-z]+$'}, n: {type: integer, minimum: 1, maximum: 5}, f: {type: number}, e: {type: string, enum: [x, y]}, l: {type: array, maxItems: 2, items: {type: integer}}, s: {type: array, x-kubernetes-list-type: set, items: {type: string}}, m: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: {type: object, required: [k], properties: {k: {type: string}, v: {type: string}}}}, i: {x-kubernetes-int-or-string: true}, nil: {type: string, nullable: true}, d: {type: string, format: date-time}}}",
                        "",
                        post(THINGS, thing("a", "")),
                        post(THINGS, thing("a", ", spec: {}")),
                        post(THINGS, thing("a", ", spec: {a: A1, n: 9, e: z, l: [1, 2, 3]}")),
                        post(THINGS, thing("a", ", spec: {a: 5, n: x, f: '1', l: {}, i: true, d: soon}")),
                        post(THINGS, thing("b", ", spec: {a: null, nil: null, n: 1.5}")),
                        post(THINGS, thing("b", ", spec: {a: ab, s: [x, x], m: [{k: x}, {k: x}]}")),
                        post(THINGS, thing("b", ", spec: {a: ab, m: [{v: x}]}")),
                        post(THINGS, thing("b", ", spec: []")),
                        post(
                                THINGS,
                                thing(
                                        "c",
                                        ", spec: {a: abc, nil: null, i: 25%, f: 1.5, n: 2.0, d: '2020-01-01T00:00:00Z', s: [x, y], m: [{k: x}, {k: y}]}")),
                        merge(THINGS + "/c", "{spec: {n: 0}}")),
                defined(
                        "rules are kept",
                        "{type: object, x-kubernetes-validations: [{rule: 'self.low <= self.high', message: low must not be above high}, {rule: 'self.low % 2 == 0', messageExpression: '\"low is \" + \"odd\"', fieldPath: .low, reason: FieldValueForbidden}], properties: {low: {type: integer}, high: {type: integer}, fixed: {type: string, x-kubernetes-validations: [{rule: self == oldSelf, message: is fixed}]}, names: {type: array, maxItems: 5, items: {type: string, maxLength: 9, x-kubernetes-validations: [{rule: \"self.startsWith('n')\"}]}}}}",
                        "",
                        post(THINGS, thing("a", ", spec: {low: 9, high: 3}")),
                        post(THINGS, thing("a", ", spec: {low: 2, high: 3, fixed: a, names: [n1, x2]}")),
                        post(THINGS, thing("a", ", spec: {low: 2, high: 3, fixed: a, names: [n1]}"))
                                .only("kind"),
                        merge(THING, "{spec: {fixed: b}}"),
                        merge(THING, "{spec: {fixed: null}}").only("kind", "spec"),
                        merge(THING, "{spec: {fixed: c}}").only("kind", "spec"),
                        merge(THING, "{spec: {low: 1}}")),
                probe(
                        "a rule that may cost too much is refused",
                        post(
                                DEFINITIONS + "?dryRun=All",
                                definition(
                                        "{type: object, properties: {a: {type: array, items: {type: array, items: {type: string}}}}, x-kubernetes-validations: [{rule: 'self.a.all(x, x.all(y, self.a.all(z, z.all(w, w == y))))'}]}",
                                        ""))),
                defined(
                        "the status of a thing is written apart",
                        OPEN,
                        "subresources: {status: {}},",
                        post(THINGS, thing("a", ", spec: {x: 1}, status: {y: 1}")),
                        put(THING + "/status", thing("a", ", spec: {x: 2}, status: {y: 2}")),
                        merge(THING, "{spec: {x: 3}, status: {y: 3}}"),
                        merge(THING + "/status", "{metadata: {labels: {a: b}}, spec: {x: 4}, status: {y: 4}}"),
                        apply(
                                "one",
                                THING + "/status",
                                "{apiVersion: '{id}.test/v1', kind: Thing, metadata: {name: a}, status: {z: 1}}"),
                        get(THING + "/status"),
                        get(THING + "/scale")),
                defined(
                        "without subresources the status is like any field",
                        OPEN,
                        "",
                        post(THINGS, thing("a", ", spec: {x: 1}, status: {y: 1}")),
                        merge(THING, "{status: {y: 2}}"),
                        merge(THING, "{metadata: {labels: {a: b}}}"),
                        merge(THING + "/status", "{status: {y: 2}}")),
                defined(
                        "a thing is scaled",
                        OPEN,
                        "subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.size, labelSelectorPath: .status.selector}},",
                        post(THINGS, thing("b", "")).only("kind"),
                        get(THINGS + "/b/scale"),
                        post(THINGS, thing("a", ", spec: {replicas: 1}")).only("kind"),
                        get(THING + "/scale"),
                        merge(THING + "/scale", "{spec: {replicas: 4}}"),
                        get(THING).only("spec", "metadata.managedFields", "metadata.generation"),
                        merge(THING + "/status", "{status: {size: 2, selector: 'a=b'}}")
                                .only("status"),
                        get(THING + "/scale"),
                        put(
                                THING + "/scale",
                                "{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: a}, spec: {replicas: 1}}"),
                        merge(THING + "/scale", "{spec: {replicas: -1}}"),
                        get(THING).only("spec", "metadata.managedFields", "metadata.generation")),
                defined(
                        "a thing is applied",
                        "{type: object, properties: {a: {type: string}, b: {type: string}, atomic: {type: array, items: {type: string}}, set: {type: array, x-kubernetes-list-type: set, items: {type: string}}, map: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: {type: object, required: [k], properties: {k: {type: string}, v: {type: string}}}}, one: {type: object, x-kubernetes-map-type: atomic, properties: {x: {type: string}, y: {type: string}}}}}",
                        "",
                        apply(
                                "one",
                                THING,
                                "{apiVersion: '{id}.test/v1', kind: Thing, metadata: {name: a}, spec: {a: x, atomic: [p], set: [s], map: [{k: m, v: w}], one: {x: q}}}"),
                        apply(
                                "two",
                                THING,
                                "{apiVersion: '{id}.test/v1', kind: Thing, metadata: {name: a}, spec: {b: w, set: [t], map: [{k: o}]}}"),
                        apply(
                                "two",
                                THING,
                                "{apiVersion: '{id}.test/v1', kind: Thing, metadata: {name: a}, spec: {a: z, atomic: [r], one: {x: r}}}"),
                        apply(
                                "two",
                                THING + "?force=true",
                                "{apiVersion: '{id}.test/v1', kind: Thing, metadata: {name: a}, spec: {a: z, atomic: [r], one: {x: r}}}"),
                        apply(
                                "one",
                                THING,
                                "{apiVersion: '{id}.test/v1', kind: Thing, metadata: {name: a}, spec: {set: [s]}}"),
                        apply(
                                "one",
                                THING,
                                "{apiVersion: '{id}.test/v1', kind: Thing, metadata: {name: a}, spec: {odd: 1}}"),
                        strategic(THING, "{spec: {a: b}}"),
                        jsonPatch(THING, "[{op: add, path: /spec/set/-, value: last}]")
                                .only("spec")),
                defined(
                        "a watch of things",
                        "{type: object, properties: {a: {type: string}}}",
                        "",
                        watch(
                                THINGS + "?watch=true",
                                3,
                                post(THINGS, thing("a", ", spec: {a: x}")).only("kind"),
                                merge(THING, "{spec: {a: y}}").only("kind"),
                                delete(THING))),
                defined(
                        "two versions of a thing",
                        "{type: object, properties: {a: {type: string}}}",
                        "",
                        get(DEFINITION)
                                .keep("version", "metadata.resourceVersion")
                                .only("kind"),
                        jsonPatch(
                                        DEFINITION,
                                        "[{op: add, path: /spec/versions/-, value: {name: v2, served: true, storage: false, deprecated: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true}}}}}}]")
                                .only("kind", "message", "spec.versions"),
                        until(
                                post(THINGS, thing("a", ", spec: {a: x}")).only("kind"),
                                json -> json.at("kind").string("").equals("Thing")),
                        until(
                                get("/apis/{id}.test/v2/namespaces/{ns}/things/a")
                                        .except("metadata.managedFields", "metadata.resourceVersion"),
                                json -> json.at("kind").string("").equals("Thing")),
                        get("/apis/{id}.test/v3/namespaces/{ns}/things/a")),
                defined(
                        "things go with their definition",
                        OPEN,
                        "",
                        post(THINGS, thing("a", "")).only("kind"),
                        delete(DEFINITION).only("kind", "status"),
                        gone(DEFINITION),
                        until(
                                get(THINGS),
                                json -> json.at("code").integer(0) == 404
                                        || !json.asString().orElse("").isEmpty())));
    }
}
