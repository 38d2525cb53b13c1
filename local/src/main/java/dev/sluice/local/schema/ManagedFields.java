package dev.sluice.local.schema;

import dev.sluice.format.Rfc3339;
import dev.sluice.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Keeps `metadata.managedFields` of ordinary writes: who last set which field.
public final class ManagedFields {
    /// Entries of ordinary writes above this number are folded, oldest first, into one.
    private static final int MAX_UPDATERS = 10;

    private static final String ANCIENT = "ancient-changes";

    /// What nobody owns: identity and bookkeeping.
    private static final FieldSet NEVER_OWNED = FieldSet.of(Json.parse("""
            {"f:apiVersion":{},"f:kind":{},"f:metadata":{".":{},"f:name":{},"f:namespace":{},"f:creationTimestamp":{},
             "f:selfLink":{},"f:uid":{},"f:clusterName":{},"f:generation":{},"f:managedFields":{},
             "f:resourceVersion":{}}}"""));

    /// What a write of the status cannot change.
    private static final FieldSet SPEC = FieldSet.of(Json.parse("{\"f:spec\":{}}"));

    private static final FieldSet DEPLOYMENT_STATUS_IGNORES =
            FieldSet.of(Json.parse("{\"f:spec\":{},\"f:metadata\":{\"f:labels\":{}}}"));
    private static final FieldSet POD_STATUS_IGNORES =
            FieldSet.of(Json.parse("{\"f:spec\":{},\"f:metadata\":{\"f:ownerReferences\":{}}}"));
    private static final FieldSet STATUS = FieldSet.of(Json.parse("{\"f:status\":{}}"));

    private ManagedFields() {}

    /// Who: appliers are the same manager in every version, others are not.
    record Owner(String manager, boolean applied, String apiVersion, String subresource) {}

    /// What: fields in a version, and when they were last written.
    record Entry(FieldSet fields, String apiVersion, Optional<String> time) {}

    /// `updated` with its `metadata.managedFields` brought up to date.
    ///
    /// Whoever changed a field owns it from then on and its former owners lose it; a field that went is owned by
    /// nobody. When nothing but bookkeeping changed, the entries of `live` stay as they are, times included.
    ///
    /// @param live the stored object; empty on creation
    /// @param updated what is about to be stored
    /// @param subresource `status`, `scale`, or empty
    public static Json.Obj update(
            KindSchema kind,
            Optional<Json.Obj> live,
            Json.Obj updated,
            String manager,
            String subresource,
            Instant time) {
        var given = updated.at("metadata", "managedFields");
        var stored = live.map(old -> old.at("metadata", "managedFields")).orElse(Json.Null.VALUE);
        var owners = entries(subresource.isEmpty() && !given.isNull() ? given : stored);
        boolean reset = subresource.isEmpty()
                && given instanceof Json.Arr(var items)
                && (items.isEmpty()
                        || (items.size() == 1 && items.getFirst().obj().isEmpty()));
        if (!reset && owners.isEmpty()) owners = entries(stored);
        var old = without(live.orElseGet(() -> nothing(kind)));
        var now = without(updated);
        var change = Ownership.Comparison.of(kind.root(), old, now);
        change = ignoring(kind, subresource, change);
        taken(owners, change, Optional.empty());
        var mine = change.changed().minus(NEVER_OWNED);
        if (!mine.isEmpty()) {
            var self = new Owner(manager, false, kind.apiVersion(), subresource);
            var before = owners.get(self);
            var all = before == null ? mine : mine.union(before.fields());
            // As the API server has it: an entry made through a scale has no time.
            Optional<String> when = subresource.equals("scale") ? Optional.empty() : Optional.of(stamp(time));
            owners.put(self, new Entry(all, kind.apiVersion(), when));
        }
        cap(owners);
        return with(now, owners);
    }

    /// What there is before an object is created: of a built-in kind the empty struct, whose fields nobody adds.
    private static Json.Obj nothing(KindSchema kind) {
        return kind.builtIn() ? Pruning.prune(kind, Json.Obj.EMPTY) : Json.Obj.EMPTY;
    }

    /// A time as an entry has it.
    static String stamp(Instant time) {
        return Rfc3339.seconds(time);
    }

    /// Takes from everybody but `except` what changed and what went.
    static void taken(Map<Owner, Entry> owners, Ownership.Comparison change, Optional<Owner> except) {
        var lost = change.changed().union(change.removed());
        if (lost.isEmpty()) return;
        for (var owner : List.copyOf(owners.keySet())) {
            if (except.isPresent() && except.get().equals(owner)) continue;
            var entry = Objects.requireNonNull(owners.get(owner));
            var left = entry.fields().minus(lost);
            if (left.isEmpty()) owners.remove(owner);
            else owners.put(owner, new Entry(left, entry.apiVersion(), entry.time()));
        }
    }

