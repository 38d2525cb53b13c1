package dev.sluice.app;

import dev.sluice.app.local.LocalState;
import dev.sluice.cluster.Loss;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What to do about an API server that is not reached. It depends on what the network said, and on the way that was
/// taken: which only the program's options know, not the code that complains.
final class Unreachable {
    /// The code of every complaint about an answer that did not come.
    static final String CODE = "SLU-X002";

    private Unreachable() {}

    /// The complaint with what to do on the way that was taken; any other complaint as it is.
    static Complaint advised(Complaint complaint, Root root) {
        if (!complaint.code().equals(CODE)) return complaint;
        var loss = complaint.loss().orElse(Loss.OTHER);
        var why = new ArrayList<>(complaint.why());
        var remedies = new ArrayList<String>();
        var local = kubeconfig(root).flatMap(LocalState.Folder::behind);
        boolean gone = mayBeGone(loss) && local.filter(folder -> !folder.runs()).isPresent();
        if (gone) {
            why.add("it was the local cluster's, and that has ended");
            remedies.add(up(local.get(), root) + "     starts an empty one");
            return complaint.because(why).remedy(remedies);
        }
        remedy(loss).ifPresent(remedies::add);
        remedies.add("look whether it can be reached: kubectl version" + options(root));
        if (loss == Loss.LATE) remedies.add("a longer wait: --request-timeout 30s");
        return complaint.remedy(remedies);
    }

    private static boolean mayBeGone(Loss loss) {
        return switch (loss) {
            case REFUSED, CUT, LATE -> true;
            // Another process has the port by now.
            case HANDSHAKE, CERTIFICATE -> true;
            case UNKNOWN_HOST, NO_ROUTE, OTHER -> false;
        };
    }

    private static Optional<String> remedy(Loss loss) {
        return switch (loss) {
            case REFUSED -> Optional.of("is the cluster running, and is this its address?");
            case UNKNOWN_HOST ->
                Optional.of("correct the server's address in the kubeconfig, or choose another --context");
            case NO_ROUTE -> Optional.of("is a network missing, such as a VPN?");
            case CERTIFICATE ->
                Optional.of("is the kubeconfig of this cluster, and a fresh one? see server and"
                        + " certificate-authority in it");
            case HANDSHAKE -> Optional.of("correct server and credentials in the kubeconfig");
            case CUT, LATE, OTHER -> Optional.empty();
        };
    }

    /// The kubeconfig in use, where it is one file.
    private static Optional<Path> kubeconfig(Root root) {
        if (root.kubeconfig != null) return Optional.of(root.kubeconfig);
        var files = List.of(root.terminal().variable("KUBECONFIG").split(File.pathSeparator)).stream()
                .filter(file -> !file.isBlank())
                .toList();
        return files.size() == 1 ? Optional.of(Path.of(files.getFirst())) : Optional.empty();
    }

    private static String up(LocalState.Folder folder, Root root) {
        boolean usual = folder.equals(LocalState.Folder.of(Optional.empty(), root.terminal()));
        return "sluice local up"
                + (usual
                        ? ""
                        : " --state-dir " + LocalState.quoted(folder.path().toString()));
    }

    /// What makes another program take the same way.
    private static String options(Root root) {
        return (root.kubeconfig == null ? "" : " --kubeconfig " + LocalState.quoted(root.kubeconfig.toString()))
                + (root.context == null ? "" : " --context " + LocalState.quoted(root.context));
    }
}
