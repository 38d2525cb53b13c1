package dev.sluice.local.schema;

import dev.sluice.json.Json;

/// Objects that the tests of this package share.
final class Samples {
    private Samples() {}

    /// JSON with single quotes, which Java text holds more easily.
    static Json.Obj json(String text) {
        return Json.parse(text.replace('\'', '"')).obj();
    }

    static KindSchema kind(String group, String version, String kind) {
        return Schemas.builtIn().find(group, version, kind).orElseThrow();
    }

    static KindSchema deployments() {
        return kind("apps", "v1", "Deployment");
    }

    static KindSchema pods() {
        return kind("", "v1", "Pod");
    }

    static KindSchema services() {
        return kind("", "v1", "Service");
    }

    static Json.Obj deployment() {
        return json("""
                {'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','namespace':'shop'},
                 'spec':{'replicas':3,'selector':{'matchLabels':{'app':'web'}},
                  'template':{'metadata':{'labels':{'app':'web'}},
                   'spec':{'containers':[{'name':'web','image':'web:1','ports':[{'containerPort':8080}]}]}}}}""");
    }

    /// As the server stores it.
    static Json.Obj stored(KindSchema kind, Json.Obj object) {
        return Defaults.apply(kind, Pruning.prune(kind, object));
    }
}