    /// An ordinary write cannot change the status, and a status write nothing else.
    static FieldSet ignored(KindSchema kind, String subresource, FieldSet set) {
        if (!kind.hasStatus()) return set;
        if (!subresource.equals("status")) return subresource.isEmpty() ? set.without(STATUS) : set;
        return set.without(
                switch (kind.kind()) {
                    case "Deployment" -> DEPLOYMENT_STATUS_IGNORES;
                    case "Pod" -> POD_STATUS_IGNORES;
                    default -> SPEC;
                });
    }

    static Ownership.Comparison ignoring(KindSchema kind, String subresource, Ownership.Comparison change) {
        return new Ownership.Comparison(
                ignored(kind, subresource, change.added()),
                ignored(kind, subresource, change.modified()),
                ignored(kind, subresource, change.removed()));
    }

    static FieldSet owned(FieldSet set) {
        return set.minus(NEVER_OWNED);
    }

    static Json.Obj without(Json.Obj object) {
        if (!object.at("metadata").obj().has("managedFields")) return object;
        return object.withoutAt(List.of("metadata", "managedFields"));
    }

    /// Reads `metadata.managedFields`; entries that cannot be read are dropped, as a server does that must go on.
    static Map<Owner, Entry> entries(Json managedFields) {
        var entries = new LinkedHashMap<Owner, Entry>();
        for (var item : managedFields.items()) {
            boolean applied = item.at("operation").string("").equals("Apply");
            var apiVersion = item.at("apiVersion").string("");
            if (!item.at("fieldsType").string("").equals("FieldsV1") || apiVersion.isEmpty()) continue;
            var owner = new Owner(
                    item.at("manager").string(""),
                    applied,
                    applied ? "" : apiVersion,
                    item.at("subresource").string(""));
            var fields = item.at("fieldsV1").obj();
            if (fields.isEmpty()) continue;
            entries.put(
                    owner,
                    new Entry(FieldSet.of(fields), apiVersion, item.at("time").asString()));
        }
        return entries;
    }

    /// `object` with its entries, in the order in which the API server lists them.
    static Json.Obj with(Json.Obj object, Map<Owner, Entry> owners) {
        if (owners.isEmpty()) return without(object);
        var sorted = new ArrayList<>(owners.entrySet());
        sorted.sort(Comparator.<Map.Entry<Owner, Entry>, Boolean>comparing(
                        entry -> !entry.getKey().applied())
                .thenComparing(entry -> entry.getValue().time().orElse(""))
                .thenComparing(entry -> entry.getKey().manager())
                .thenComparing(entry -> entry.getValue().apiVersion())
                .thenComparing(entry -> entry.getKey().subresource()));
        var entries = new ArrayList<Json>();
        for (var entry : sorted) {
            var owner = entry.getKey();
            var fields = new LinkedHashMap<String, Json>();
            fields.put("manager", new Json.Str(owner.manager()));
            fields.put("operation", new Json.Str(owner.applied() ? "Apply" : "Update"));
            fields.put("apiVersion", new Json.Str(entry.getValue().apiVersion()));
            entry.getValue().time().ifPresent(time -> fields.put("time", new Json.Str(time)));
            fields.put("fieldsType", new Json.Str("FieldsV1"));
            fields.put("fieldsV1", entry.getValue().fields().json());
            if (!owner.subresource().isEmpty()) fields.put("subresource", new Json.Str(owner.subresource()));
            entries.add(new Json.Obj(fields));
        }
        return object.with("metadata", object.at("metadata").obj().with("managedFields", entries));
    }

    private static void cap(Map<Owner, Entry> owners) {
        var updaters = new ArrayList<Owner>();
        for (var owner : owners.keySet()) if (!owner.applied()) updaters.add(owner);
        if (updaters.size() <= MAX_UPDATERS) return;
        updaters.sort(Comparator.<Owner, String>comparing(owner ->
                        Objects.requireNonNull(owners.get(owner)).time().orElse(""))
                .thenComparing(Owner::manager));
        for (var owner : updaters.subList(0, updaters.size() - MAX_UPDATERS + 1)) {
            var entry = Objects.requireNonNull(owners.remove(owner));
            var bucket = new Owner(ANCIENT, false, entry.apiVersion(), "");
            owners.merge(
                    bucket,
                    entry,
                    (a, b) -> new Entry(a.fields().union(b.fields()), a.apiVersion(), later(a.time(), b.time())));
        }
    }

    private static Optional<String> later(Optional<String> a, Optional<String> b) {
        return a.orElse("").compareTo(b.orElse("")) >= 0 ? a : b;
    }
}
