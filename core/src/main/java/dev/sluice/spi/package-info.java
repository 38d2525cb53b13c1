/// The ports a third party may fill, and the clock the edge is handed. Nothing here does I/O.
package dev.sluice.spi;
