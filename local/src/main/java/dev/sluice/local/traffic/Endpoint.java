package dev.sluice.local.traffic;

/// Where a Service can send a request to.
///
/// @param address of the pod
/// @param port of the pod, as the cluster knows it
/// @param pod its name
record Endpoint(String address, int port, String pod) implements Comparable<Endpoint> {
    @Override
    public int compareTo(Endpoint other) {
        int byAddress = address.compareTo(other.address);
        return byAddress != 0 ? byAddress : Integer.compare(port, other.port);
    }
}
