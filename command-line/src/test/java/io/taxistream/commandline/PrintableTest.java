package io.taxistream.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {

    @Test
    void leavesOrdinaryTextAlone() {
        assertThat(Printable.of("b\u00fc \\u001b \ud83d\ude95.csv")).isEqualTo("b\u00fc \\u001b \ud83d\ude95.csv");
    }

    @Test
    void escapesWhatControlsATerminal() {
        assertThat(Printable.of("a\u001b[2J\u0007\u009b\u007f.csv")).isEqualTo("a\\u001b[2J\\u0007\\u009b\\u007f.csv");
    }

    @Test
    void keepsTextOnOneLine() {
        assertThat(Printable.of("a\r\nb\tc\u2028d\u2029e\u0085f"))
                .isEqualTo("a\\u000d\\u000ab\\u0009c\\u2028d\\u2029e\\u0085f");
    }

    @Test
    void escapesBidirectionalControls() {
        assertThat(Printable.of("\u202agpj\u202e.\u2066x\u2069\u200f"))
                .isEqualTo("\\u202agpj\\u202e.\\u2066x\\u2069\\u200f");
    }
}
