package dev.sluice.app.demo;

import java.util.List;
import java.util.Optional;

/// One story of the mission, played in namespaces of its own.
///
/// What it says depends on nothing but the story and the seed: never on a time, a port or a measured figure, so that
/// the text of two runs can be compared. Figures go beside the text and into the table.
///
/// A new story is a class that implements this, and its place in [#ALL]; help, table and tests follow from it.
interface Story {
    /// In the order in which they are played.
    List<Story> ALL = List.of(
            new RatioByPods(),
            new TwoDeployments(),
            new BlueGreenBySelector(),
            new TwelveSteps(),
            new TenThirtyThreeAll(),
            new WatchedCanary(),
            new WhyNoTraffic(),
            new TenNinety());

    /// Its number in the mission, such as `1` or `1b`: lower case letters and digits, for it names the namespace too.
    String number();

    /// What `--story` calls it.
    String name();

    /// One line.
    String title();

    /// @throws Failed when the world does not become what the story says
    void play(Scene scene) throws InterruptedException;

    /// By its name or its number.
    static Optional<Story> named(String word) {
        return ALL.stream()
                .filter(story -> story.name().equals(word) || story.number().equals(word))
                .findFirst();
    }

    /// The story cannot go on.
    final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(String why) {
            super(why);
        }
    }
}
