package dev.sluice.local.api;

import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.local.api.Served.Trait;
import dev.sluice.spi.Time;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// The verbs on stored objects. Each is done whole or not at all, under the lock of [ApiServer].
final class Objects {
    /// The finalizers by which the garbage collector is told how to treat dependents.
    static final String FOREGROUND = "foregroundDeletion";

    static final String ORPHAN = "orphan";
    private static final String CRDS = ResourceType.CRDS.toString();

    private final Store store;
    private final Names names;
    private final Time time;
    private final Content content;
    private final Placement placement;
    private final Admission admission;
    private final Kinds kinds;

    Objects(Store store, Placement placement, Names names, Time time, Content content, Kinds kinds) {
        this.store = store;
        this.names = names;
        this.time = time;
        this.content = content;
        this.placement = placement;
        this.admission = new Admission(store);
        this.kinds = kinds;
    }

    /// Serves what a CustomResourceDefinition says, from now on or no longer.
    interface Kinds {
        void serve(Json.Obj definition);

        void withdraw(Json.Obj definition);
    }

    // ---------------------------------------------------------------- reading

    Json.Obj get(Served served, String namespace, String name) {
        return shown(served, stored(served, namespace, name));
    }

    Optional<Json.Obj> find(Served served, String namespace, String name) {
        return store.get(served.collection(), new Store.Key(namespace, name)).map(object -> shown(served, object));
    }

    private Json.Obj stored(Served served, String namespace, String name) {
        return store.get(served.collection(), new Store.Key(namespace, name))
                .orElseThrow(() -> Failure.notFound(served, name));
    }

    /// An object of a custom kind in the version that was asked for (conversion `None`).
    Json.Obj shown(Served served, Json.Obj object) {
        if (served.builtIn()
                || object.at("apiVersion").string("").equals(served.type().apiVersion())) return object;
        return object.with("apiVersion", served.type().apiVersion());
    }

    /// The part of a collection that a list, a watch or a deletecollection is about.
    record Part(String namespace, Predicate<Json.Obj> selected, boolean everything) {
        boolean holds(Store.Key key) {
            return namespace.isEmpty() || key.namespace().equals(namespace);
        }
    }

    static Part part(Served served, String namespace, String name, ApiRequest request) {
        var fields = FieldSelector.parse(served, request.query("fieldSelector"));
        var text = request.query("labelSelector");
        LabelSelector labels;
        try {
            labels = LabelSelector.parse(text);
            for (var requirement : labels.requirements()) {
                Metadata.key(requirement.key()).ifPresent(wrong -> {
                    throw Failure.badRequest("unable to parse requirement: " + wrong.sentence());
                });
            }
        } catch (IllegalArgumentException malformed) {
            throw Failure.badRequest("unable to parse requirement: " + malformed.getMessage());
        }
        boolean everything = text.isBlank() && fields.terms().isEmpty() && name.isEmpty();
        return new Part(
                namespace,
                object -> (name.isEmpty() || Metadata.name(object).equals(name))
                        && (fields.terms().isEmpty() || fields.test(object))
                        && (labels.requirements().isEmpty() || labels.matches(object)),
                everything);
    }

    /// A page of a list.
    record Page(List<Json.Obj> items, long revision, String next, long remaining) {
        Json.Obj metadata() {
            var metadata = Json.obj("resourceVersion", Long.toString(revision));
            if (next.isEmpty()) return metadata;
            metadata = metadata.with("continue", next);
            return remaining > 0 ? metadata.with("remainingItemCount", remaining) : metadata;
        }
    }

