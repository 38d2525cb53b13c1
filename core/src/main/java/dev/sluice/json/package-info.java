/// JSON as a sealed, immutable tree: what Sluice reads from a cluster and writes back, unknown fields included.
///
/// Knows nothing of Kubernetes but the dialect of [JsonPath]. Read [Json] first, then [MergePatch].
package dev.sluice.json;
