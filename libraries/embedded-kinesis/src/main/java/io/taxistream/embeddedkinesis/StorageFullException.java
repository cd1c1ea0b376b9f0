package io.taxistream.embeddedkinesis;

/** Thrown if a record is rejected because the segment files have reached their configured limit. */
final class StorageFullException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    StorageFullException(long bytesOnDisk, long maxBytes) {
        super("the embedded Kinesis stores " + bytesOnDisk + " bytes and may store " + maxBytes
                + "; trim what has been read, or raise maxStorageBytes");
    }
}
