package io.taxistream.local.services;

import java.util.List;

/** Suppresses the warnings of newer JDKs about what libraries such as Protocol Buffers do. */
final class JavaWarnings {

    /** First JDK with both options; earlier ones do not warn. */
    private static final int FIRST = 23;

    private JavaWarnings() {}

    /** Returns the options for the {@code java} executable of this process. */
    static List<String> off() {
        return Runtime.version().feature() < FIRST
                ? List.of()
                : List.of("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED");
    }
}
