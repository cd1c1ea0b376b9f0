package io.taxistream.producer.input;

import java.io.IOException;

/** The native library that unpacks zstd, which is unpacked into the temporary folder itself. */
public final class ZstdLibrary {

    private ZstdLibrary() {}

    /** Says why the library cannot be used, and what to do. */
    public static IOException missing(LinkageError e) {
        return new IOException(
                "the library for zstd cannot be loaded (" + e.getMessage()
                        + "); if programs may not run from the temporary folder, name another one with"
                        + " -Djava.io.tmpdir=FOLDER, else compress the input with gzip",
                e);
    }
}
