package dev.sluice.local.schema;

import org.jspecify.annotations.Nullable;

/// Where in an object: `spec.containers[0].name`, map keys in brackets: `metadata.labels[app]`.
///
/// A linked list, so that walking an object makes no strings; only a problem does.
record Path(@Nullable Path parent, String step) {
    static final Path ROOT = new Path(null, "");

    /// The path of a problem that the API server gives none.
    static final Path NOWHERE = new Path(ROOT, "<nil>");

    Path child(String name) {
        return new Path(this, parent == null ? name : "." + name);
    }

    Path child(String name, String... more) {
        var path = child(name);
        for (var next : more) path = path.child(next);
        return path;
    }

    Path item(int index) {
        return new Path(this, "[" + index + "]");
    }

    /// A path below this one as a caller wrote it: `.spec.replicas`, or `[0]`.
    Path dotted(String path) {
        if (parent != null) return new Path(this, path);
        return new Path(this, path.startsWith(".") ? path.substring(1) : path);
    }

    boolean isRoot() {
        return parent == null;
    }

    Path key(String key) {
        return new Path(this, "[" + key + "]");
    }

    @Override
    public String toString() {
        var out = new StringBuilder();
        append(out);
        return out.toString();
    }

    private void append(StringBuilder out) {
        if (parent != null) parent.append(out);
        out.append(step);
    }
}
