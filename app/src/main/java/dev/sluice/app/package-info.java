/// The one program: commands, demo, simulation.
package dev.sluice.app;
