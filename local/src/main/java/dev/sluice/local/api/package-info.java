/// The API server of the embedded cluster: what a client of Kubernetes sees, over HTTP and by direct call.
///
/// It knows the rules of the *API*: one ordered log of changes with one counter, optimistic locking,
/// names, generation, finalizers, watches, patches, discovery, tables. It does not know what a
/// controller does with the objects (that is `dev.sluice.local.workload`) nor what the fields of a kind
/// mean (that is `dev.sluice.local.schema`). Objects are JSON trees from end to end; there are no typed
/// models.
///
/// Read [dev.sluice.local.api.ApiServer] first: one function from request to response, over the `Store`.
@NullMarked
package dev.sluice.local.api;

import org.jspecify.annotations.NullMarked;
