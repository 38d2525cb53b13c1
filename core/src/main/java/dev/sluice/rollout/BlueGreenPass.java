package dev.sluice.rollout;

import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.rollout.RolloutStatus.PauseReason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One pass over a blue-green update.
///
/// ```
/// preview service ─► new template? start anew ─► pods of all sides ─► pause ─► active service ─► stable
/// ```
///
/// The active Service moves once, between two sides that are both whole; that is why the way back is as short as the
/// way forward.
///
/// @see "Argo Rollouts spec B18"
final class BlueGreenPass {
    private final Pass pass;
    private Observation seen;
    private final StatusDraft status;
    private final Strategy.BlueGreen blueGreen;
    private final int replicas;
    private Restart.Plan restart = Restart.Plan.NONE;
    private boolean pauseAdded;

    private BlueGreenPass(Pass pass, Strategy.BlueGreen blueGreen) {
        this.pass = pass;
        this.seen = pass.seen;
        this.status = pass.status;
        this.blueGreen = blueGreen;
        this.replicas = pass.replicas;
        // Where the strategy was another one: a blue-green update has neither steps nor weights.
        status.weights = Optional.empty();
        status.currentStepIndex = Optional.empty();
        status.currentStepHash = "";
    }

    static Decision decide(Pass pass, Strategy.BlueGreen blueGreen) {
        return new BlueGreenPass(pass, blueGreen).decide();
    }

    /// The way back alone, of a spec that is invalid.
    static Decision retreat(Pass pass, Strategy.BlueGreen blueGreen) {
        var back = new BlueGreenPass(pass, blueGreen);
        back.noteServices();
        return back.goBack();
    }

    /// The size of all sides as one part of a pass, in which nothing else moves.
    static void scale(Pass pass, Strategy.BlueGreen blueGreen) {
        if (!pass.halted()) new BlueGreenPass(pass, blueGreen).scale();
    }

    /// The size of all sides alone, as `spec.replicas` was changed.
    static Decision resize(Pass pass, Strategy.BlueGreen blueGreen) {
        var resize = new BlueGreenPass(pass, blueGreen);
        pass.syncRevision();
        resize.noteServices();
        resize.scale();
        return StatusSync.conclude(pass);
    }

    private Decision decide() {
        noteServices();
        pass.syncRevision();
        pointPreview();
        if (!status.currentPodHash.isEmpty() && !status.currentPodHash.equals(seen.podHash())) return startAnew();
        boolean back = goesBack();
        // Nothing is evicted until everybody is back: the way back needs all the pods there are.
        if (!back || active().equals(status.stableRS)) {
            restart = Restart.plan(pass, unavailable(), this::serving);
        }
        seen = seen.listed();
        pass.trimHistory();
        EphemeralMetadata.sync(pass);
        if (back) return goBack();
        FormerServices.release(pass, FormerServices.alone(seen));
        if (!pass.halted()) scale();
        // Before anything is decided on: what has failed moves nobody, and takes back whom it has moved.
        judge();
        pause();
        pointActive();
        latch();
        settle();
        restart.carryOut(pass);
        return StatusSync.conclude(pass);
    }

    private boolean goesBack() {
        return status.abort && !status.promoteFull && seen.wayBack().isPresent();
    }

    /// Everybody to the stable side, and nothing besides: neither the preview nor a promotion has a place here.
    private Decision goBack() {
        FormerServices.release(pass, FormerServices.alone(seen));
        if (!pass.halted()) scale();
        judge();
        pointActive();
        restart.carryOut(pass);
        return StatusSync.conclude(pass);
    }

    private Optional<String> hashOf(String service) {
        return Optional.ofNullable(seen.services().get(service)).flatMap(Observation.ServiceSeen::hash);
    }

    private String active() {
        return hashOf(blueGreen.activeService()).orElse("");
    }

    /// Whether the active Service selects no revision though there was one that it served: somebody made it again. That
    /// is no first deployment, and nobody's word for the newest revision.
    private boolean lostSelector() {
        return active().isEmpty() && seen.wayBack().isPresent();
    }

    private void noteServices() {
        status.blueGreen = status.blueGreen.withSelectors(
                active(), blueGreen.previewService().flatMap(this::hashOf).orElse(""));
    }

    /// The preview shows the newest revision from the first moment, also while it has no pods: nobody's traffic is
    /// there.
    private void pointPreview() {
        if (pass.halted()) return;
        blueGreen
                .previewService()
                .map(seen.services()::get)
                .filter(pass::mayTouch)
                .ifPresent(service -> seen.newest()
                        .filter(newest ->
                                service.hash().filter(newest.hash()::equals).isEmpty())
                        .ifPresent(newest -> pass.switchService(
                                service,
                                newest,
                                Because.of("PreviewService", "%s is the newest revision", newest.name()))));
    }

