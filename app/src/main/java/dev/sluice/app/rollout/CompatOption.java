package dev.sluice.app.rollout;

import picocli.CommandLine.Option;

/// `--compat argo`: print as Argo's kubectl plugin does.
final class CompatOption {
    /// Whose form.
    enum Form {
        NONE,
        ARGO
    }

    @Option(names = "--compat", paramLabel = "argo", description = "Print as the kubectl plugin of Argo Rollouts.")
    Form form = Form.NONE;

    boolean argo() {
        return form == Form.ARGO;
    }
}
