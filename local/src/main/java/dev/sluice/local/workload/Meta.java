package dev.sluice.local.workload;

import dev.sluice.cluster.ResourceType;
import dev.sluice.format.Rfc3339;
import dev.sluice.json.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What `metadata` says of an object, and the forms in which it is written.
final class Meta {
    private Meta() {}

    /// Older first; at the same second by name, so that the order is total.
    static final Comparator<Json> BY_AGE =
            Comparator.comparing(Meta::created).thenComparing(Meta::namespace).thenComparing(Meta::name);

    static String name(Json object) {
        return object.at("metadata", "name").string("");
    }

    static String namespace(Json object) {
        return object.at("metadata", "namespace").string("");
    }

    static String uid(Json object) {
        return object.at("metadata", "uid").string("");
    }

    static Map<String, String> labels(Json object) {
        return object.at("metadata", "labels").strings();
    }

    static Optional<String> annotation(Json object, String name) {
        return object.at("metadata", "annotations", name).asString();
    }

    static boolean deleting(Json object) {
        return !object.at("metadata", "deletionTimestamp").isNull();
    }

    static Instant created(Json object) {
        return instant(object.at("metadata", "creationTimestamp")).orElse(Instant.MAX);
    }

    static long generation(Json object) {
        return object.at("metadata", "generation").asLong().orElse(0L);
    }

    /// The resource version as a number; it grows with every write, also between kinds.
    static long version(Json object) {
        var text = object.at("metadata", "resourceVersion").string("");
        if (text.length() > 18) return 0;
        long version = 0;
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') return 0;
            version = version * 10 + (digit - '0');
        }
        return version;
    }

    static List<String> finalizers(Json object) {
        return object.at("metadata", "finalizers").items().stream()
                .flatMap(item -> item.asString().stream())
                .toList();
    }

    static Json.Obj withoutFinalizer(Json.Obj object, String finalizer) {
        var rest = new ArrayList<>(finalizers(object));
        rest.remove(finalizer);
        return object.withAt(List.of("metadata", "finalizers"), rest);
    }

    static List<Json> owners(Json object) {
        return object.at("metadata", "ownerReferences").items();
    }

    /// The one owner that is responsible for the object.
    static Optional<Json> controller(Json object) {
        return owners(object).stream()
                .filter(owner -> owner.at("controller").bool(false))
                .findFirst();
    }

    /// The uid of the controller, empty where there is none.
    static String controllerUid(Json object) {
        return controller(object).map(owner -> owner.at("uid").string("")).orElse("");
    }

    static boolean controlledBy(Json object, Json owner) {
        return controllerUid(object).equals(uid(owner));
    }

    /// The reference by which `owner` controls an object.
    static Json.Obj ownerReference(ResourceType type, Json owner) {
        return Json.obj(
                "apiVersion", type.apiVersion(),
                "kind", type.kind(),
                "name", name(owner),
                "uid", uid(owner),
                "controller", true,
                "blockOwnerDeletion", true);
    }

    /// A reference as events and endpoints have it.
    static Json.Obj reference(ResourceType type, Json object) {
        var reference = Json.obj("kind", type.kind());
        if (type.namespaced()) reference = reference.with("namespace", namespace(object));
        return reference.with("name", name(object)).with("uid", uid(object));
    }

    /// `2026-11-21T09:30:00Z`: whole seconds, as `metav1.Time` has them.
    static String stamp(Instant instant) {
        return Rfc3339.seconds(instant);
    }

    static Optional<Instant> instant(Json stamp) {
        try {
            return stamp.asString().map(Rfc3339::instant);
        } catch (DateTimeException noStamp) {
            return Optional.empty();
        }
    }
}