    private Decision startAnew() {
        status.clearPauses();
        status.abort = false;
        status.promoteFull = false;
        status.restartedAt = pass.rollout.spec().restartAt();
        status.blueGreen = status.blueGreen.withCheckPoint(false).withRuns(Optional.empty(), Optional.empty());
        return StatusSync.conclude(pass);
    }

    // ── pods ─────────────────────────────────────────────────────────────────────────────────────────────────────

    private void scale() {
        seen.wayBack()
                .ifPresent(stable -> pass.scale(
                        stable,
                        replicas + restart.extra(stable),
                        Optional.empty(),
                        Because.of("StableWhole", "the stable side stays whole during an update")));
        seen.newest().ifPresent(this::scaleNewest);
        // As long as nobody knows whether the new side is good, those before it may be needed.
        if (blueGreen.scaleDownDelay().isEmpty() && active().equals(seen.podHash()) && !passedAfter()) return;
        int kept = 0;
        var inUse = pass.referenced();
        for (var other : pass.othersNewestFirst()) {
            if (other.replicas() == 0 || inUse.contains(other.hash())) continue;
            boolean stays = pass.retire(
                    other,
                    blueGreen.scaleDownDelay().orElse(Pass.DEFAULT_SCALE_DOWN_DELAY),
                    blueGreen.scaleDownDelayRevisionLimit(),
                    kept,
                    replicas,
                    Because.of("ScaleDownDelay", "%s was replaced long enough ago", other.name()));
            if (stays) kept++;
        }
    }

    private void scaleNewest(ReplicaSet newest) {
        // A new side that was held before it had pods gets none because another number of them is asked for.
        if (pass.halted() && newest.replicas() == 0) return;
        if (!status.abort || seen.wayBack().isEmpty()) {
            // What makes the way back short is forgotten only when the way is seen to be over.
            boolean goesBack = fastRollback() && !active().equals(seen.podHash());
            pass.scale(
                    newest,
                    target() + restart.extra(newest),
                    goesBack ? newest.scaleDownDeadline() : Optional.empty(),
                    Because.of("NewSide", "pods asked for on the new side: %d", target()));
            return;
        }
        var delay = blueGreen.abortScaleDownDelay().orElse(Pass.DEFAULT_SCALE_DOWN_DELAY);
        var because = Because.of("AbortedScaleDown", "the update was aborted and the active service is back");
        boolean back = active().equals(status.stableRS);
        boolean stableWhole =
                seen.stable().filter(stable -> stable.available() >= replicas).isPresent();
        var begun = newest.scaleDownDeadline();
        if (delay.isZero() || newest.replicas() == 0 || !back || !stableWhole && begun.isEmpty()) {
            pass.scale(newest, newest.replicas(), Optional.empty(), because);
            return;
        }
        var due = begun.orElseGet(() -> pass.in(delay));
        pass.wakeAt(due);
        if (pass.now.isBefore(due)) pass.scale(newest, newest.replicas(), Optional.of(due), because);
        else pass.scale(newest, 0, Optional.empty(), because);
    }

    /// Pods that the new side shall have now.
    private int target() {
        if (blueGreen.previewReplicaCount().isEmpty()) return replicas;
        boolean paused = pass.rollout.spec().paused() || !status.pauses.isEmpty();
        boolean alone =
                active().isEmpty() ? !lostSelector() : seen.replicaSet(active()).isEmpty();
        boolean whole = alone
                || active().equals(seen.podHash())
                || seen.stableLost()
                || status.promoteFull
                || fastRollback()
                || !paused && status.blueGreen.scaleUpPreviewCheckPoint();
        return whole ? replicas : blueGreen.previewReplicaCount().get();
    }

    private boolean ready() {
        return seen.newest()
                .filter(newest -> newest.replicas() == target() && newest.available() == target())
                .isPresent();
    }

    private boolean saturated(Optional<ReplicaSet> side) {
        return side.filter(rs -> rs.replicas() == replicas
                        && rs.available() == replicas
                        && rs.desiredAtScale().filter(d -> d == replicas).isPresent())
                .isPresent();
    }

    // ── restart ──────────────────────────────────────────────────────────────────────────────────────────────────

    private int unavailable() {
        return Math.min(blueGreen.maxUnavailable().floor(replicas), replicas);
    }

