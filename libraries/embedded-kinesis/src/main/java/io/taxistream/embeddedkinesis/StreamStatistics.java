package io.taxistream.embeddedkinesis;

/**
 * What a stream has taken and given since it was created.
 *
 * @param recordsWritten records stored; an aggregated record counts as one
 * @param bytesWritten bytes of their partition keys and data
 * @param recordsRead records given out, each as often as it was read
 * @param throttledWrites records refused because their shard had taken its limit
 * @param throttledReads calls of GetRecords and GetShardIterator refused because the shard had given its limit
 * @param recordsTrimmed records forgotten because they had outlived the retention period
 * @param memoryBytes what the stored records take in memory now
 */
public record StreamStatistics(
        long recordsWritten,
        long bytesWritten,
        long recordsRead,
        long throttledWrites,
        long throttledReads,
        long recordsTrimmed,
        long memoryBytes) {}
