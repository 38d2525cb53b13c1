package dev.sluice.e2e.rollout;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The rows of `docs/reference/argo-compatibility.md` that a scenario shows, such as `M07`.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Rows {
    String[] value();
}
