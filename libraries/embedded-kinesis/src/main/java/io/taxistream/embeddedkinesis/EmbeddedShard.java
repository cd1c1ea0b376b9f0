package io.taxistream.embeddedkinesis;

import io.taxistream.embeddedkinesis.RecordLog.EntryConsumer;
import io.taxistream.embeddedkinesis.RecordLog.Slice;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** One shard: its place in the key space, its parents, its records, and what it takes and gives a second. */
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

    /** The position that comes before all of the shard's records. */
    long startPosition() {
        return startPosition;
    }

    String startingSequenceNumber() {
        return sequenceNumbers.at(startPosition);
    }

    /** The number that comes after all of the shard's records; nothing while it is open. */
    synchronized Optional<String> endingSequenceNumber() {
        return isOpen() ? Optional.empty() : Optional.of(sequenceNumbers.at(endPosition));
    }

    String sequenceNumberAt(long position) {
        return sequenceNumbers.at(position);
    }

    /** The position of a sequence number, or nothing where it is not one of this shard. */
    synchronized OptionalLong positionOf(String sequenceNumber) {
        OptionalLong position = sequenceNumbers.positionOf(sequenceNumber);
        boolean isWithin =
                position.isPresent() && position.getAsLong() >= startPosition && position.getAsLong() <= endPosition;
        return isWithin ? position : OptionalLong.empty();
    }

    synchronized boolean isOpen() {
        return closedMillis == OPEN;
    }

    /** Whether the shard took records at a time or later. */
    synchronized boolean isOpenAtOrAfter(long millis) {
        return closedMillis > millis;
    }

    synchronized boolean isOpenAt(long millis) {
        return createdMillis <= millis && closedMillis > millis;
    }

    /** Whether nothing of the shard can be read any more, since it was closed before the stream's horizon. */
    synchronized boolean isExpired(long horizonMillis) {
        return closedMillis < horizonMillis;
    }

    /** Whether the service would take a record of a size now; if so the record is charged. */
    synchronized boolean admitsWrite(int bytes, long nowMillis) {
        if (!recordsWritten.has(1, nowMillis) || !bytesWritten.has(bytes, nowMillis)) {
            return false;
        }
        recordsWritten.take(1);
        bytesWritten.take(bytes);
        return true;
    }

    /** Whether the service would answer a read now; if so the call is charged, its bytes are by {@link #read}. */
    synchronized boolean admitsRead(long nowMillis) {
        // a call may give up to 10 MB: the bucket goes into debt, and reads wait until it is paid
        return bytesRead.has(1, nowMillis) && reads.tryTake(1, nowMillis);
    }

    synchronized boolean admitsIterator(long nowMillis) {
        return iterators.tryTake(1, nowMillis);
    }

    /**
     * Stores a record in an open shard and returns its sequence number.
     *
     * @param positions the stream's counter, drawn from while the shard is held so that the shard's records ascend
     * @throws StorageFullException if the store has reached its limit; the record is not stored
     * @throws StorageException if the disk takes no more; the record is not stored
     */
    synchronized String append(AtomicLong positions, long nowMillis, byte[] partitionKey, byte[] data) {
        if (!isOpen()) {
            throw new IllegalStateException(id + " is closed, so no record can be routed to it");
        }
        long position = positions.incrementAndGet();
        // a clock that steps back must not disorder the times that AT_TIMESTAMP searches
        lastArrivalMillis = Math.max(lastArrivalMillis, nowMillis);
        log.append(position, lastArrivalMillis, partitionKey, data);
        return sequenceNumbers.at(position);
    }

    /**
     * Some of the shard's records; to be closed.
     *
     * @param nextPosition where to continue
     * @param isEnd whether the shard is closed and these are its last
     * @param missesTrimmed whether records were asked for that have been trimmed
     */
    record Read(Slice records, long nextPosition, boolean isEnd, boolean missesTrimmed) implements AutoCloseable {

        @Override
        public void close() {
            records.close();
        }
    }

    /** Reads, and charges what the readers of GetRecords share. */
    synchronized Read read(long fromPosition, int maxRecords, long maxBytes) {
        Read read = readUncharged(fromPosition, maxRecords, maxBytes);
        bytesRead.take(read.records().bytes());
        return read;
    }

    /** Reads for a consumer with enhanced fan-out, which shares with nobody. */
    synchronized Read readUncharged(long fromPosition, int maxRecords, long maxBytes) {
        boolean missesTrimmed = fromPosition <= log.lastTrimmedPosition();
        Slice slice = log.read(fromPosition, maxRecords, maxBytes);
        readUpToOrdinal = slice.endOrdinal();
        readUpToPosition = slice.endPosition(fromPosition);
        return new Read(slice, readUpToPosition, slice.reachesEnd() && !isOpen(), missesTrimmed);
    }

    /** Whether a reader that has come to a position would be given records, or the end of the shard. */
    synchronized boolean hasNews(long position) {
        return log.lastPosition(Long.MIN_VALUE) >= position || !isOpen();
    }

    /** Where the last read ended. */
    synchronized long readPosition() {
        return readUpToPosition;
    }

    /** How many records come after those that were read last. */
    synchronized long recordsBehind() {
        return log.endOrdinal() - Math.max(readUpToOrdinal, log.firstOrdinal());
    }

    /** Hands over the records that the shard has now, page by page and whatever its limits. */
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

    /** Hands over the last records of the shard, as many as there are up to a number. */
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

    /** The position of the first record that can still be read, or a lower one that no record has. */
    synchronized long horizonPosition() {
        return Math.max(startPosition, log.lastTrimmedPosition() + 1);
    }

    /** The position of the next record to be stored, or a lower one that no record has. */
    synchronized long latestPosition(AtomicLong positions) {
        return positions.get() + 1;
    }

    /** The position of the first record that arrived at a time or later, be it stored yet or not. */
    synchronized long positionAtTime(long millis, AtomicLong positions) {
        return log.positionAtTime(millis, positions.get() + 1);
    }

    synchronized void close(AtomicLong positions, long nowMillis, List<EmbeddedShard> newChildren) {
        endPosition = positions.incrementAndGet();
        closedMillis = nowMillis;
        children = newChildren;
        log.trimToSize();
    }

    /** Forgets the records that arrived before a time, and returns how many they were. */
    synchronized long trimArrivedBefore(long millis) {
        return log.trimArrivedBefore(millis);
    }

    /** Forgets the records before a position, and returns how many they were. */
    synchronized long trimTo(long position) {
        return log.trimTo(position);
    }

    /** Forgets all records, because nobody can read them any more. */
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
