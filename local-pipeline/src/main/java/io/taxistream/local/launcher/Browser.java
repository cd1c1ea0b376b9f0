package io.taxistream.local.launcher;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Opens a page in the user's browser. */
final class Browser {

    private Browser() {}

    /**
     * Opens a page.
     *
     * @return whether a browser was launched; false without a desktop
     */
    static boolean open(URI page) {
        return opener(System.getProperty("os.name"), System.getenv())
                .map(command -> start(command, page))
                .orElse(false);
    }

    /** Returns the command that opens an address on this system; empty without a desktop. */
    static Optional<String> opener(String system, Map<String, String> environment) {
        if (system.startsWith("Mac")) {
            return Optional.of("open");
        }
        boolean desktop = environment.containsKey("DISPLAY") || environment.containsKey("WAYLAND_DISPLAY");
        return desktop ? Optional.of("xdg-open") : Optional.empty();
    }

    private static boolean start(String command, URI page) {
        try {
            new ProcessBuilder(List.of(command, page.toString()))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return true;
        } catch (IOException e) {
            // The address is printed anyway, so a missing opener costs the user one click.
            return false;
        }
    }
}
