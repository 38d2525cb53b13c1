package dev.sluice.app.controller;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DefinitionsTest {
    /// Who reads the table of Argo Rollouts by position must not be misled.
    @Test
    void theColumnsOfArgoComeFirstAndTheOthersTellWhatIsWrong() {
        var columns = Definitions.all()
                .getFirst()
                .at("spec", "versions")
                .at(0)
                .at("additionalPrinterColumns")
                .items();
        assertThat(columns.stream()
                        .map(column -> column.at("name").string("")
                                + column.at("priority").integer(0)
                                + " "
                                + column.at("jsonPath").string("")))
                .containsExactly(
                        "Desired0 .spec.replicas",
                        "Current0 .status.replicas",
                        "Up-to-date0 .status.updatedReplicas",
                        "Available0 .status.availableReplicas",
                        "Age0 .metadata.creationTimestamp",
                        "Phase0 .status.phase",
                        "Step1 .status.currentStepIndex",
                        "Weight1 .status.canary.weights.canary.weight",
                        "Message1 .status.message");
    }
}
