/// JSON as a sealed, immutable tree: what Sluice reads from a cluster and writes back, unknown fields included.
///
/// Knows nothing of Kubernetes. Read [Json] first, then [MergePatch] and [JsonPatch].
package dev.sluice.json;