    /// The side that the active Service selects; nobody's traffic depends on the other.
    private List<Restart.Group> serving() {
        if (replicas == 0) return List.of();
        if (active().isEmpty()) {
            // It reaches the pods of all revisions, and is about to be pointed at those of one: none is spared until
            // then.
            int all = seen.replicaSets().stream().mapToInt(ReplicaSet::replicas).sum();
            return List.of(new Restart.Group(seen.replicaSets(), all, all, Optional.empty()));
        }
        var serving = seen.replicaSet(active());
        if (serving.isEmpty()) return List.of();
        boolean newest = active().equals(seen.podHash());
        boolean mayGrow = !pass.halted()
                && (newest ? !(status.abort && seen.wayBack().isPresent()) : active().equals(status.stableRS));
        return List.of(new Restart.Group(
                List.of(serving.get()),
                Math.max(1, replicas - unavailable()),
                newest ? target() : replicas,
                serving.filter(_ -> mayGrow)));
    }

    // ── analysis ─────────────────────────────────────────────────────────────────────────────────────────────────

    private void judge() {
        boolean active = active().equals(seen.podHash());
        // With the stable ReplicaSet gone it serves before it has proven itself: then it does so now.
        boolean serves = active && (!seen.stableLost() || provenBefore());
        boolean judged = proves() && !status.promoteFull && (!fastTracked() || active && !fastRollback());
        boolean whole = active ? saturated(seen.newest()) : ready();
        new AnalysisRuns(pass).ofBlueGreen(blueGreen, new AnalysisRuns.Side(judged, serves, whole));
    }

    private boolean provenBefore() {
        return blueGreen.prePromotionAnalysis().isEmpty() || successful(status.blueGreen.preRun());
    }

    private static boolean successful(Optional<RolloutStatus.RunStatus> run) {
        return run.filter(r -> r.phase() == AnalysisPhase.SUCCESSFUL).isPresent();
    }

    /// Whether there is anybody whom the newest revision has to be better than: nobody until a first one is stable,
    /// whatever the active Service selects.
    private boolean proves() {
        return !status.stableRS.isEmpty() && !seen.fullyPromoted();
    }

    private boolean passedBefore() {
        return blueGreen.prePromotionAnalysis().isEmpty()
                || !proves()
                || passed(status.blueGreen.preRun(), "before everybody goes to the new side");
    }

    private boolean passedAfter() {
        return blueGreen.postPromotionAnalysis().isEmpty()
                || !proves()
                || passed(status.blueGreen.postRun(), "before the new side is the stable one");
    }

    private boolean passed(Optional<RolloutStatus.RunStatus> run, String until) {
        if (successful(run)) return true;
        if (!status.abort) {
            pass.await(Because.of(
                    "Analysis",
                    "%s the verdict of %s is waited for",
                    until,
                    run.map(RolloutStatus.RunStatus::name).orElse("its analysis")));
        }
        return false;
    }

    // ── pause ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Nothing to wait for: there is nobody on the other side, or the new one was proven before.
    private boolean fastTracked() {
        boolean there = active().isEmpty() && !lostSelector() || active().equals(seen.podHash());
        return fastRollback() || status.promoteFull || there && !seen.stableLost();
    }

    private boolean fastRollback() {
        boolean stillUp = seen.newest()
                .flatMap(ReplicaSet::scaleDownDeadline)
                .filter(pass.now::isBefore)
                .isPresent();
        return pass.rollingBack() && (seen.fullyPromoted() || stillUp || pass.withinRollbackWindow());
    }

    private boolean pauseNeeded() {
        return !blueGreen.autoPromotionEnabled()
                || blueGreen.autoPromotionAfter().filter(d -> !d.isZero()).isPresent();
    }

    private Optional<Instant> pausedSince() {
        return status.pauses.stream()
                .filter(pause -> pause.reason() == PauseReason.BLUE_GREEN)
                .map(RolloutStatus.PauseCondition::since)
                .findFirst();
    }

    private void pause() {
        if (fastTracked() || status.blueGreen.scaleUpPreviewCheckPoint()) {
            status.resume(PauseReason.BLUE_GREEN);
            return;
        }
        if (status.abort || pass.halted() || !pauseNeeded()) return;
        if (!ready()) {
            if (pausedSince().isEmpty()) {
                pass.await(Because.of(
                        "NewSideReady",
                        "the new side has %d of %d pods available",
                        seen.newest().map(ReplicaSet::available).orElse(0),
                        target()));
            }
            return;
        }
        if (!passedBefore()) return;
        if (pausedSince().isEmpty() && !status.controllerPause) {
            status.pause(PauseReason.BLUE_GREEN, pass.now);
            pauseAdded = true;
        }
        if (blueGreen.autoPromotionEnabled()) {
            pausedSince()
                    .flatMap(since -> blueGreen.autoPromotionAfter().map(since::plus))
                    .ifPresent(pass::wakeAt);
        }
        if (!pauseComplete()) {
            pass.await(Because.of(
                    "Paused",
                    blueGreen.autoPromotionEnabled()
                            ? "promotes itself "
                                    + blueGreen
                                            .autoPromotionAfter()
                                            .map(Duration::toSeconds)
                                            .orElse(0L)
                                    + " s after the pause began"
                            : "the preview is ready and waits to be promoted"));
        }
    }

