package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTest {
    private static String table(int room) {
        return new Table()
                .row("NAME", "PODS", "HEADLINE")
                .row("web", "4/4", "paused at 25 %: waiting for you (10m), next 100 %")
                .row("cart", "2/2", "healthy")
                .text(new Style(false, false), room);
    }

    @Test
    void theLastColumnIsBrokenWhereWordsEnd() {
        assertThat(table(40)).isEqualTo("""
                NAME  PODS  HEADLINE
                web   4/4   paused at 25 %: waiting for
                            you (10m), next 100 %
                cart  2/2   healthy
                """);
    }

    @Test
    void withoutRoomItGoesBelowTheOthers() {
        assertThat(table(32)).isEqualTo("""
                NAME  PODS  HEADLINE
                web   4/4
                    paused at 25 %: waiting for
                    you (10m), next 100 %
                cart  2/2   healthy
                """);
    }

    @Test
    void whoeverIsNoTerminalGetsEachOnOneLine() {
        assertThat(table(Integer.MAX_VALUE).lines()).hasSize(3);
    }
}
