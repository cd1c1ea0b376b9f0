package io.taxistream.eventtime.sender;

import io.taxistream.eventtime.AggregatedRecords;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Packs records into aggregated records, in the format of the Kinesis Producer Library, and passes them to another sender.
 *
 * <p>The library can aggregate too, but it passes every single record to its native process and receives a result for each,
 * which takes several times as much CPU as everything else that a sender does. It also groups records by the shards it knows,
 * so the records of an aggregate that lands in another shard after a reshard are sent twice. Here all records of an aggregate
 * share its hash key, so they belong to whichever shard holds that key.
 *
 * <p>Hash keys follow a van der Corput sequence, which spreads any number of aggregates evenly over shards of equal size.
 */
final class AggregatingSender implements RecordSender {

    /**
     * Same size as the library's own aggregates: two of the units that Kinesis charges, and a twentieth of what a shard accepts
     * per second.
     */
    static final int MAX_BYTES = 50 << 10;

    /** Magic bytes, digest and key tables, without the partition key. */
    private static final int AGGREGATE_OVERHEAD = 80;

    /** Tags, lengths and indices into the key tables. */
    private static final int RECORD_OVERHEAD = 12;

    /** Longest time that a record waits for others in the same aggregate. */
    static final Duration MAX_WAIT = Duration.ofMillis(50);

    private final RecordSender delegate;
    private final TimeSource time;

    private List<byte[]> records = new ArrayList<>();
    private List<Receipt> receipts = new ArrayList<>();
    private String partitionKey = "";
    private int bytes;
    private long openedNanos;
    private long aggregatesSent;

    /** @param delegate sender of the aggregated records */
    AggregatingSender(RecordSender delegate, TimeSource time) {
        this.delegate = delegate;
        this.time = time;
    }

    /** Adds a record to the current aggregate. The partition key is stored but does not select a shard. */
    @Override
    public synchronized void send(String key, @Nullable String hashKey, byte[] data, Receipt receipt) {
        int recordBytes = data.length + RECORD_OVERHEAD;
        if (!records.isEmpty() && bytes + recordBytes > MAX_BYTES) {
            sendAggregate();
        }
        if (records.isEmpty()) {
            partitionKey = key;
            openedNanos = time.nanoTime();
            bytes = AGGREGATE_OVERHEAD + key.length();
        }
        records.add(data);
        receipts.add(receipt);
        bytes += recordBytes;
    }

    @Override
    public synchronized void tick() {
        if (!records.isEmpty() && time.nanoTime() - openedNanos >= MAX_WAIT.toNanos()) {
            sendAggregate();
        }
        delegate.tick();
    }

    @Override
    public synchronized void flush() {
        if (!records.isEmpty()) {
            sendAggregate();
        }
        delegate.flush();
    }

    @Override
    public int interruptions() {
        return delegate.interruptions();
    }

    @Override
    public void close() {
        delegate.close();
    }

    private void sendAggregate() {
        String hashKey = hashKey(aggregatesSent++);
        byte[] pack =
                records.size() == 1 ? records.get(0) : AggregatedRecords.aggregate(partitionKey, hashKey, records);
        delegate.send(partitionKey, hashKey, pack, new AggregateReceipt(receipts));
        records = new ArrayList<>(records.size());
        receipts = new ArrayList<>(receipts.size());
    }

    /**
     * Returns the van der Corput sequence in base 2 (the bits of the number reversed): each key bisects one of the widest gaps
     * left by its predecessors.
     */
    private static String hashKey(long number) {
        return new BigInteger(Long.toUnsignedString(Long.reverse(number)))
                .shiftLeft(Long.SIZE)
                .toString();
    }

    private record AggregateReceipt(List<Receipt> receipts) implements Receipt {

        @Override
        public void acknowledged(int failedAttempts) {
            for (Receipt each : receipts) {
                each.acknowledged(failedAttempts);
            }
        }

        @Override
        public void failed(String reason, int failedAttempts, boolean permanent) {
            for (Receipt each : receipts) {
                each.failed(reason, failedAttempts, permanent);
            }
        }
    }
}
