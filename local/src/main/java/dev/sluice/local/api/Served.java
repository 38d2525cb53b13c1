package dev.sluice.local.api;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One kind that the server serves in one version, and how its objects behave.
///
/// @param shortNames as kubectl takes them, `po`
/// @param categories groups of kinds that kubectl knows, `all`
/// @param custom what a CustomResourceDefinition says of the kind; empty for built-in kinds
record Served(
        ResourceType type,
        String singular,
        List<String> shortNames,
        List<String> categories,
        Set<Trait> traits,
        Optional<Custom> custom) {

    /// How the objects of a kind differ from plain configuration data.
    enum Trait {
        /// `status` is written by the subresource only.
        STATUS,
        /// Has a `scale` subresource.
        SCALE,
        /// `metadata.generation` counts the changes of what is wanted.
        GENERATION,
        /// A PUT without resource version is taken, the last writer wins.
        UNCONDITIONAL_UPDATE,
        /// A PUT of a name that does not exist makes it.
        CREATE_ON_UPDATE,
        /// No objects: a question that is answered (`SelfSubjectAccessReview`).
        REVIEW,
        /// A DELETE answers the deleted object instead of a `Status`.
        RETURNS_DELETED
    }

    /// The part of a CustomResourceDefinition that rules one version.
    ///
    /// @param listKind `names.listKind`
    /// @param columns `additionalPrinterColumns`
    /// @param scale `subresources.scale`, the paths
    /// @param selectableFields paths of further field selectors, without the leading dot
    /// @param deprecation what to warn everybody of who uses this version
    /// @param definition name of the definition; empty for a kind that is served before its definition was applied
    record Custom(
            String definition,
            String listKind,
            List<Json> columns,
            Json scale,
            List<String> selectableFields,
            Optional<String> deprecation) {}

    /// The key of the objects in the store: all versions of a kind share it.
    String collection() {
        return type.toString();
    }

    /// `deployments.apps`, as messages have it.
    String resource() {
        return type.toString();
    }

    /// `Deployment.apps`, as messages have it.
    String qualifiedKind() {
        return type.group().isEmpty() ? type.kind() : type.kind() + "." + type.group();
    }

    boolean has(Trait trait) {
        return traits.contains(trait);
    }

    boolean is(ResourceType other) {
        return type.equals(other);
    }

    boolean builtIn() {
        return custom.isEmpty();
    }

    String listKind() {
        return custom.map(Custom::listKind).orElse(type.kind() + "List");
    }
}
