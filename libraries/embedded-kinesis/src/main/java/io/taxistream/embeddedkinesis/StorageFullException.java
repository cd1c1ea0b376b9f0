package io.taxistream.embeddedkinesis;

/** Thrown if a record is rejected because the segment files have reached their configured limit. */
final class StorageFullException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    StorageFullException(long bytesOnDisk, long maxBytes) {
        super("the storage of the embedded Kinesis is full: " + bytesOnDisk + " bytes, of at most " + maxBytes
                + "; trim records that have been read, or raise maxStorageBytes");
    }
}
