package io.taxistream.producer.input;

import java.util.Set;

/**
 * Files that operating systems and tools create beside the data; they are skipped in folders, prefixes and archives.
 */
public final class HiddenFiles {

    private static final Set<String> NAMES =
            Set.of("__MACOSX", "Thumbs.db", "desktop.ini", "_metadata", "_common_metadata");

    private HiddenFiles() {}

    /** Returns whether a file or one of its parent folders has such a name, or one that begins with a dot. */
    public static boolean isHidden(String path) {
        // Some tools for Windows write backslashes into archives.
        for (String name : path.split("[/\\\\]", -1)) {
            boolean relative = name.equals(".") || name.equals("..");
            if (NAMES.contains(name) || (name.startsWith(".") && !relative)) {
                return true;
            }
        }
        return false;
    }
}
