package dev.sluice.local.traffic.http;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// An HTTP/1.1 client that keeps connections for their next use. Failures are values; nothing is ever repeated.
///
/// A kept connection is used again only after a look whether the peer has closed it in the meantime, and not
/// after it has been idle for longer than the pool's idle time, which must be shorter than the servers' own.
public final class ConnectionPool implements AutoCloseable {
    private final Limits limits;
    private final Watchdog watchdog;
    private final Duration connectTime;
    private final Duration idle;
    private final int idlePerPeer;
    private final Map<InetSocketAddress, ArrayDeque<Kept>> kept = new HashMap<>();
    private final AtomicInteger opened = new AtomicInteger();
    private boolean closed;

    private record Kept(Wire wire, long since) {}

    /// @param idle how long a connection is kept unused
    /// @param idlePerPeer connections kept at most for one address
    public ConnectionPool(Limits limits, Watchdog watchdog, Duration connectTime, Duration idle, int idlePerPeer) {
        this.limits = limits;
        this.watchdog = watchdog;
        this.connectTime = connectTime;
        this.idle = idle;
        this.idlePerPeer = idlePerPeer;
        watchdog.onRound(this::evict);
    }

    /// Sends a request and waits for the response.
    ///
    /// @param time for the response, once connected
    public Outcome send(InetSocketAddress peer, HttpRequest request, Duration time) {
        Wire wire;
        try {
            wire = borrow(peer);
        } catch (ConnectException refused) {
            return new Outcome.Failed(Outcome.Failure.REFUSED, text(peer, refused), false);
        } catch (IOException unreachable) {
            return new Outcome.Failed(Outcome.Failure.UNREACHABLE, text(peer, unreachable), false);
        }
        boolean reusable = false;
        try {
            long deadline = Wire.deadline(time);
            Messages.writeRequest(wire, request, limits);
            var received = Messages.readResponse(wire, request.method().equals("HEAD"), limits, deadline);
            reusable = received.lasting() && request.lasting();
            return new Outcome.Answered(received.response());
        } catch (SocketTimeoutException slow) {
            return failed(Outcome.Failure.TIMEOUT, peer, slow);
        } catch (MessageException wrong) {
            return failed(Outcome.Failure.MALFORMED, peer, wrong);
        } catch (EOFException ended) {
            return failed(Outcome.Failure.RESET, peer, ended);
        } catch (IOException reset) {
            return failed(Outcome.Failure.RESET, peer, reset);
        } finally {
            if (reusable) keep(peer, wire);
            else wire.close();
        }
    }

    private static Outcome failed(Outcome.Failure failure, InetSocketAddress peer, IOException why) {
        return new Outcome.Failed(failure, text(peer, why), true);
    }

    private static String text(InetSocketAddress peer, IOException why) {
        var message = why.getMessage();
        return peer.getAddress().getHostAddress() + ":" + peer.getPort() + ": "
                + (message == null ? why.getClass().getSimpleName() : message);
    }

    private Wire borrow(InetSocketAddress peer) throws IOException {
        for (var old = take(peer); old != null; old = take(peer)) {
            if (System.nanoTime() - old.since < idle.toNanos() && !old.wire.stale()) return old.wire;
            old.wire.close();
        }
        var channel = SocketChannel.open();
        try {
            channel.socket().connect(peer, (int) connectTime.toMillis());
            opened.incrementAndGet();
            return new Wire(channel, watchdog);
        } catch (IOException cannot) {
            channel.close();
            throw cannot;
        }
    }

    /// Connections opened so far.
    public int opened() {
        return opened.get();
    }

    private synchronized @Nullable Kept take(InetSocketAddress peer) {
        var stack = kept.get(peer);
        return stack == null ? null : stack.pollLast();
    }

    private void keep(InetSocketAddress peer, Wire wire) {
        synchronized (this) {
            if (!closed) {
                var stack = kept.computeIfAbsent(peer, _ -> new ArrayDeque<>());
                if (stack.size() < idlePerPeer) {
                    stack.addLast(new Kept(wire, System.nanoTime()));
                    return;
                }
            }
        }
        wire.close();
    }

    /// Closes what is kept for a peer that gets no more requests.
    public void forget(InetSocketAddress peer) {
        ArrayDeque<Kept> stack;
        synchronized (this) {
            stack = kept.remove(peer);
        }
        if (stack != null) stack.forEach(old -> old.wire.close());
    }

    private void evict() {
        var late = new ArrayDeque<Kept>();
        synchronized (this) {
            long now = System.nanoTime();
            for (var stack : kept.values()) {
                while (!stack.isEmpty() && now - stack.peekFirst().since > idle.toNanos()) late.add(stack.pollFirst());
            }
            kept.values().removeIf(ArrayDeque::isEmpty);
        }
        late.forEach(old -> old.wire.close());
    }

    @Override
    public void close() {
        var all = new ArrayDeque<Kept>();
        synchronized (this) {
            closed = true;
            kept.values().forEach(all::addAll);
            kept.clear();
        }
        all.forEach(old -> old.wire.close());
    }
}
