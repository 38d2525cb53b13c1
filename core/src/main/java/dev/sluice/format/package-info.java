/// Text formats of the field that must agree with Go byte for byte: durations, quantities, int-or-percent.
package dev.sluice.format;
