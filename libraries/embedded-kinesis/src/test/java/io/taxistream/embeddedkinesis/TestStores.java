package io.taxistream.embeddedkinesis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Stores in the system's folder for temporary files; their files disappear with the process. */
final class TestStores {

    private TestStores() {}

    static SegmentStore unlimited() {
        return limited(SegmentStore.UNLIMITED);
    }

    static SegmentStore limited(long maxBytes) {
        try {
            return SegmentStore.open(Path.of(System.getProperty("java.io.tmpdir")), maxBytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
