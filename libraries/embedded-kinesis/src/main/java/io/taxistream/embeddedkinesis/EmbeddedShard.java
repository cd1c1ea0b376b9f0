package io.taxistream.embeddedkinesis;

import io.taxistream.embeddedkinesis.RecordLog.EntryConsumer;
import io.taxistream.embeddedkinesis.RecordLog.Slice;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** A shard: its hash key range, parents, records and throughput limits. */
final class EmbeddedShard {

    static final int MAX_RECORDS_WRITTEN_PER_SECOND = 1_000;
    static final int MAX_BYTES_WRITTEN_PER_SECOND = 1024 * 1024;
    static final int MAX_READS_PER_SECOND = 5;
    static final int MAX_BYTES_READ_PER_SECOND = 2 * 1024 * 1024;
    static final int MAX_ITERATORS_PER_SECOND = 5;

    private static final long OPEN = Long.MAX_VALUE;
    private static final long PAGE_BYTES = 1024 * 1024;

    private final String id;
    private final HashKeyRange range;
    private final List<String> parents;
    private final long createdMillis;
    private final SequenceNumbers sequenceNumbers;
    private final long startPosition;

    private final RecordLog log;
    private final TokenBucket recordsWritten;
    private final TokenBucket bytesWritten;
    private final TokenBucket reads;
    private final TokenBucket bytesRead;
    private final TokenBucket iterators;
    private long lastArrivalMillis = Long.MIN_VALUE;
    private long readUpToOrdinal;
    private long readUpToPosition;
    private long closedMillis = OPEN;
    private long endPosition = OPEN;
    private List<EmbeddedShard> children = List.of();

    /** @param parents none, the shard that was split, or the two that were merged (the adjacent one second) */
    EmbeddedShard(
            int index,
            HashKeyRange range,
            List<String> parents,
            SequenceNumbers sequenceNumbers,
            long startPosition,
            SegmentStore store,
            long nowMillis) {
        this.id = String.format(Locale.ROOT, "shardId-%012d", index);
        this.range = range;
        this.parents = parents;
        this.createdMillis = nowMillis;
        this.log = new RecordLog(store);
        this.readUpToPosition = startPosition;
        this.sequenceNumbers = sequenceNumbers;
        this.startPosition = startPosition;
        this.recordsWritten = new TokenBucket(MAX_RECORDS_WRITTEN_PER_SECOND, nowMillis);
        this.bytesWritten = new TokenBucket(MAX_BYTES_WRITTEN_PER_SECOND, nowMillis);
        this.reads = new TokenBucket(MAX_READS_PER_SECOND, nowMillis);
        this.bytesRead = new TokenBucket(MAX_BYTES_READ_PER_SECOND, nowMillis);
        this.iterators = new TokenBucket(MAX_ITERATORS_PER_SECOND, nowMillis);
    }

    String id() {
        return id;
    }

    HashKeyRange range() {
        return range;
    }

    List<String> parents() {
        return parents;
    }

    synchronized List<EmbeddedShard> children() {
        return children;
    }

    /** Returns the position before all records of the shard. */
    long startPosition() {
        return startPosition;
    }

    String startingSequenceNumber() {
        return sequenceNumbers.at(startPosition);
    }

    /** Returns the sequence number after all records of the shard; empty while it is open. */
    synchronized Optional<String> endingSequenceNumber() {
        return isOpen() ? Optional.empty() : Optional.of(sequenceNumbers.at(endPosition));
    }

    String sequenceNumberAt(long position) {
        return sequenceNumbers.at(position);
    }

    /** Returns the position of a sequence number; empty if it does not belong to this shard. */
    synchronized OptionalLong positionOf(String sequenceNumber) {
        OptionalLong position = sequenceNumbers.positionOf(sequenceNumber);
        boolean isWithin =
                position.isPresent() && position.getAsLong() >= startPosition && position.getAsLong() <= endPosition;
        return isWithin ? position : OptionalLong.empty();
    }

    synchronized boolean isOpen() {
        return closedMillis == OPEN;
    }

    /** Returns whether the shard accepted records at or after a time. */
    synchronized boolean isOpenAtOrAfter(long millis) {
        return closedMillis > millis;
    }

    synchronized boolean isOpenAt(long millis) {
        return createdMillis <= millis && closedMillis > millis;
    }

    /** Returns whether the shard is no longer readable because it was closed before the stream's horizon. */
    synchronized boolean isExpired(long horizonMillis) {
        return closedMillis < horizonMillis;
    }

    /** Returns whether the service would accept a record of this size now, and if so, charges the record. */
    synchronized boolean admitsWrite(int bytes, long nowMillis) {
        if (!recordsWritten.has(1, nowMillis) || !bytesWritten.has(bytes, nowMillis)) {
            return false;
        }
        recordsWritten.take(1);
        bytesWritten.take(bytes);
        return true;
    }

    /** Returns whether the service would serve a read now, and if so, charges the call; {@link #read} charges the bytes. */
    synchronized boolean admitsRead(long nowMillis) {
        // a call may return up to 10 MB: the bucket goes into debt, and reads wait until it is repaid
        return bytesRead.has(1, nowMillis) && reads.tryTake(1, nowMillis);
    }

