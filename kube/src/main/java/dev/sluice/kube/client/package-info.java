/// The wire to a real API server: kubeconfigs, HTTP, watches. Nothing outside this package knows the client library.
///
/// Read [KubeGateway] first.
@NullMarked
package dev.sluice.kube.client;

import org.jspecify.annotations.NullMarked;
