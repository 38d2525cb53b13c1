package dev.sluice.local.traffic.promql;

import java.util.List;

/// What an expression amounts to at one instant.
sealed interface Value {
    record Scalar(double value) implements Value {}

    record Text(String value) implements Value {}

    record Vector(List<Point> points) implements Value {
        public Vector {
            points = List.copyOf(points);
        }
    }

    /// The samples of a range; only functions take them.
    record Matrix(List<Window> windows) implements Value {
        public Matrix {
            windows = List.copyOf(windows);
        }
    }

    record Point(Labels labels, double value) {}

    /// The samples of one series in (`from`, `to`], by index.
    record Window(SeriesStore.Samples samples, int first, int last, long from, long to) {
        int size() {
            return last - first + 1;
        }
    }
}
