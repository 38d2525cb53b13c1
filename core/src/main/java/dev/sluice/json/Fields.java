package dev.sluice.json;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.BiConsumer;

/// The fields of one object: immutable, in order, most often few.
///
/// Objects of Kubernetes are copied far more often than they are built: a change of one field makes a new object of
/// every level above it. So names and values lie in two arrays, the names shared by all objects that differ only in
/// values, and a copy is one array. Up to [#SCANNED] names are looked for one by one, more through a table of hashes.
@SuppressWarnings(
        "NullAway") // null means absent, as in every Map; core requires no module that has an annotation for it
final class Fields extends AbstractMap<String, Json> implements SequencedMap<String, Json> {
    private static final int SCANNED = 8;
    static final Fields NONE = new Fields(Names.of(new String[0]), new Json[0]);

    private final Names names;
    private final Json[] values;
    /// Zero until it was asked for, as [String] keeps its own.
    private int hash;

    private Fields(Names names, Json[] values) {
        this.names = names;
        this.values = values;
    }

    /// Names in order, and where each stands.
    private static final class Names {
        private final String[] all;
        /// Index + 1 of a name by its hash, with the next free place where two meet; empty when names are few.
        private final int[] table;

        private Names(String[] all, int[] table) {
            this.all = all;
            this.table = table;
        }

        static Names of(String[] all) {
            if (all.length <= SCANNED) return new Names(all, new int[0]);
            var table = new int[Integer.highestOneBit(all.length) * 4];
            for (int i = 0; i < all.length; i++) {
                int at = slot(all[i], table.length);
                while (table[at] != 0) at = (at + 1) & (table.length - 1);
                table[at] = i + 1;
            }
            return new Names(all, table);
        }

        private static int slot(String name, int size) {
            int hash = name.hashCode();
            return (hash ^ (hash >>> 16)) & (size - 1);
        }

        /// Where a name stands; -1 where it does not.
        int find(String name) {
            if (table.length == 0) {
                for (int i = 0; i < all.length; i++) if (all[i].equals(name)) return i;
                return -1;
            }
            for (int at = slot(name, table.length); table[at] != 0; at = (at + 1) & (table.length - 1)) {
                if (all[table[at] - 1].equals(name)) return table[at] - 1;
            }
            return -1;
        }
    }

    static Fields of(SequencedMap<String, Json> fields) {
        if (fields instanceof Fields already) return already;
        int size = fields.size();
        if (size == 0) return NONE;
        var names = new String[size];
        var values = new Json[size];
        int i = 0;
        for (var field : fields.entrySet()) {
            names[i] = Objects.requireNonNull(field.getKey());
            values[i++] = Objects.requireNonNull(field.getValue());
        }
        return new Fields(Names.of(names), values);
    }

    /// These fields with one set, at its old place or else last; the same ones where it has that very value.
    @SuppressWarnings("ReferenceEquality") // the same tree: nothing to copy
    Fields with(String name, Json value) {
        int at = names.find(name);
        if (at >= 0) {
            if (values[at] == value) return this;
            var changed = values.clone();
            changed[at] = value;
            return new Fields(names, changed);
        }
        int size = values.length;
        var moreNames = new String[size + 1];
        System.arraycopy(names.all, 0, moreNames, 0, size);
        moreNames[size] = name;
        var moreValues = new Json[size + 1];
        System.arraycopy(values, 0, moreValues, 0, size);
        moreValues[size] = value;
        return new Fields(Names.of(moreNames), moreValues);
    }

    Fields without(String name) {
        int at = names.find(name);
        if (at < 0) return this;
        int size = values.length - 1;
        if (size == 0) return NONE;
        var fewerNames = new String[size];
        System.arraycopy(names.all, 0, fewerNames, 0, at);
        System.arraycopy(names.all, at + 1, fewerNames, at, size - at);
        var fewerValues = new Json[size];
        System.arraycopy(values, 0, fewerValues, 0, at);
        System.arraycopy(values, at + 1, fewerValues, at, size - at);
        return new Fields(Names.of(fewerNames), fewerValues);
    }

    @Override
    public int size() {
        return values.length;
    }

    @Override
    public Json get(Object name) {
        int at = name instanceof String text ? names.find(text) : -1;
        return at < 0 ? null : values[at];
    }

    @Override
    public Json getOrDefault(Object name, Json otherwise) {
        var value = get(name);
        return value == null ? otherwise : value;
    }

    @Override
    public boolean containsKey(Object name) {
        return name instanceof String text && names.find(text) >= 0;
    }

    @Override
    public void forEach(BiConsumer<? super String, ? super Json> action) {
        for (int i = 0; i < values.length; i++) action.accept(names.all[i], values[i]);
    }

    @Override
    public Set<Map.Entry<String, Json>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return values.length;
            }

            @Override
            public Iterator<Map.Entry<String, Json>> iterator() {
                return new Iterator<>() {
                    private int next;

                    @Override
                    public boolean hasNext() {
                        return next < values.length;
                    }

                    @Override
                    public Map.Entry<String, Json> next() {
                        if (next >= values.length) throw new NoSuchElementException();
                        return Map.entry(names.all[next], values[next++]);
                    }
                };
            }
        };
    }

    @Override
    public SequencedMap<String, Json> reversed() {
        return Collections.unmodifiableSequencedMap(new LinkedHashMap<>(this).reversed());
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // objects made from one another share their names
    public boolean equals(Object other) {
        if (this == other) return true;
        if (!(other instanceof Fields fields)) return super.equals(other);
        if (values.length != fields.values.length || (hash != 0 && fields.hash != 0 && hash != fields.hash))
            return false;
        boolean aligned = names == fields.names;
        for (int i = 0; i < values.length; i++) {
            int at = aligned || names.all[i].equals(fields.names.all[i]) ? i : fields.names.find(names.all[i]);
            if (at < 0 || !values[i].equals(fields.values[at])) return false;
        }
        return true;
    }

    @Override
    public int hashCode() {
        if (hash == 0) hash = super.hashCode();
        return hash;
    }
}
