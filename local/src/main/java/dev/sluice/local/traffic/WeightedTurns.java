package dev.sluice.local.traffic;

import java.util.List;

/// Picks by weight without chance: after as many picks as the weights sum to, divided by their common factor,
/// every share is exact, and in between the picks of each choice lie as far apart as they can.
///
/// Smooth weighted round robin: each choice gains its weight, the highest is picked and pays the sum.
final class WeightedTurns {
    private final long[] weights;
    private final long[] credit;
    private final long sum;

    /// @param weights 0 … 1,000,000 each
    WeightedTurns(List<Integer> weights) {
        this.weights = weights.stream().mapToLong(Integer::longValue).toArray();
        this.credit = new long[this.weights.length];
        long total = 0;
        for (long weight : this.weights) total += weight;
        this.sum = total;
    }

    /// The index of the next choice, −1 when all weights are 0.
    synchronized int next() {
        if (sum == 0) return -1;
        int best = -1;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] == 0) continue;
            credit[i] += weights[i];
            if (best < 0 || credit[i] > credit[best]) best = i;
        }
        credit[best] -= sum;
        return best;
    }
}
