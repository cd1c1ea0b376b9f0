package io.taxistream.producer.input;

import java.io.IOException;

/** The native zstd library, which is extracted to the temporary folder before it is loaded. */
public final class ZstdLibrary {

    private ZstdLibrary() {}

    /** Returns an error that says why the library is unavailable and what to do. */
    public static IOException missing(LinkageError e) {
        return new IOException(
                "the library for zstd cannot be loaded (" + e.getMessage()
                        + "); if programs may not run from the temporary folder, name another one with"
                        + " -Djava.io.tmpdir=FOLDER, else compress the input with gzip",
                e);
    }
}
