/// What an API server knows about the shape of objects: pure functions on [dev.sluice.json.Json] trees.
///
/// Schemas of the built-in kinds (facts in `types.txt`) and of custom resources, and what follows from
/// a schema: pruning, defaulting, validation, the patches, field ownership, OpenAPI documents. Knows
/// nothing of storage, HTTP, watches or time; equal input gives equal output. The words of its messages
/// are those of kube-apiserver 1.34, since people and clients search for them.
///
/// Read [dev.sluice.local.schema.Schemas] first, then [dev.sluice.local.schema.Schema].
package dev.sluice.local.schema;
