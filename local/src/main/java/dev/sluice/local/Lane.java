package dev.sluice.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/// A share of the loopback addresses that a cluster has for itself: 127.n.0.0/16 for pods and 127.(n+32).0.0/16 for
/// Services. Clusters side by side on one machine must not bind each other's addresses.
///
/// Held by a listening socket on 127.n.0.1, so that it is free again when the process ends, however it ends.
final class Lane implements AutoCloseable {
    static final int FIRST = 64;
    static final int LAST = 95;
    private static final int SERVICES = LAST - FIRST + 1;
    /// Any port will do that nothing else listens on at these addresses.
    private static final int PORT = 47_115;

    private final int number;
    private final ServerSocket hold;

    private Lane(int number, ServerSocket hold) {
        this.number = number;
        this.hold = hold;
    }

    /// Takes the first free one.
    ///
    /// @throws IllegalStateException when none is left
    static Lane claim() {
        for (int number = FIRST; number <= LAST; number++) {
            try {
                var address = InetAddress.ofLiteral("127." + number + ".0.1");
                var hold = new ServerSocket();
                try {
                    hold.bind(new InetSocketAddress(address, PORT), 1);
                    return new Lane(number, hold);
                } catch (IOException taken) {
                    hold.close();
                }
            } catch (IOException unusable) {
                // The next one may be.
            }
        }
        throw new IllegalStateException("no range of pod addresses is free: 127." + FIRST + ".0.1 to 127." + LAST
                + ".0.1 are taken on port " + PORT + "; end a cluster that still runs, or choose a lane");
    }

    int number() {
        return number;
    }

    /// Second octet of the Services' addresses in the lane of this number.
    static int services(int number) {
        return number + SERVICES;
    }

    @Override
    public void close() throws IOException {
        hold.close();
    }
}
