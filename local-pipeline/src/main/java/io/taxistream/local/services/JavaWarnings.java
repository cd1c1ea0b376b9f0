package io.taxistream.local.services;

import java.util.List;

/** Keeps newer JDKs from warning on standard error about what a program's libraries do, such as Protocol Buffers'. */
final class JavaWarnings {

    /** The first JDK that knows both options; those before do not warn. */
    private static final int FIRST = 23;

    private JavaWarnings() {}

    /** Options for the {@code java} that runs this process. */
    static List<String> off() {
        return Runtime.version().feature() < FIRST
                ? List.of()
                : List.of("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED");
    }
}
