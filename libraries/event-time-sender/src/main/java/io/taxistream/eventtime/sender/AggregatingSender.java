package io.taxistream.eventtime.sender;

import io.taxistream.eventtime.AggregatedRecords;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Packs records into aggregated ones, in the format of the Kinesis Producer Library, and has these sent by another sender.
 *
 * <p>The library would pack as well, but hands each single record to its native process and a result back, which takes
 * several times as much CPU as all else that a sender does. And it packs by the shards that it knows of, so that records of a
 * pack that lands elsewhere after a reshard are sent twice. Here all records of a pack have the same hash key: wherever that
 * lands, they belong.
 *
 * <p>Hash keys go round the key space in such an order that any number of packs is spread evenly over shards of equal size.
 */
final class AggregatingSender implements RecordSender {

    /** As large as the library's own packs: two of the units that Kinesis charges, a twentieth of what a shard takes a second. */
    static final int MAX_BYTES = 50 << 10;

    /** Magic, digest, and the tables of keys, but for the partition key. */
    private static final int PACK_OVERHEAD = 80;

    /** Tags, lengths and the places of the keys in their tables. */
    private static final int RECORD_OVERHEAD = 12;

    /** How long a record waits for others. */
    static final Duration MAX_WAIT = Duration.ofMillis(50);

    private final RecordSender packs;
    private final TimeSource time;

    private List<byte[]> records = new ArrayList<>();
    private List<Receipt> receipts = new ArrayList<>();
    private String partitionKey = "";
    private int bytes;
    private long openedNanos;
    private long packsSent;

    /** @param packs sends the packs, each as it is */
    AggregatingSender(RecordSender packs, TimeSource time) {
        this.packs = packs;
        this.time = time;
    }

    /** Takes the partition key only for its name: where a record goes is up to its pack. */
    @Override
    public synchronized void send(String key, @Nullable String hashKey, byte[] data, Receipt receipt) {
        int recordBytes = data.length + RECORD_OVERHEAD;
        if (!records.isEmpty() && bytes + recordBytes > MAX_BYTES) {
            sendPack();
        }
        if (records.isEmpty()) {
            partitionKey = key;
            openedNanos = time.nanoTime();
            bytes = PACK_OVERHEAD + key.length();
        }
        records.add(data);
        receipts.add(receipt);
        bytes += recordBytes;
    }

    @Override
    public synchronized void tick() {
        if (!records.isEmpty() && time.nanoTime() - openedNanos >= MAX_WAIT.toNanos()) {
            sendPack();
        }
        packs.tick();
    }

    @Override
    public synchronized void flush() {
        if (!records.isEmpty()) {
            sendPack();
        }
        packs.flush();
    }

    @Override
    public int interruptions() {
        return packs.interruptions();
    }

    @Override
    public void close() {
        packs.close();
    }

    private void sendPack() {
        String hashKey = hashKey(packsSent++);
        byte[] pack =
                records.size() == 1 ? records.get(0) : AggregatedRecords.aggregate(partitionKey, hashKey, records);
        packs.send(partitionKey, hashKey, pack, new PackReceipt(receipts));
        records = new ArrayList<>(records.size());
        receipts = new ArrayList<>(receipts.size());
    }

    /** The bits of the number, the lowest first: each key lies in the middle of the widest gaps that those before left. */
    private static String hashKey(long number) {
        return new BigInteger(Long.toUnsignedString(Long.reverse(number)))
                .shiftLeft(Long.SIZE)
                .toString();
    }

    private record PackReceipt(List<Receipt> receipts) implements Receipt {

        @Override
        public void acknowledged(int failedAttempts) {
            for (Receipt each : receipts) {
                each.acknowledged(failedAttempts);
            }
        }

        @Override
        public void failed(String reason, int failedAttempts, boolean hopeless) {
            for (Receipt each : receipts) {
                each.failed(reason, failedAttempts, hopeless);
            }
        }
    }
}
