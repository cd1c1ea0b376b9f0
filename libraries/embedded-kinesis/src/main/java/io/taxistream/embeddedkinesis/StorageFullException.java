package io.taxistream.embeddedkinesis;

/** A record was refused because the segment files have reached the size that was set for them. */
final class StorageFullException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    StorageFullException(long bytesOnDisk, long maxBytes) {
        super("the embedded Kinesis stores " + bytesOnDisk + " bytes and may store " + maxBytes
                + "; trim what has been read, or raise maxStorageBytes");
    }
}
