/// What Sluice knows, without a clock, a thread, a socket or a file: equal input gives equal output.
///
/// That nothing but `java.base` is required is the first of two proofs of purity; the second is the
/// tidy test, which reads the class files for the impure parts of `java.base` itself.
module dev.sluice.core {
    exports dev.sluice.analysis;
    exports dev.sluice.cluster;
    exports dev.sluice.explain;
    exports dev.sluice.expression;
    exports dev.sluice.format;
    exports dev.sluice.json;
    exports dev.sluice.rollout.hash;
    exports dev.sluice.rollout;
    exports dev.sluice.spi;
    exports dev.sluice.strategy;
    exports dev.sluice.traffic;

    uses dev.sluice.spi.MetricProvider.Factory;
}
