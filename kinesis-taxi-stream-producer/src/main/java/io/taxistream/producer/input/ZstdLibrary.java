package io.taxistream.producer.input;

import java.io.IOException;

/** The native zstd library, which is extracted to the temporary folder before it is loaded. */
public final class ZstdLibrary {

    private ZstdLibrary() {}

    /** Returns an error that says why the library is unavailable and what to do. */
    public static IOException missing(LinkageError e) {
        return new IOException(
                "the zstd library cannot be loaded (" + e.getMessage()
                        + "); if the temporary folder is mounted with noexec, set another one with"
                        + " -Djava.io.tmpdir=FOLDER, otherwise compress the input with gzip",
                e);
    }
}
