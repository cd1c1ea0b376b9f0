package io.taxistream.embeddedkinesis;

/**
 * Counters of a stream since its creation, and its current space usage.
 *
 * @param recordsWritten number of stored records; an aggregated record counts as one
 * @param bytesWritten size of their partition keys and data in bytes
 * @param recordsRead number of records returned, counting repeated reads
 * @param throttledWrites number of records rejected because of the write limit of their shard
 * @param throttledReads number of calls of GetRecords and GetShardIterator rejected because of the read limit of the shard
 * @param recordsTrimmed number of records that expired or were trimmed
 * @param rejectedWrites number of records rejected because the storage was full or failed
 * @param readsOfTrimmedRecords number of calls of GetRecords for trimmed records; if it is not 0, a reader that resumes from a
 *     checkpoint has missed records
 * @param memoryBytes current heap usage of the stored records and their index, in bytes
 * @param diskBytes current size of the segment files that contain records of the stream, in bytes
 */
public record StreamStatistics(
        long recordsWritten,
        long bytesWritten,
        long recordsRead,
        long throttledWrites,
        long throttledReads,
        long recordsTrimmed,
        long rejectedWrites,
        long readsOfTrimmedRecords,
        long memoryBytes,
        long diskBytes) {}
