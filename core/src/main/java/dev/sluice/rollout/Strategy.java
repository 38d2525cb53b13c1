package dev.sluice.rollout;

import dev.sluice.format.IntOrPercent;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How the new revision takes over: exactly one of canary and blue-green.
public sealed interface Strategy {
    /// `spec.strategy.canary`.
    ///
    /// @param stepsHash the hash of the steps as the manifest has them; another one starts the update anew
    /// @param maxSurge pods above `spec.replicas`; counts only without a router
    /// @param maxUnavailable pods below `spec.replicas`; counts only without a router
    /// @param scaleDownDelay how long a replaced revision stays up behind a router; 30 s where absent
    /// @param abortScaleDownDelay as above after an abort; zero keeps the canary up
    /// @param enough `replicaProgressThreshold`: how many of its pods a canary must have; all of them where absent
    /// @param additions `canaryMetadata`, `stableMetadata`, `antiAffinity`
    record Canary(
            Optional<String> canaryService,
            Optional<String> stableService,
            List<Step> steps,
            String stepsHash,
            Optional<TrafficRouting> trafficRouting,
            IntOrPercent maxSurge,
            IntOrPercent maxUnavailable,
            Optional<BackgroundAnalysis> analysis,
            Optional<Duration> scaleDownDelay,
            Optional<Integer> scaleDownDelayRevisionLimit,
            Optional<Duration> abortScaleDownDelay,
            boolean dynamicStableScale,
            int minPodsPerReplicaSet,
            Optional<Enough> enough,
            Additions additions)
            implements Strategy {
        public Canary {
            steps = List.copyOf(steps);
        }

        /// How many pods must be available where so many are wanted, for a step to count as reached.
        public int enoughOf(int wanted) {
            return enough.map(threshold -> threshold.of(wanted)).orElse(wanted);
        }

        /// The scale on which weights are given: 100 unless the router has a finer one.
        public int maxWeight() {
            return trafficRouting.map(TrafficRouting::maxWeight).orElse(100);
        }

        public boolean routed() {
            return trafficRouting.isPresent();
        }

        /// The step at an index; empty where there is none, or all are done.
        public Optional<Step> step(int index) {
            return index >= 0 && index < steps.size() ? Optional.of(steps.get(index)) : Optional.empty();
        }

        /// The weight of the last `setWeight` at or before an index; empty where there is none.
        public Optional<Integer> weightAt(int index) {
            for (int i = Math.min(index, steps.size() - 1); i >= 0; i--) {
                if (steps.get(i) instanceof Step.SetWeight(var weight)) return Optional.of(weight);
            }
            return Optional.empty();
        }
    }

    /// `replicaProgressThreshold`.
    sealed interface Enough {
        /// @param wanted pods that there are to be
        /// @return as many of them as are enough
        int of(int wanted);

        /// @param value 1 to 100
        record Percent(int value) implements Enough {
            @Override
            public int of(int wanted) {
                return Math.toIntExact(Math.ceilDiv((long) wanted * value, 100));
            }
        }

        /// @param value 1 or more
        record Pods(int value) implements Enough {
            @Override
            public int of(int wanted) {
                return Math.min(wanted, value);
            }
        }
    }

    /// `spec.strategy.blueGreen`.
    ///
    /// @param autoPromotionAfter counted from the start of the pause; absent: at once
    /// @param additions `previewMetadata`, `activeMetadata`, `antiAffinity`
    record BlueGreen(
            String activeService,
            Optional<String> previewService,
            Optional<Integer> previewReplicaCount,
            boolean autoPromotionEnabled,
            Optional<Duration> autoPromotionAfter,
            IntOrPercent maxUnavailable,
            Optional<Duration> scaleDownDelay,
            Optional<Integer> scaleDownDelayRevisionLimit,
            Optional<Duration> abortScaleDownDelay,
            Optional<AnalysisSpec> prePromotionAnalysis,
            Optional<AnalysisSpec> postPromotionAnalysis,
            Additions additions)
            implements Strategy {}

    /// `trafficRouting`: which routers, by the name under which they stand there, and what they are told.
    ///
    /// @param maxWeight the weight that means everything
    /// @param routers name and configuration of each, in order
    record TrafficRouting(int maxWeight, List<Router> routers) {
        public TrafficRouting {
            routers = List.copyOf(routers);
        }

        /// One router, such as `plugins["argoproj-labs/gatewayAPI"]`.
        public record Router(String name, Json.Obj configuration) {}
    }

    /// `analysis` beside the steps: judges the canary while they go on.
    record BackgroundAnalysis(AnalysisSpec analysis, int startingStep) {}

    /// What is added to pod templates.
    Additions additions();

    /// The hash of the steps; the empty string for blue-green, as the status field has it.
    default String currentStepsHash() {
        return switch (this) {
            case Canary canary -> canary.stepsHash();
            case BlueGreen _ -> "";
        };
    }
}
