package dev.sluice.e2e.controlplane;

import java.util.List;

/// Who a client certificate says its holder is: the name RBAC and the audit log see, and the groups.
public record User(String name, List<String> groups) {
    /// May do everything.
    public static final User ADMIN = user("admin", "system:masters");

    public User {
        if (!name.matches("[A-Za-z0-9:._-]+"))
            throw new IllegalArgumentException("user name '" + name + "': only letters, digits and : . _ - here");
        groups = List.copyOf(groups);
    }

    /// Without a group a user may do what RBAC objects grant to the name, and nothing else.
    public static User user(String name, String... groups) {
        return new User(name, List.of(groups));
    }
}
