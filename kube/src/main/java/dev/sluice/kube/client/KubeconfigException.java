package dev.sluice.kube.client;

/// The way to a cluster is not usable; the message says what was found where, and what to do.
public final class KubeconfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    KubeconfigException(String message) {
        super(message);
    }

    KubeconfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
