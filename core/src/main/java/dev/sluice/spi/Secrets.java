package dev.sluice.spi;

import java.util.Optional;

/// What a provider may learn of secrets while it measures, and how it keeps them to itself.
public interface Secrets {
    /// No secret at all.
    Secrets NONE = new Secrets() {
        @Override
        public Optional<String> read(String namespace, String name, String key) {
            return Optional.empty();
        }

        @Override
        public String redacted(String text) {
            return text;
        }
    };

    /// One value of a Secret object, decoded.
    ///
    /// @param namespace where it is; empty for the controller's own namespace
    /// @return empty when there is no such object or no such key
    Optional<String> read(String namespace, String name, String key);

    /// The text with every secret value that belongs to this measurement (of arguments, and of what [#read] gave)
    /// replaced by `*****`. Each text that leaves a provider passes through here.
    String redacted(String text);
}
