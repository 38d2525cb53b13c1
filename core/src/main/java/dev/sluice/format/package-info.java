/// Text formats of the field that must agree with Go byte for byte: durations, quantities, int-or-percent, JSON.
package dev.sluice.format;
