package dev.sluice.providers.http;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One HTTP call as a value.
///
/// @param method `GET`, `POST` or `PUT`
/// @param insecure accept any TLS certificate, for any host
public record Call(String method, URI uri, List<Header> headers, Optional<byte[]> body, boolean insecure) {
    /// One header; setting a name twice keeps the last, whatever its case.
    public record Header(String name, String value) {
        @Override
        public String toString() {
            return name + ": *****";
        }
    }

    public Call {
        headers = List.copyOf(headers);
    }

    public static Call get(URI uri, boolean insecure) {
        return new Call("GET", uri, List.of(), Optional.empty(), insecure);
    }

    public static Call post(URI uri, byte[] body, boolean insecure) {
        return new Call("POST", uri, List.of(), Optional.of(body), insecure);
    }

    public Call with(String name, String value) {
        var all = new ArrayList<>(headers);
        all.removeIf(header -> header.name().equalsIgnoreCase(name));
        all.add(new Header(name, value));
        return new Call(method, uri, all, body, insecure);
    }

    public Call with(List<Header> more) {
        var call = this;
        for (var header : more) call = call.with(header.name(), header.value());
        return call;
    }

    boolean has(String name) {
        return headers.stream().anyMatch(header -> header.name().equalsIgnoreCase(name));
    }

    /// What messages say of the call: method and place, without user, query and fragment, which may hold secrets.
    @Override
    public String toString() {
        return method + " " + place(uri);
    }

    static String place(URI uri) {
        return uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
                + uri.getRawPath();
    }
}
