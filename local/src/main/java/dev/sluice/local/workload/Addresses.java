package dev.sluice.local.workload;

import java.util.BitSet;

/// Addresses of pods: 127.x.0.1 to 127.x.255.254, each given to one pod at a time.
///
/// An address that was given back is used again last, so that a client with an old connection does not find a
/// stranger behind it.
final class Addresses {
    private static final int FIRST = 2;
    private static final int LAST = 65_534;

    private final int lane;
    private final BitSet taken = new BitSet(LAST + 1);
    private int next = FIRST;

    /// @param lane the second octet
    Addresses(int lane) {
        if (lane < 1 || lane > 254)
            throw new IllegalArgumentException("the lane of addresses is 1 to 254, not " + lane);
        this.lane = lane;
    }

    /// @throws IllegalStateException when all 65,533 are taken
    synchronized String take() {
        int free = taken.nextClearBit(next);
        if (free > LAST) free = taken.nextClearBit(FIRST);
        if (free > LAST) throw new IllegalStateException("no address is left in 127." + lane + ".0.0/16 for a pod");
        taken.set(free);
        next = free == LAST ? FIRST : free + 1;
        return "127." + lane + "." + (free >> 8) + "." + (free & 255);
    }

    synchronized void release(String address) {
        int last = address.lastIndexOf('.');
        int third = address.lastIndexOf('.', last - 1);
        int high = Integer.parseInt(address, third + 1, last, 10);
        taken.clear(high << 8 | Integer.parseInt(address, last + 1, address.length(), 10));
    }

    synchronized int taken() {
        return taken.cardinality();
    }
}
