package io.taxistream.producer.input;

import java.util.Set;

/** Files that systems put beside others and that nobody means: they are left out of folders, prefixes and archives. */
public final class HiddenFiles {

    private static final Set<String> NAMES =
            Set.of("__MACOSX", "Thumbs.db", "desktop.ini", "_metadata", "_common_metadata");

    private HiddenFiles() {}

    /** Whether a file, or a folder on the way to it, is such a one: named so, or with a dot at the beginning. */
    public static boolean isHidden(String path) {
        for (String name : path.split("/", -1)) {
            boolean relative = name.equals(".") || name.equals("..");
            if (NAMES.contains(name) || (name.startsWith(".") && !relative)) {
                return true;
            }
        }
        return false;
    }
}
