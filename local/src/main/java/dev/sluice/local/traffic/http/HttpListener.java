package dev.sluice.local.traffic.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An HTTP/1.1 server on one address: keep-alive, one virtual thread per connection.
///
/// Its end has three stages, so that no request is lost:
///
/// ```
///   open ──drain──► draining ──finish──► closing ──► closed
///          accepts and answers,   accepts what has connected, then no
///          with Connection: close  more; requests under way are answered
/// ```
public final class HttpListener implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpListener.class);
    private static final int BACKLOG = 1024;

    private final ServerSocketChannel server;
    private final InetSocketAddress address;
    private final Limits limits;
    private final Watchdog watchdog;
    private final Handler handler;
    private final Semaphore room;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;
    private volatile boolean draining;
    private volatile boolean finishing;
    private volatile boolean killed;

    /// Answers one request. Runs on the connection's own virtual thread and may block; it is interrupted when
    /// the listener is closed. What it throws is answered with 500.
    @FunctionalInterface
    public interface Handler {
        HttpResponse handle(HttpRequest request) throws InterruptedException;
    }

    private HttpListener(ServerSocketChannel server, Limits limits, Watchdog watchdog, Handler handler)
            throws IOException {
        this.server = server;
        this.address = (InetSocketAddress) server.getLocalAddress();
        this.limits = limits;
        this.watchdog = watchdog;
        this.handler = handler;
        this.room = new Semaphore(limits.connections());
        this.acceptor = Thread.ofVirtual().name("accept-" + address.getPort()).unstarted(this::accept);
    }

    /// Listens.
    ///
    /// @param at an address of 127.0.0.0/8; port 0 for any free one
    /// @throws IOException when the address cannot be had; the message names it
    /// @throws IllegalArgumentException for an address that is not loopback
    public static HttpListener open(InetSocketAddress at, Limits limits, Watchdog watchdog, Handler handler)
            throws IOException {
        if (at.isUnresolved() || !at.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException("listens on loopback addresses only, not on " + at);
        }
        var server = ServerSocketChannel.open();
        try {
            // A pod that comes back on its address must not wait for its predecessor's connections to time out.
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(at, BACKLOG);
            var listener = new HttpListener(server, limits, watchdog, handler);
            listener.acceptor.start();
            return listener;
        } catch (IOException cannot) {
            server.close();
            var named = new IOException(
                    "cannot listen on " + at.getAddress().getHostAddress() + ":" + at.getPort() + ": "
                            + cannot.getMessage(),
                    cannot);
            throw named;
        }
    }

    public InetSocketAddress address() {
        return address;
    }

    public int port() {
        return address.getPort();
    }

    /// Connections now open.
    public int connections() {
        return connections.size();
    }

    /// From now on every answer asks the client to leave; new connections are still served.
    public void drain() {
        draining = true;
    }

    /// Stops accepting and waits until every request under way has been answered, at most for `grace`; then
    /// closes.
    ///
    /// @return whether all were answered
    public boolean finish(Duration grace) throws InterruptedException {
        draining = true;
        finishing = true;
        long deadline = Wire.deadline(grace);
        nudge();
        acceptor.join(grace);
        for (var connection : connections) connection.endIfIdle();
        boolean all = true;
        for (var connection : connections) {
            all &= connection.ended.await(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        close();
        return all;
    }

    /// Closes at once, as a killed process would.
    @Override
    public void close() {
        draining = true;
        killed = true;
        try {
            server.close();
        } catch (IOException _) {
            // Closed is closed.
        }
        // Wakes an acceptor that waits for room; the closed socket ends it. An interrupt in the moment of an accept
        // would
        // lose the connection that was just accepted, open for ever and served by nobody.
        room.release();
        for (var connection : connections) connection.cut();
        // The system frees the port when the acceptor has let go of it, and the next owner may be waiting.
        try {
            acceptor.join(Duration.ofSeconds(2));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Wakes the acceptor with a connection of our own. An interrupt would close the socket under it, and the
    /// system would reset whoever has connected but not been accepted yet.
    private void nudge() {
        try (var channel = SocketChannel.open()) {
            channel.socket().connect(address, 1000);
        } catch (IOException _) {
            // The queue is full: then the acceptor is awake anyway. Or closed: then there is nothing to wake.
        }
    }

    private void accept() {
        try (server) {
            while (!finishing) {
                room.acquire();
                take();
            }
            server.configureBlocking(false);
            do room.acquire();
            while (take());
        } catch (InterruptedException | ClosedChannelException _) {
            // close()
        } catch (IOException broken) {
            log.warn("stopped accepting on {}: {}", address, broken.getMessage());
        }
    }

    /// Takes the next connection, with the permit that the caller has got for it.
    private boolean take() throws InterruptedException, ClosedChannelException {
        SocketChannel channel;
        try {
            channel = server.accept();
        } catch (ClosedChannelException closed) {
            throw closed;
        } catch (IOException refused) {
            // Out of file descriptors, most likely: others must go first.
            room.release();
            log.warn("cannot accept on {}: {}", address, refused.getMessage());
            Thread.sleep(50);
            return true;
        }
        if (channel == null) return false;
        serve(channel);
        return true;
    }

    private void serve(SocketChannel channel) {
        try {
            var connection = new Connection(new Wire(channel, watchdog));
            connections.add(connection);
            if (killed) connection.cut();
            connection.thread.start();
        } catch (IOException gone) {
            room.release();
            try {
                channel.close();
            } catch (IOException _) {
                // Closed is closed.
            }
        }
    }

    private final class Connection {
        private final Wire wire;
        private final Thread thread;
        private final CountDownLatch ended = new CountDownLatch(1);
        private boolean idle;
        private boolean unwanted;

        Connection(Wire wire) {
            this.wire = wire;
            this.thread = Thread.ofVirtual().name("serve-" + address.getPort()).unstarted(this::run);
        }

        private void run() {
            try {
                // What came with the connection is answered even if the listener is about to close.
                boolean more = wire.arrived() || next();
                while (more) more = exchange() && next();
            } catch (IOException _) {
                // The client has gone, or was too slow; nobody is left to tell.
            } finally {
                wire.close();
                connections.remove(this);
                room.release();
                ended.countDown();
            }
        }

        /// Waits for the next request; false when none will come.
        private boolean next() throws IOException {
            if (!idle(true)) return false;
            try {
                return wire.begins(Wire.deadline(limits.idle())) && idle(false);
            } catch (SocketTimeoutException nothingCame) {
                return false;
            }
        }

        /// Answers one request.
        ///
        /// @return whether the connection goes on
        private boolean exchange() throws IOException {
            HttpRequest request;
            try {
                request = Messages.readRequest(wire, limits);
            } catch (MessageException wrong) {
                refuse(wrong.status(), wrong.why());
                return false;
            } catch (SocketTimeoutException slow) {
                refuse(408, "the request took too long to arrive");
                return false;
            }
            HttpResponse response;
            try {
                response = handler.handle(request);
            } catch (InterruptedException killed) {
                return false;
            } catch (RuntimeException bug) {
                log.error("{} {} on {} failed", request.method(), request.path(), address, bug);
                response = HttpResponse.text(500, "internal error\n");
            }
            boolean last = draining || !request.lasting();
            Messages.writeResponse(wire, response, request.method().equals("HEAD"), last, limits);
            if (last) wire.closeAfterLastWords();
            return !last;
        }

        private void refuse(int status, String why) throws IOException {
            Messages.writeResponse(wire, HttpResponse.text(status, why + "\n"), false, true, limits);
            wire.closeAfterLastWords();
        }

        /// @return whether to go on
        private synchronized boolean idle(boolean now) {
            idle = now;
            return !(now && unwanted);
        }

        /// What has arrived is still read and answered.
        private synchronized void endIfIdle() {
            unwanted = true;
            if (idle) wire.stopReading();
        }

        private void cut() {
            wire.close();
            thread.interrupt();
        }
    }
}
