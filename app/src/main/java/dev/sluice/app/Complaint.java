package dev.sluice.app;

import dev.sluice.cluster.Loss;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a command says when it cannot do what was asked: what and where, why with the values, what to do, code.
///
/// @param code one for each kind of complaint, such as `SLU-A003`
/// @param what one line; names the object
/// @param why one line each, the root cause first
/// @param remedies one line each: a command to run, or what to change
/// @param loss how the answer was lost, of a complaint about one that did not come
public record Complaint(
        Exit exit, String code, String what, List<String> why, List<String> remedies, Optional<Loss> loss) {
    /// Where the lines below the first begin, behind `why` and `do`.
    private static final int MARGIN = 8;

    public Complaint {
        why = List.copyOf(why);
        remedies = List.copyOf(remedies);
    }

    public static Complaint of(Exit exit, String code, String what) {
        return new Complaint(exit, code, what, List.of(), List.of(), Optional.empty());
    }

    public Complaint because(String... lines) {
        return new Complaint(exit, code, what, List.of(lines), remedies, loss);
    }

    public Complaint because(List<String> lines) {
        return new Complaint(exit, code, what, lines, remedies, loss);
    }

    public Complaint remedy(String... lines) {
        return new Complaint(exit, code, what, why, List.of(lines), loss);
    }

    public Complaint remedy(List<String> lines) {
        return new Complaint(exit, code, what, why, lines, loss);
    }

    public Complaint lost(Loss how) {
        return new Complaint(exit, code, what, why, remedies, Optional.of(how));
    }

    /// To be thrown; ends the command.
    public Failure failure() {
        return new Failure(this);
    }

    /// As it stands on stderr, with a line break at its end.
    public String text() {
        var text = new StringBuilder("error ")
                .append(code)
                .append("  ")
                .append(what)
                .append('\n');
        lines(text, "why", why);
        lines(text, "do", remedies);
        return text.toString();
    }

    /// The last complaint that [#text] has written into a log, of a process that had one; empty where it had none.
    ///
    /// @param exit what is to be ended with; the text does not say
    public static Optional<Complaint> last(List<String> log, Exit exit) {
        int first = log.size() - 1;
        while (first >= 0 && !log.get(first).matches("error SLU-[A-Z][0-9]{3}  .*")) first--;
        if (first < 0) return Optional.empty();
        var head = log.get(first).split("  ", 2);
        var why = new ArrayList<String>();
        var remedies = new ArrayList<String>();
        var open = why;
        for (var line : log.subList(first + 1, log.size())) {
            if (line.length() < MARGIN || !line.startsWith("  ")) break;
            if (line.startsWith("  do ")) open = remedies;
            open.add(line.substring(MARGIN));
        }
        return Optional.of(of(exit, head[0].substring("error ".length()), head[1])
                .because(why)
                .remedy(remedies));
    }

    private static void lines(StringBuilder text, String head, List<String> lines) {
        for (int i = 0; i < lines.size(); i++) {
            text.append(i == 0 ? "  %-5s ".formatted(head) : "        ")
                    .append(lines.get(i))
                    .append('\n');
        }
    }

    /// A complaint on its way to the user; carries no stack, for it is no defect.
    public static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Complaint complaint;

        Failure(Complaint complaint) {
            super(complaint.what(), null, false, false);
            this.complaint = complaint;
        }

        public Complaint complaint() {
            return complaint;
        }
    }
}