    synchronized boolean admitsIterator(long nowMillis) {
        return iterators.tryTake(1, nowMillis);
    }

    /**
     * Appends a record to an open shard and returns its sequence number.
     *
     * @param positions counter of the stream, incremented under the shard's lock so that its records are in ascending order
     * @throws StorageFullException if the store has reached its limit; the record is not stored
     * @throws StorageException if the disk write fails; the record is not stored
     */
    synchronized String append(AtomicLong positions, long nowMillis, byte[] partitionKey, byte[] data) {
        if (!isOpen()) {
            throw new IllegalStateException(id + " is closed and cannot receive records");
        }
        long position = positions.incrementAndGet();
        // the arrival times searched by AT_TIMESTAMP must not decrease, even if the clock steps back
        lastArrivalMillis = Math.max(lastArrivalMillis, nowMillis);
        log.append(position, lastArrivalMillis, partitionKey, data);
        return sequenceNumbers.at(position);
    }

    /**
     * Result of a read; must be closed.
     *
     * @param nextPosition position of the next read
     * @param isEnd whether the shard is closed and these are its last records
     * @param skipsTrimmed whether the requested records include trimmed ones
     */
    record Read(Slice records, long nextPosition, boolean isEnd, boolean skipsTrimmed) implements AutoCloseable {

        @Override
        public void close() {
            records.close();
        }
    }

    /** Reads records and charges the throughput shared by the callers of GetRecords. */
    synchronized Read read(long fromPosition, int maxRecords, long maxBytes) {
        Read read = readWithoutQuota(fromPosition, maxRecords, maxBytes);
        bytesRead.take(read.records().bytes());
        return read;
    }

    /** Reads records for an enhanced fan-out consumer, which has dedicated throughput. */
    synchronized Read readWithoutQuota(long fromPosition, int maxRecords, long maxBytes) {
        boolean skipsTrimmed = fromPosition <= log.lastTrimmedPosition();
        Slice slice = log.read(fromPosition, maxRecords, maxBytes);
        readUpToOrdinal = slice.endOrdinal();
        readUpToPosition = slice.endPosition(fromPosition);
        return new Read(slice, readUpToPosition, slice.reachesEnd() && !isOpen(), skipsTrimmed);
    }

    /** Returns whether a reader at this position would receive records or the end of the shard. */
    synchronized boolean hasUnread(long position) {
        return log.lastPosition(Long.MIN_VALUE) >= position || !isOpen();
    }

    /** Returns the end position of the last read. */
    synchronized long readPosition() {
        return readUpToPosition;
    }

    /** Returns the number of records after the last one that was read. */
    synchronized long recordsBehind() {
        return log.endOrdinal() - Math.max(readUpToOrdinal, log.firstOrdinal());
    }

    /** Passes the current records of the shard to a consumer, page by page and regardless of limits. */
    <E extends Exception> void forEach(EntryConsumer<E> consumer) throws E {
        long last = lastPosition();
        long from = startPosition;
        while (from <= last) {
            try (Slice page = page(from)) {
                page.forEach((RecordLog.Entry entry) -> {
                    if (entry.position() <= last) {
                        consumer.accept(entry);
                    }
                });
                from = page.endPosition(Long.MAX_VALUE);
            }
        }
    }

    /** Passes up to a number of the last records of the shard to a consumer. */
    <E extends Exception> void forEachOfLast(int maxRecords, EntryConsumer<E> consumer) throws E {
        try (Slice slice = last(maxRecords)) {
            slice.forEach(consumer);
        }
    }

    private synchronized long lastPosition() {
        return log.lastPosition(Long.MIN_VALUE);
    }

    private synchronized Slice page(long fromPosition) {
        return log.read(fromPosition, Integer.MAX_VALUE, PAGE_BYTES);
    }

    private synchronized Slice last(int maxRecords) {
        return log.readLast(maxRecords);
    }

    /** Returns the position of the first readable record, or a lower one that no record has. */
    synchronized long horizonPosition() {
        return Math.max(startPosition, log.lastTrimmedPosition() + 1);
    }

    /** Returns the position of the next record to be stored, or a lower one that no record has. */
    synchronized long latestPosition(AtomicLong positions) {
        return positions.get() + 1;
    }

    /** Returns the position of the first record that arrived at or after a time, whether or not it is stored yet. */
    synchronized long positionAtTime(long millis, AtomicLong positions) {
        return log.positionAtTime(millis, positions.get() + 1);
    }

    synchronized void close(AtomicLong positions, long nowMillis, List<EmbeddedShard> newChildren) {
        endPosition = positions.incrementAndGet();
        closedMillis = nowMillis;
        children = newChildren;
        log.trimToSize();
    }

    /** Trims the records that arrived before a time and returns their number. */
    synchronized long trimArrivedBefore(long millis) {
        return log.trimArrivedBefore(millis);
    }

    /** Trims the records before a position and returns their number. */
    synchronized long trimTo(long position) {
        return log.trimTo(position);
    }

    /** Discards all records, because they are no longer readable. */
    synchronized void discard() {
        log.clear();
    }

    synchronized long memoryBytes() {
        return log.memoryBytes();
    }

    synchronized long diskBytes() {
        return log.diskBytes();
    }
}