    private boolean pauseComplete() {
        if (pauseAdded || status.paused(PauseReason.INCONCLUSIVE_ANALYSIS)) return false;
        if (status.blueGreen.scaleUpPreviewCheckPoint() || !pauseNeeded()) return true;
        if (blueGreen.autoPromotionEnabled()) {
            var after = blueGreen.autoPromotionAfter().orElse(Duration.ZERO);
            return pausedSince()
                            .filter(since -> !pass.now.isBefore(since.plus(after)))
                            .isPresent()
                    || status.controllerPause && pausedSince().isEmpty();
        }
        return status.controllerPause && pausedSince().isEmpty();
    }

    private void latch() {
        if (status.abort || seen.fullyPromoted() || pass.halted()) return;
        if (blueGreen.previewReplicaCount().isPresent()
                && ready()
                && !fastTracked()
                && passedBefore()
                && pauseComplete()) {
            status.blueGreen = status.blueGreen.withCheckPoint(true);
            status.resume(PauseReason.BLUE_GREEN);
            pass.wakeAt(pass.now);
        }
    }

    // ── active service ───────────────────────────────────────────────────────────────────────────────────────────

    private void pointActive() {
        if (seen.stableLost()) {
            pointAtWhatThereIs();
            return;
        }
        // Also while it is paused by hand: this is how it was.
        if (lostSelector()) {
            point(
                    seen.wayBack().orElseThrow(),
                    Because.of("SelectorLost", "the active Service selected no revision, %s served", status.stableRS));
            return;
        }
        if (pass.rollout.spec().paused()) return;
        if (status.abort && seen.wayBack().isPresent()) {
            if (active().equals(status.stableRS)) return;
            if (saturated(seen.stable()) || stableServesBetter()) {
                point(
                        seen.stable().orElseThrow(),
                        Because.of("Aborted", "the update is aborted: everybody goes back to %s", status.stableRS));
            } else {
                pass.await(Because.of("StableWhole", "the way back waits for the stable side to be whole"));
            }
            return;
        }
        if (active().equals(seen.podHash())) return;
        if (!saturated(seen.newest())) {
            pass.await(Because.of(
                    "NewSideReady",
                    "the new side has %d of %d pods available",
                    seen.newest().map(ReplicaSet::available).orElse(0),
                    replicas));
            return;
        }
        if (target() < replicas) {
            // It is being made smaller in this very pass: an older revision that was still up.
            pass.await(Because.of("PreviewFirst", "the new side is a preview of %d pods until it is proven", target()));
            return;
        }
        if (fastTracked() || passedBefore() && pauseComplete()) {
            point(
                    seen.newest().orElseThrow(),
                    Because.of("Promoted", "the new side is whole: everybody goes to %s", seen.podHash()));
            status.resume(PauseReason.BLUE_GREEN);
        }
    }

    /// With the stable ReplicaSet gone the active Service reaches nobody; the new side takes over before its time,
    /// and is still not promoted before it is judged.
    private void pointAtWhatThereIs() {
        boolean served =
                seen.replicaSet(active()).filter(set -> set.available() > 0).isPresent();
        var newest = seen.newest().orElseThrow();
        if (active().equals(newest.hash()) || served && newest.available() < replicas) return;
        point(newest, pass.takeover(newest));
    }

    /// A stable side that is not whole is still the better one when the new side has nothing at all.
    private boolean stableServesBetter() {
        int activeAvailable =
                seen.replicaSet(active()).map(ReplicaSet::available).orElse(0);
        return activeAvailable == 0 && seen.stable().map(ReplicaSet::available).orElse(0) > 0;
    }

    private void point(ReplicaSet target, Because because) {
        pass.pointService(blueGreen.activeService(), target, true, because);
    }

    private void settle() {
        if (seen.fullyPromoted()) {
            status.promoteFull = false;
            status.abort = false;
        }
        var promotion = promotion();
        if (promotion.isEmpty()) return;
        pass.promote(promotion.get(), Optional.empty());
    }

    private Optional<Promotion> promotion() {
        boolean judged = status.promoteFull || saturated(seen.newest()) && passedBefore() && pauseComplete();
        if (seen.stableLost() && !judged) return Optional.empty();
        if (active().isEmpty() && !lostSelector()) return Optional.of(Promotion.whole("Initial deploy"));
        if (!active().equals(seen.podHash()) && !seen.fullyPromoted()) return Optional.empty();
        if (status.promoteFull) return Optional.of(Promotion.byCommand());
        if (fastRollback()) return Optional.of(Promotion.back("Fast rollback"));
        if (status.abort || !passedAfter()) return Optional.empty();
        return Optional.of(Promotion.whole("Completed blue-green update"));
    }
}
