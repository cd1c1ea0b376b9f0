package io.taxistream.embeddedkinesis;

/**
 * Counters of a stream since it was created, and the space that it takes now.
 *
 * @param recordsWritten records stored; an aggregated record counts as one
 * @param bytesWritten bytes of their partition keys and data
 * @param recordsRead records given out, each as often as it was read
 * @param throttledWrites records refused because their shard had taken its limit
 * @param throttledReads calls of GetRecords and GetShardIterator refused because the shard had given its limit
 * @param recordsTrimmed records forgotten because they had outlived the retention period or were trimmed
 * @param refusedWrites records refused because the storage was full or failed
 * @param readsOfTrimmedRecords calls of GetRecords for records that had been trimmed; a reader that resumes from a
 *     checkpoint has missed records if this is not 0
 * @param memoryBytes bytes of heap that the stored records and their index take now
 * @param diskBytes bytes of segment files that hold the stream's records now
 */
public record StreamStatistics(
        long recordsWritten,
        long bytesWritten,
        long recordsRead,
        long throttledWrites,
        long throttledReads,
        long recordsTrimmed,
        long refusedWrites,
        long readsOfTrimmedRecords,
        long memoryBytes,
        long diskBytes) {}
