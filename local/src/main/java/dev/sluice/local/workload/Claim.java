package dev.sluice.local.workload;

import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Whose is it? A controller adopts orphans that its selector matches, and releases what it no longer matches.
///
/// @param mine what the controller controls after all writes
record Claim(List<Json.Obj> mine, Outcome outcome) {

    /// Claims objects of one kind for an owner.
    ///
    /// @param candidates objects in the owner's namespace
    /// @param adoptable which orphans may be taken
    static Claim of(
            World world,
            ResourceType ownerType,
            Json.Obj owner,
            ResourceType type,
            LabelSelector selector,
            List<Json.Obj> candidates,
            Predicate<Json.Obj> adoptable) {
        var mine = new ArrayList<Json.Obj>();
        Outcome outcome = Outcome.settled();
        for (var object : candidates) {
            var controller = Meta.controllerUid(object);
            boolean matches = selector.matches(object);
            if (controller.equals(Meta.uid(owner))) {
                if (matches || Meta.deleting(owner)) mine.add(object);
                else outcome = outcome.and(release(world, owner, type, object));
            } else if (controller.isEmpty()
                    && matches
                    && !Meta.deleting(owner)
                    && !Meta.deleting(object)
                    && adoptable.test(object)) {
                var owners = new ArrayList<>(Meta.owners(object));
                owners.add(Meta.ownerReference(ownerType, owner));
                var reply = world.update(type, object, object.withAt(List.of("metadata", "ownerReferences"), owners));
                reply.answer().ifPresent(mine::add);
                outcome = outcome.and(Outcome.of(reply));
            }
        }
        return new Claim(List.copyOf(mine), outcome);
    }

    private static Outcome release(World world, Json owner, ResourceType type, Json.Obj object) {
        var others = Meta.owners(object).stream()
                .filter(reference -> !reference.at("uid").string("").equals(Meta.uid(owner)))
                .toList();
        return Outcome.of(world.update(type, object, object.withAt(List.of("metadata", "ownerReferences"), others)));
    }
}
