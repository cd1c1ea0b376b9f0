package io.taxistream.embeddedkinesis;

import io.taxistream.embeddedkinesis.RecordLog.Slice;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** One shard: its place in the key space, its parents, its records, and what it takes and gives a second. */
final class Shard {

    static final int MAX_RECORDS_WRITTEN_PER_SECOND = 1_000;
    static final int MAX_BYTES_WRITTEN_PER_SECOND = 1024 * 1024;
    static final int MAX_READS_PER_SECOND = 5;
    static final int MAX_BYTES_READ_PER_SECOND = 2 * 1024 * 1024;
    static final int MAX_ITERATORS_PER_SECOND = 5;

    private static final long OPEN = Long.MAX_VALUE;

    private final String id;
    private final HashKeyRange range;
    private final List<String> parents;
    private final long createdMillis;
    private final SequenceNumbers sequenceNumbers;
    private final long startPosition;

    private final RecordLog log = new RecordLog();
    private final TokenBucket recordsWritten;
    private final TokenBucket bytesWritten;
    private final TokenBucket reads;
    private final TokenBucket bytesRead;
    private final TokenBucket iterators;
    private long lastArrivalMillis = Long.MIN_VALUE;
    private long readUpTo;
    private long closedMillis = OPEN;
    private long endPosition = OPEN;
    private List<Shard> children = List.of();

    /** @param parents none, the shard that was split, or the two that were merged (the adjacent one second) */
    Shard(
            int index,
            HashKeyRange range,
            List<String> parents,
            SequenceNumbers sequenceNumbers,
            long startPosition,
            long nowMillis) {
        this.id = String.format(Locale.ROOT, "shardId-%012d", index);
        this.range = range;
        this.parents = parents;
        this.createdMillis = nowMillis;
        this.readUpTo = startPosition;
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

    synchronized List<Shard> children() {
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
     * Some of the shard's records.
     *
     * @param nextPosition where to read on
     * @param isEnd whether the shard is closed and these are its last
     */
    record Read(Slice records, long nextPosition, boolean isEnd) {}

    synchronized Read read(long fromPosition, int maxRecords, long maxBytes) {
        Slice slice = log.read(fromPosition, maxRecords, maxBytes);
        bytesRead.take(slice.bytes());
        readUpTo = slice.endPosition(fromPosition);
        return new Read(slice, readUpTo, slice.reachesEnd() && !isOpen());
    }

    /** How many records come after those that were read last. */
    synchronized int recordsBehind() {
        return log.read(readUpTo, Integer.MAX_VALUE, Long.MAX_VALUE).count();
    }

    /** All of the shard's records, whatever its limits. */
    synchronized Slice readAll() {
        return log.read(startPosition, Integer.MAX_VALUE, Long.MAX_VALUE);
    }

    /** The position of the next record to be stored, or a lower one that no record has. */
    synchronized long latestPosition(AtomicLong positions) {
        return positions.get() + 1;
    }

    /** The position of the first record that arrived at a time or later, be it stored yet or not. */
    synchronized long positionAtTime(long millis, AtomicLong positions) {
        return log.positionAtTime(millis, positions.get() + 1);
    }

    synchronized void close(AtomicLong positions, long nowMillis, List<Shard> newChildren) {
        endPosition = positions.incrementAndGet();
        closedMillis = nowMillis;
        children = newChildren;
    }

    synchronized long trimBefore(long horizonMillis) {
        return log.trimBefore(horizonMillis);
    }

    synchronized long memoryBytes() {
        return log.memoryBytes();
    }
}
