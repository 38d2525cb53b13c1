package dev.sluice.e2e.probes;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// One place where two answers differ.
///
/// @param step probe and request
/// @param path into the answer: `body.metadata.labels`, `code`
/// @param real what the real server has there, `null` for nothing
/// @param ours what ours has
record Delta(String step, String path, Json real, Json ours) {

    /// All places where the answers to one probe differ.
    static List<Delta> between(List<Answer> real, List<Answer> ours) {
        var deltas = new ArrayList<Delta>();
        for (int i = 0; i < Math.max(real.size(), ours.size()); i++) {
            var step = (i < real.size() ? real : ours).get(i).step();
            var one = i < real.size() ? real.get(i).json() : Json.Null.VALUE;
            var other = i < ours.size() ? ours.get(i).json() : Json.Null.VALUE;
            // Where one refuses and the other does not, the fields of the bodies have nothing in common.
            if (one.at("code").equals(other.at("code"))) compare(step, "", one, other, deltas);
            else deltas.add(new Delta(step, "code", told(one), told(other)));
        }
        return deltas;
    }

    private static Json told(Json answer) {
        var message = answer.at("body", "message").string("");
        return Json.of(answer.at("code").text() + " "
                + (message.isEmpty() ? answer.at("body").text() : message));
    }

    private static void compare(String step, String path, Json real, Json ours, List<Delta> deltas) {
        if (real.equals(ours)) return;
        if (real instanceof Json.Obj && ours instanceof Json.Obj) {
            var names = new TreeSet<>(real.fields().keySet());
            names.addAll(ours.fields().keySet());
            for (var name : names)
                compare(step, path.isEmpty() ? name : path + "." + name, at(real, name), at(ours, name), deltas);
            return;
        }
        if (real instanceof Json.Arr(var some)
                && ours instanceof Json.Arr(var others)
                && some.size() == others.size()) {
            for (int i = 0; i < some.size(); i++) compare(step, path + "." + i, some.get(i), others.get(i), deltas);
            return;
        }
        deltas.add(new Delta(step, path, real, ours));
    }

    /// Nothing and `null` are two things.
    private static Json at(Json object, String name) {
        return object.obj().get(name).orElse(Json.of("(nothing)"));
    }

    @Override
    public String toString() {
        return step + "\n    " + path + "\n      real: " + shortened(real.text()) + "\n      ours: "
                + shortened(ours.text());
    }

    private static String shortened(String text) {
        return text.length() <= 1_500 ? text : text.substring(0, 1_500) + "… (" + text.length() + ")";
    }
}
