package dev.sluice.strategy;

/// How many pods each side shall have.
public record Share(int canary, int stable) {}
