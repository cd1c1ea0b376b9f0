package io.taxistream.local.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class BrowserTest {

    @Test
    void usesTheDesktopsBrowser() {
        assertThat(Browser.opener("Mac OS X", Map.of())).contains("open");
        assertThat(Browser.opener("Linux", Map.of("DISPLAY", ":0"))).contains("xdg-open");
        assertThat(Browser.opener("Linux", Map.of("WAYLAND_DISPLAY", "wayland-0")))
                .contains("xdg-open");
    }

    @Test
    void opensNothingWithoutADesktop() {
        assertThat(Browser.opener("Linux", Map.of("TERM", "xterm"))).isEmpty();
    }
}
