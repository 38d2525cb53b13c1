/// The edge to Kubernetes.
package dev.sluice.kube;