    /// What is wrong with the options of a list or watch taken together.
    private static void requireConsistent(ApiRequest request, boolean watch) {
        var match = request.query("resourceVersionMatch");
        boolean initial = request.query().containsKey("sendInitialEvents");
        var causes = new ArrayList<Failure.Cause>();
        if (watch) {
            if (initial && !match.equals("NotOlderThan")) {
                causes.add(Failure.Cause.forbidden(
                        "resourceVersionMatch",
                        "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
            } else if (!initial && !match.isEmpty()) {
                causes.add(Failure.Cause.forbidden(
                        "resourceVersionMatch",
                        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
            }
        } else if (initial) {
            causes.add(Failure.Cause.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
        } else if (!match.isEmpty() && request.query("resourceVersion").isEmpty()) {
            causes.add(Failure.Cause.forbidden(
                    "resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided"));
        } else if (!List.of("", "Exact", "NotOlderThan").contains(match)) {
            causes.add(new Failure.Cause(
                    "resourceVersionMatch",
                    "FieldValueNotSupported",
                    "Unsupported value: \"" + match + "\": supported values: \"Exact\", \"NotOlderThan\", \"\""));
        }
        if (!causes.isEmpty()) throw Failure.invalid("meta.k8s.io", "ListOptions", "", causes);
    }

    Page list(Served served, Part part, ApiRequest request) {
        requireConsistent(request, false);
        long limit = number(request, "limit").orElse(0L);
        long at = store.revision();
        Optional<Store.Key> after = Optional.empty();
        var token = request.query("continue");
        var version = request.query("resourceVersion");
        if (!token.isEmpty()) {
            if (!version.isEmpty() && !version.equals("0")) {
                throw Failure.badRequest("specifying resource version is not allowed when using continue");
            }
            var from = Continue.parse(token);
            if (from.revision() < store.oldest()) {
                throw Failure.expired("The provided continue parameter is too old to display a consistent list result."
                        + " You can start a new list without the continue parameter.");
            }
            at = from.revision();
            after = Optional.of(from.last());
        } else if (!version.isEmpty() && !version.equals("0")) {
            long asked = revision(version);
            if (asked > store.revision()) throw Failure.resourceVersionTooLarge(asked, store.revision());
            if (request.query("resourceVersionMatch").equals("Exact")) {
                if (asked < store.oldest())
                    throw Failure.expired("The resourceVersion for the provided list is too old.");
                at = asked;
            }
        }
        var objects = store.objectsAt(served.collection(), at);
        if (after.isPresent()) objects = objects.tailMap(after.get(), false);
        var items = new ArrayList<Json.Obj>();
        Optional<Store.Key> last = Optional.empty();
        long remaining = 0;
        for (var entry : objects.entrySet()) {
            if (!part.holds(entry.getKey())) continue;
            if (limit > 0 && items.size() >= limit && remaining > 0 && !part.everything()) break;
            if (!part.selected().test(entry.getValue())) continue;
            if (limit > 0 && items.size() >= limit) {
                remaining++;
                continue;
            }
            items.add(shown(served, entry.getValue()));
            last = Optional.of(entry.getKey());
        }
        var next = remaining > 0 ? new Continue(at, last.orElseThrow()).token() : "";
        return new Page(items, at, next, part.everything() ? remaining : 0);
    }

    /// Where a paged list goes on: the revision it is of, and the last object that was sent.
    record Continue(long revision, Store.Key last) {
        String token() {
            var start = last.namespace() + "/" + last.name();
            var json = Json.obj("v", "meta.k8s.io/v1", "rv", revision, "start", start)
                    .text();
            return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
        }

        static Continue parse(String token) {
            try {
                var json = Json.parse(Base64.getUrlDecoder().decode(token));
                var start = json.at("start").asString().orElseThrow();
                int slash = start.indexOf('/');
                return new Continue(
                        json.at("rv").asLong().orElseThrow(),
                        new Store.Key(start.substring(0, slash), start.substring(slash + 1)));
            } catch (RuntimeException malformed) {
                throw Failure.badRequest("continue key is not valid: " + malformed.getMessage());
            }
        }
    }

    static long revision(String version) {
        try {
            long revision = Long.parseLong(version);
            if (revision >= 0) return revision;
        } catch (NumberFormatException noNumber) {
            // Falls through to the refusal.
        }
        throw Failure.badRequest("invalid resource version: resourceVersion: Invalid value: \"" + version
                + "\": strconv.ParseUint: parsing \"" + version + "\": invalid syntax");
    }

    /// Watches answer what is no version in their own way.
    private static long watched(String version) {
        try {
            return revision(version);
        } catch (Failure none) {
            var message = none.status().at("message").string("");
            throw Failure.internal(message.substring(message.indexOf(": ") + 2));
        }
    }

    static Optional<Long> number(ApiRequest request, String parameter) {
        var text = request.query(parameter);
        if (text.isEmpty()) return Optional.empty();
        try {
            return Optional.of(Long.parseLong(text));
        } catch (NumberFormatException noNumber) {
            throw Failure.badRequest("strconv.ParseInt: parsing \"" + text + "\": invalid syntax");
        }
    }

    /// Opens a watch: what is there (unless a revision says from where), then what comes.
    ///
    /// @throws Failure 400 for options that contradict each other
    Feed watch(Served served, Part part, ApiRequest request, Consumer<Feed> release) {
        var version = request.query("resourceVersion");
        boolean list = request.flag("sendInitialEvents");
        requireConsistent(request, true);
        number(request, "timeoutSeconds");
        long asked = version.isEmpty() ? 0 : watched(version);
        var replay = new ArrayList<Feed.Event>();
        Predicate<Store.Change> about = change -> part.holds(change.key());
        if (list || asked == 0) {
            if (asked > store.revision()) throw Failure.resourceVersionTooLarge(asked, store.revision());
            store.objects(served.collection()).forEach((key, object) -> {
                if (part.holds(key) && part.selected().test(object)) {
                    replay.add(new Feed.Event(Feed.Type.ADDED, object));
                }
            });
            if (list && request.flag("allowWatchBookmarks")) {
                replay.add(bookmark(served, store.revision(), Json.obj("k8s.io/initial-events-end", "true")));
            }
        } else if (asked < store.oldest()) {
            replay.add(new Feed.Event(
                    Feed.Type.ERROR,
                    Failure.expired("too old resource version: " + asked + " (" + store.oldest() + ")")
                            .status()));
        } else {
            for (var change : store.since(served.collection(), asked)) {
                Feed.translate(change, about, part.selected()).ifPresent(replay::add);
            }
        }
        var feed = new Feed(about, part.selected(), replay, Math.max(asked, store.revision()), release);
        boolean refused = !replay.isEmpty() && replay.getFirst().type() == Feed.Type.ERROR;
        if (refused) feed.end(Optional.empty());
        else store.attach(served.collection(), feed);
        return feed;
    }

    /// Says that everything up to a revision has been sent.
    static Feed.Event bookmark(Served served, long revision, Json.Obj annotations) {
        var metadata = Json.obj("resourceVersion", Long.toString(revision));
        if (!annotations.isEmpty()) metadata = metadata.with("annotations", annotations);
        return new Feed.Event(
                Feed.Type.BOOKMARK,
                Json.obj(
                        "kind",
                        served.type().kind(),
                        "apiVersion",
                        served.type().apiVersion(),
                        "metadata",
                        metadata));
    }

    // ---------------------------------------------------------------- writing

    /// Makes an object.
    Json.Obj create(Served served, String namespace, Json.Obj body, WriteOptions options) {
        var read = content.read(served, body, options, Optional.empty());
        if (!Metadata.resourceVersion(read).isEmpty()) {
            throw Failure.internal("resourceVersion should not be set on objects to be created");
        }
        var name = Metadata.name(read);
        var prefix = read.at("metadata", "generateName").string("");
        if (name.isEmpty() && !prefix.isEmpty()) name = freeName(served, namespace, prefix);
        requireOpenNamespace(served, namespace, name);
        requireOpenDefinition(served);
        var object = Metadata.created(served, read, namespace, name, names.uid(), time.now());
        object = content.defaulted(served, object, Optional.empty());
        // Nobody owns what the server adds from here on.
        var owned = content.managed(served, Optional.empty(), object, options, "", time.now());
        object = Lifecycle.created(served, object);
        object = placement.created(served, object);
        if (served.is(ResourceType.PODS)) object = admission.pod(object, namespace);
        if (served.is(ResourceType.CRDS)) object = Definitions.accepted(object, time.now());
        var causes = new ArrayList<>(Metadata.problems(served, object));
        causes.addAll(content.problems(served, object, Optional.empty()));
        causes.addAll(Scales.problems(served, object));
        if (causes.isEmpty()) causes.addAll(placement.problems(served, read));
        if (!causes.isEmpty()) throw Failure.invalid(served, name, causes);
        var key = new Store.Key(namespace, name);
        if (store.get(served.collection(), key).isPresent()) throw Failure.alreadyExists(served, name);
        object = Metadata.withManagedFields(object, owned);
        return options.dryRun() ? object : written(served, store.put(served.collection(), key, object));
    }

    /// Nothing new of a kind whose definition is on its way out.
    private void requireOpenDefinition(Served served) {
        if (served.builtIn()) return;
        var definition = definition(served);
        if (definition.isPresent() && Metadata.deleting(definition.get())) {
            throw Failure.terminating();
        }
    }

    private Optional<Json.Obj> definition(Served served) {
        return store.get(
                CRDS,
                new Store.Key("", served.custom().map(Served.Custom::definition).orElse("")));
    }

    private String freeName(Served served, String namespace, String prefix) {
        // Kubernetes tries eight times; here nobody else writes meanwhile, so looking is enough.
        for (int i = 0; i < 8; i++) {
            var name = names.generated(prefix);
            if (store.get(served.collection(), new Store.Key(namespace, name)).isEmpty()) return name;
        }
        throw Failure.alreadyExists(served, prefix);
    }

    private void requireOpenNamespace(Served served, String namespace, String name) {
        if (namespace.isEmpty()) return;
        var found = store.get("namespaces", new Store.Key("", namespace));
        if (found.isEmpty()) throw Failure.namespaceNotFound(namespace);
        if (Metadata.deleting(found.get())) {
            throw Failure.forbidden(
                    served,
                    name,
                    "unable to create new content in namespace " + namespace + " because it is being terminated",
                    List.of(new Failure.Cause(
                            "metadata.namespace",
                            "NamespaceTerminating",
                            "namespace " + namespace + " is being terminated")));
        }
    }

    /// Replaces an object by PUT.
    ///
    /// @return the object, and whether it is new
    Written replace(
            Served served, String namespace, String name, String subresource, Json.Obj body, WriteOptions options) {
        var named = Metadata.name(body);
        if (!named.isEmpty() && !named.equals(name)) {
            throw Failure.badRequest(
                    "the name of the object (" + named + ") does not match the name on the URL (" + name + ")");
        }
        var read = content.read(served, body, options, Optional.empty());
        var old = store.get(served.collection(), new Store.Key(namespace, name));
        if (old.isEmpty() && served.has(Trait.CREATE_ON_UPDATE) && subresource.isEmpty()) {
            var fresh = read.withoutAt(List.of("metadata", "resourceVersion"));
            return new Written(create(served, namespace, fresh, options), true);
        }
        if (old.isEmpty()) throw Failure.notFound(served, name);
        if (named.isEmpty()) read = read.withAt(List.of("metadata", "name"), name);
        if (!namespace.isEmpty()) read = read.withAt(List.of("metadata", "namespace"), namespace);
        if (Metadata.resourceVersion(read).isEmpty() && !served.has(Trait.UNCONDITIONAL_UPDATE)) {
            throw Failure.unconditional(served, name);
        }
        return new Written(update(served, old.get(), read, subresource, true, options), false);
    }

    record Written(Json.Obj object, boolean created) {}

    /// Changes an object by a function of what is stored: the way of patches and of subresources.
    Json.Obj change(
            Served served,
            String namespace,
            String name,
            String subresource,
            WriteOptions options,
            UnaryOperator<Json.Obj> patch) {
        var old = stored(served, namespace, name);
        return update(served, old, patch.apply(shown(served, old)), subresource, false, options);
    }

    /// @param replacing a PUT, which is meant for the object with the uid that it names
    private Json.Obj update(
            Served served,
            Json.Obj old,
            Json.Obj candidate,
            String subresource,
            boolean replacing,
            WriteOptions options) {
        var name = Metadata.name(old);
        var version = Metadata.resourceVersion(candidate);
        var uid = candidate.at("metadata", "uid").string("");
        var oldUid = old.at("metadata", "uid").string("");
        if (replacing && !uid.isEmpty() && !uid.equals(oldUid)) {
            throw Failure.conflict(
                    served,
                    name,
                    "StorageError: invalid object, Code: 4, Key: /registry/"
                            + served.type().plural() + "/"
                            + Metadata.namespace(old) + "/" + name
                            + ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: "
                            + uid
                            + ", UID in object meta: " + oldUid);
        }
        if (!version.isEmpty() && !version.equals(Metadata.resourceVersion(old))) throw Failure.stale(served, name);
        var object = Metadata.updated(content.defaulted(served, candidate, Optional.of(old)), old);
        // Nobody owns what the server changes from here on.
        var owned = content.managed(served, Optional.of(old), object, options, subresource, time.now());
        object = switch (subresource) {
            case "status" -> Lifecycle.statusUpdated(served, object, old);
            case "finalize" -> old.withAt(List.of("spec", "finalizers"), object.at("spec", "finalizers"));
            case "binding" -> object;
            default -> placement.updated(served, Lifecycle.updated(served, object, old), old);
        };
        if (served.is(ResourceType.CRDS)) object = Definitions.accepted(object, time.now());
        var causes = new ArrayList<>(Metadata.problems(served, object, old, candidate));
        // A pod's node is not to be changed, but by a binding.
        if (!subresource.equals("binding")) causes.addAll(content.problems(served, object, Optional.of(old)));
        causes.addAll(Scales.problems(served, object));
        if (!causes.isEmpty()) throw Failure.invalid(served, name, causes);
        object = Metadata.withManagedFields(object, owned);
        if (object.equals(old)) return shown(served, old);
        if (options.dryRun()) return shown(served, object);
        var key = new Store.Key(Metadata.namespace(old), name);
        if (finished(served, object)) {
            // The last state that watchers see is the one before; the answer is what was asked for.
            removed(served, store.remove(served.collection(), key, old));
            return shown(served, object);
        }
        return shown(served, written(served, store.put(served.collection(), key, object)));
    }

    /// Whether an object that is being deleted has nothing left to wait for.
    private static boolean finished(Served served, Json.Obj object) {
        return Metadata.deleting(object)
                && Metadata.finalizers(object).isEmpty()
                && object.at("metadata", "deletionGracePeriodSeconds").integer(0) == 0
                && (!served.is(ResourceType.NAMESPACES)
                        || object.at("spec", "finalizers").items().isEmpty());
    }

    // ---------------------------------------------------------------- deleting

    /// What a delete asks for.
    record DeleteOptions(
            Optional<String> uid,
            Optional<String> resourceVersion,
            Optional<Long> grace,
            Optional<String> propagation,
            boolean dryRun) {}

    /// An object that was deleted, or whose deletion has begun.
    record Deleted(Json.Obj object, boolean gone) {}

    Deleted delete(Served served, String namespace, String name, DeleteOptions options) {
        var old = stored(served, namespace, name);
        var metadata = Metadata.of(old);
        options.uid().filter(uid -> !uid.equals(metadata.at("uid").string(""))).ifPresent(uid -> {
            throw Failure.precondition(
                    served,
                    name,
                    "the UID in the precondition (" + uid + ") does not match the UID in record ("
                            + metadata.at("uid").string("")
                            + "). The object might have been deleted and then recreated");
        });
        options.resourceVersion()
                .filter(version ->
                        !version.equals(metadata.at("resourceVersion").string("")))
                .ifPresent(version -> {
                    throw Failure.precondition(
                            served,
                            name,
                            "the ResourceVersion in the precondition (" + version
                                    + ") does not match the ResourceVersion in record ("
                                    + metadata.at("resourceVersion").string("")
                                    + "). The object might have been modified");
                });
        long grace = graceSeconds(served, old, options.grace());
        var finalizers = finalizers(Metadata.finalizers(old), options.propagation());
        var object = old;
        if (served.is(ResourceType.CRDS) && !Metadata.deleting(old)) {
            // The objects of the kind go first.
            if (!finalizers.contains(Definitions.CLEANUP)) finalizers.add(Definitions.CLEANUP);
            object = Definitions.terminating(old, time.now());
        }
        object = Metadata.withFinalizers(object, finalizers);
        boolean waits = !finalizers.isEmpty()
                || grace > 0
                || (served.is(ResourceType.NAMESPACES)
                        && !old.at("spec", "finalizers").items().isEmpty());
        if (Metadata.deleting(old)) {
            // Under way already: a later delete can only shorten the grace, or change what becomes of dependents.
            long before = metadata.at("deletionGracePeriodSeconds").integer(0);
            if (grace < before) {
                // The stamp says when the grace ends; it moves with it.
                var ends = Metadata.instant(metadata.at("deletionTimestamp")).orElseGet(time::now);
                object = object.with(
                        "metadata",
                        Metadata.of(object)
                                .with("deletionGracePeriodSeconds", grace)
                                .with("deletionTimestamp", Metadata.stamp(ends.minusSeconds(before - grace))));
            }
        } else if (waits || served.is(ResourceType.PODS)) {
            object = Lifecycle.deleting(object, Metadata.stamp(time.now().plusSeconds(grace)), grace);
        }
        boolean gone = !waits;
        if (options.dryRun()) return new Deleted(shown(served, object), gone);
        var key = new Store.Key(namespace, name);
        if (gone)
            return new Deleted(shown(served, removed(served, store.remove(served.collection(), key, object))), true);
        if (object.equals(old)) return new Deleted(shown(served, old), false);
        return new Deleted(shown(served, written(served, store.put(served.collection(), key, object))), false);
    }

    /// Only pods have a grace, and only those that may be running somewhere.
    private static long graceSeconds(Served served, Json.Obj object, Optional<Long> asked) {
        if (!served.is(ResourceType.PODS)) return 0;
        var phase = object.at("status", "phase").string("");
        if (object.at("spec", "nodeName").string("").isEmpty() || phase.equals("Failed") || phase.equals("Succeeded")) {
            return 0;
        }
        long own = object.at("spec", "terminationGracePeriodSeconds").asLong().orElse(30L);
        long grace = asked.orElse(own);
        return grace < 0 ? 1 : grace;
    }

    private static List<String> finalizers(List<String> old, Optional<String> propagation) {
        var finalizers = new ArrayList<>(old);
        if (propagation.isEmpty()) return finalizers;
        finalizers.removeAll(List.of(FOREGROUND, ORPHAN));
        switch (propagation.get()) {
            case "Foreground" -> finalizers.add(FOREGROUND);
            case "Orphan" -> finalizers.add(ORPHAN);
            default -> {}
        }
        return finalizers;
    }

    // ---------------------------------------------------------------- consequences

    private Json.Obj written(Served served, Json.Obj object) {
        if (!served.is(ResourceType.CRDS)) return object;
        kinds.serve(object);
        if (Metadata.deleting(object)) empty(object);
        return object;
    }

    private Json.Obj removed(Served served, Json.Obj object) {
        if (served.is(ResourceType.CRDS)) kinds.withdraw(object);
        else if (!served.builtIn()) {
            definition(served).filter(Metadata::deleting).ifPresent(this::finish);
        }
        return object;
    }

    /// Deletes all objects of a definition that is being deleted; what has finalizers goes later.
    private void empty(Json.Obj definition) {
        var any = Definitions.served(definition, true).stream().findFirst();
        if (any.isPresent()) {
            var options =
                    new DeleteOptions(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false);
            for (var key : List.copyOf(store.objects(any.get().collection()).keySet())) {
                delete(any.get(), key.namespace(), key.name(), options);
            }
        }
        finish(definition);
    }

    /// Takes the finalizer of a definition that has no objects left.
    private void finish(Json.Obj definition) {
        var key = new Store.Key("", Metadata.name(definition));
        var now = store.get(CRDS, key);
        if (now.isEmpty() || !store.objects(Metadata.name(definition)).isEmpty()) return;
        var finalizers = new ArrayList<>(Metadata.finalizers(now.get()));
        if (!finalizers.remove(Definitions.CLEANUP)) return;
        var object = Metadata.withFinalizers(now.get(), finalizers);
        if (finalizers.isEmpty()) kinds.withdraw(store.remove(CRDS, key, object));
        else store.put(CRDS, key, object);
    }

    /// Applies a server-side apply: makes the object where there is none.
    Written apply(
            Served served, String namespace, String name, String subresource, Json.Obj applied, WriteOptions options) {
        var old = store.get(served.collection(), new Store.Key(namespace, name));
        if (old.isEmpty() && !subresource.isEmpty()) throw Failure.notFound(served, name);
        var uid = applied.at("metadata", "uid").string("");
        if (old.isEmpty() && !uid.isEmpty()) {
            throw Failure.conflict(
                    served,
                    name,
                    "uid mismatch: the provided object specified uid " + uid + ", and no existing object was found");
        }
        var merged = content.applied(
                served, old.map(object -> shown(served, object)), applied, options, subresource, time.now());
        if (!namespace.isEmpty()) merged = merged.withAt(List.of("metadata", "namespace"), namespace);
        if (old.isEmpty()) return new Written(create(served, namespace, merged, options), true);
        return new Written(update(served, old.get(), merged, subresource, false, options), false);
    }
}
