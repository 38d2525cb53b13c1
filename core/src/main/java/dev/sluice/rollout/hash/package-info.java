/// The two hashes by which a rollout recognises its own past: of the pod template, which names ReplicaSets, and of the
/// canary steps, which tells whether a step index still means what it meant.
///
/// Both must agree bit for bit with Argo Rollouts, or a live object that changes controller is rolled
/// out anew. They are made over the bytes that Go's `encoding/json` writes for the typed object, so
/// this package knows, for each struct, which fields there are, in which order, and which are left out
/// when empty (the tables beside it), and how Go reads what does not fit. It knows nothing of
/// Kubernetes beyond that. Read [PodTemplateHash] first, then [GoDecoder].
package dev.sluice.rollout.hash;
