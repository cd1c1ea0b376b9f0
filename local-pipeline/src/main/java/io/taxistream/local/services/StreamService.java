package io.taxistream.local.services;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.FaultInjector;
import io.taxistream.embeddedkinesis.ShardDescription;
import io.taxistream.embeddedkinesis.StoredRecord;
import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.WatermarkRecord;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The local Kinesis with the pipeline's stream. */
public final class StreamService implements AutoCloseable {

    public static final String STREAM = "taxi-trips";

    private final EmbeddedKinesis kinesis;

    /**
     * A shard that is open or has unread records.
     *
     * @param recordsBehind number of unread records; an aggregated record counts as one
     */
    public record ShardBacklog(String shardId, boolean open, int recordsBehind) {}

    private StreamService(EmbeddedKinesis kinesis) {
        this.kinesis = kinesis;
    }

    /**
     * Starts Kinesis and creates the stream.
     *
     * @param enforceLimits whether to enforce the throughput limits of AWS on shards
     * @param faults faults to inject
     * @param folder folder for the records
     * @param onFailure receives failures that Kinesis cannot recover from, such as a full disk
     */
    public static StreamService start(
            int shards, boolean enforceLimits, FaultInjector faults, Path folder, Consumer<Throwable> onFailure)
            throws IOException {
        EmbeddedKinesis kinesis = EmbeddedKinesis.builder()
                .region(LocalCredentials.REGION)
                .enforceLimits(enforceLimits)
                .faults(faults)
                .storageFolder(folder)
                .onFailure(onFailure)
                .start();
        kinesis.createStream(STREAM, shards);
        return new StreamService(kinesis);
    }

    public EmbeddedKinesis kinesis() {
        return kinesis;
    }

    /** Returns the TLS endpoint, the only kind that the Kinesis Producer Library supports. */
    public URI httpsEndpoint() {
        return kinesis.httpsEndpoint();
    }

    /** Returns the endpoint without encryption. */
    public URI httpEndpoint() {
        return kinesis.httpEndpoint();
    }

    /**
     * Returns the greatest watermark in the stream; empty if there is none.
     *
     * @param producers number of producers that send watermarks
     * @param ignored watermarks that do not count
     */
    public Optional<Instant> lastWatermark(int producers, Predicate<Instant> ignored) {
        return kinesis.shards(STREAM).stream()
                .flatMap(shard -> lastWatermark(shard, producers, ignored).stream())
                .max(Instant::compareTo);
    }

    /** Returns the shards that are open or have unread records, by age. */
    public List<ShardBacklog> backlog() {
        return kinesis.shards(STREAM).stream()
                .map(shard -> new ShardBacklog(
                        shard.shardId(), shard.isOpen(), kinesis.recordsBehind(STREAM, shard.shardId())))
                .filter(shard -> shard.open() || shard.recordsBehind() > 0)
                .toList();
    }

    /** Returns the open shards in the order of their hash keys. */
    public List<ShardDescription> openShards() {
        return kinesis.shards(STREAM).stream()
                .filter(ShardDescription::isOpen)
                .sorted(Comparator.comparing(ShardDescription::startingHashKey))
                .toList();
    }

    /** Splits an open shard in the middle. */
    public void split(ShardDescription shard) {
        kinesis.splitShard(STREAM, shard.shardId());
    }

    /** Merges two open shards whose hash keys are adjacent. */
    public void merge(ShardDescription shard, ShardDescription adjacent) {
        kinesis.mergeShards(STREAM, shard.shardId(), adjacent.shardId());
    }

    /** Splits and merges shards until there are as many open shards as requested, of equal size. */
    public void updateShardCount(int count) {
        kinesis.updateShardCount(STREAM, count);
    }

    @Override
    public void close() {
        kinesis.close();
    }

    private Optional<Instant> lastWatermark(ShardDescription shard, int producers, Predicate<Instant> ignored) {
        EventReader reader = new EventReader();
        int examined = 0;
        while (true) {
            // Doubles each time: the last watermarks are usually among the last records, and memory use stays low.
            int requested = Math.max(16, 2 * examined);
            List<StoredRecord> records = kinesis.lastRecords(STREAM, shard.shardId(), requested);
            // The watermarks of a part never decrease within a shard, so the last one is the greatest.
            Map<Part, Instant> last = new HashMap<>();
            for (int i = records.size() - 1; i >= 0 && last.size() < producers; i--) {
                watermark(reader, records.get(i).data())
                        .filter(record -> !ignored.test(time(record)))
                        .ifPresent(record -> last.putIfAbsent(record.part(), time(record)));
            }
            if (last.size() == producers || records.size() < requested) {
                return last.values().stream().max(Instant::compareTo);
            }
            examined = requested;
        }
    }

    private static Optional<WatermarkRecord> watermark(EventReader reader, byte[] record) {
        try {
            Event event = reader.read(record);
            return event instanceof WatermarkEvent watermark ? Optional.of(watermark.watermark()) : Optional.empty();
        } catch (MalformedEventException e) {
            // Not a watermark: an aggregated record, or a record of another writer.
            return Optional.empty();
        }
    }

    private static Instant time(WatermarkRecord watermark) {
        return Instant.ofEpochMilli(watermark.watermarkMillis());
    }
}
