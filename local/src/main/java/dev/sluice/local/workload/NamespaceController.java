package dev.sluice.local.workload;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Gives each namespace its default ServiceAccount, and empties a namespace that is deleted before it lets it go.
final class NamespaceController {
    private static final Duration SETTLE = Duration.ofMillis(5);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

    private final World world;
    private final Gateway gateway;
    private final Kinds kinds;
    private final Cache namespaces;
    private final Worker worker;

    NamespaceController(World world, Gateway gateway, Kinds kinds) {
        this.world = world;
        this.gateway = gateway;
        this.kinds = kinds;
        this.namespaces = world.cache(ResourceType.NAMESPACES);
        var accounts = world.cache(Kinds.SERVICE_ACCOUNTS);
        this.worker = new Worker("namespace", world.time(), SETTLE, this::reconcile);
        namespaces.listen((_, after) -> after.ifPresent(namespace -> worker.add(Key.of(namespace))));
        accounts.listen((before, after) -> {
            if (after.isEmpty()) before.ifPresent(account -> worker.add(new Key("", Meta.namespace(account))));
        });
    }

    Worker worker() {
        return worker;
    }

    private Outcome reconcile(Key key) {
        var found = namespaces.get(key);
        if (found.isEmpty()) return Outcome.settled();
        return Meta.deleting(found.get()) ? empty(found.get()) : account(key.name());
    }

    private Outcome account(String namespace) {
        var accounts = world.cache(Kinds.SERVICE_ACCOUNTS);
        if (!accounts.synced()) return new Outcome.Again(world.now().plus(LOOK_AGAIN));
        if (accounts.get(new Key(namespace, "default")).isPresent()) return Outcome.settled();
        var reply = world.create(
                Kinds.SERVICE_ACCOUNTS,
                Json.obj(
                        "apiVersion", "v1",
                        "kind", "ServiceAccount",
                        "metadata", Json.obj("name", "default", "namespace", namespace)));
        return reply instanceof Reply.Refused refused && (refused.alreadyExists() || refused.code() == 403)
                ? Outcome.settled()
                : Outcome.of(reply);
    }

    /// Deletes what is left, kind by kind, and looks again until nothing is; then takes the finalizer away, and with it
    /// the namespace.
    private Outcome empty(Json.Obj namespace) {
        var name = Meta.name(namespace);
        var left = new TreeMap<String, Integer>();
        var held = new TreeMap<String, Integer>();
        var troubles = new ArrayList<String>();
        for (var type : kinds.namespaced()) {
            var reply = gateway.send(new Request.List(Selection.in(type, name)));
            if (reply instanceof Reply.Refused refused && refused.notFound()) continue;
            if (!(reply instanceof Reply.Done(var list))) {
                troubles.add(type + ": " + Outcome.of(reply));
                continue;
            }
            for (var item : list.at("items").items()) {
                left.merge(type.toString(), 1, Integer::sum);
                Meta.finalizers(item).forEach(finalizer -> held.merge(finalizer, 1, Integer::sum));
                if (Meta.deleting(item)) continue;
                var deleted = world.delete(type, item.obj(), "Background");
                if (Outcome.of(deleted) instanceof Outcome.Failed(var why)) troubles.add(type + ": " + why);
            }
        }
        if (left.isEmpty() && troubles.isEmpty()) return release(namespace);
        var status = status(namespace, left, held, troubles);
        world.updateStatus(ResourceType.NAMESPACES, namespace, status);
        return new Outcome.Again(world.now().plus(LOOK_AGAIN));
    }

    private Outcome release(Json.Obj namespace) {
        if (namespace.at("spec", "finalizers").items().isEmpty()) return Outcome.settled();
        var reply = gateway.send(new Request.Patch(
                ObjectRef.of(ResourceType.NAMESPACES, namespace).sub("finalize"),
                PatchType.MERGE,
                Json.obj(
                        "metadata", Json.obj("resourceVersion", namespace.at("metadata", "resourceVersion")),
                        "spec", Json.obj("finalizers", List.of()))));
        return Outcome.of(reply);
    }

    private Json.Obj status(
            Json.Obj namespace, Map<String, Integer> left, Map<String, Integer> held, List<String> troubles) {
        var conditions = namespace.at("status", "conditions");
        var content = new ArrayList<String>();
        left.forEach((type, count) -> content.add(type + " has " + count + " resource instances"));
        var finalizers = new ArrayList<String>();
        held.forEach((finalizer, count) -> finalizers.add(finalizer + " in " + count + " resource instances"));
        conditions = Conditions.with(
                conditions,
                Conditions.condition(
                        conditions,
                        "NamespaceDeletionContentFailure",
                        !troubles.isEmpty(),
                        troubles.isEmpty() ? "ContentDeleted" : "ContentDeletionFailed",
                        troubles.isEmpty()
                                ? "All content successfully deleted, may be waiting on finalization"
                                : String.join("; ", troubles.subList(0, Math.min(5, troubles.size()))),
                        world.now()));
        conditions = Conditions.with(
                conditions,
                Conditions.condition(
                        conditions,
                        "NamespaceContentRemaining",
                        !content.isEmpty(),
                        content.isEmpty() ? "ContentRemoved" : "SomeResourcesRemain",
                        content.isEmpty()
                                ? "All content successfully removed"
                                : "Some resources are remaining: " + String.join(", ", content),
                        world.now()));
        conditions = Conditions.with(
                conditions,
                Conditions.condition(
                        conditions,
                        "NamespaceFinalizersRemaining",
                        !finalizers.isEmpty(),
                        finalizers.isEmpty() ? "ContentHasNoFinalizers" : "SomeFinalizersRemain",
                        finalizers.isEmpty()
                                ? "All content-preserving finalizers finished"
                                : "Some content in the namespace has finalizers remaining: "
                                        + String.join(", ", finalizers),
                        world.now()));
        return namespace.at("status").obj().with("phase", "Terminating").with("conditions", conditions);
    }
}
