package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.events.EventWriter;
import io.taxistream.events.TripEvent;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.local.services.LocalCredentials;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/**
 * Writes trips and watermarks to a stream whose shards do not change, at full speed: a watermark to every shard for each minute
 * of event time, and occasionally a duplicate trip, as after a producer's retry.
 */
final class TripStream implements AutoCloseable {

    private static final int MAX_RECORDS_PER_REQUEST = 500;
    private static final int HASH_KEY_BITS = 128;
    private static final int EACH_TWICE = 97;
    private static final long WATERMARK_MILLIS = Duration.ofMinutes(1).toMillis();

    private final KinesisClient kinesis;
    private final String stream;
    private final Supplier<BigInteger> hashKeys;
    private final List<String> startingHashKeys;
    private final EventWriter writer = new EventWriter();
    private final List<PutRecordsRequestEntry> unsent = new ArrayList<>();
    private long nextWatermarkMillis = Long.MIN_VALUE;

    private TripStream(URI endpoint, String stream, Supplier<BigInteger> hashKeys) {
        this.stream = stream;
        this.hashKeys = hashKeys;
        this.kinesis = KinesisClient.builder()
                .endpointOverride(endpoint)
                .region(Region.of(LocalCredentials.REGION))
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(LocalCredentials.ACCESS_KEY_ID, LocalCredentials.SECRET_ACCESS_KEY)))
                .build();
        this.startingHashKeys = kinesis.listShards(request -> request.streamName(stream)).shards().stream()
                .map(shard -> shard.hashKeyRange().startingHashKey())
                .toList();
    }

    /** Distributes trips over all shards. */
    static TripStream overAllShards(URI endpoint, String stream) {
        Random random = new Random(3);
        return new TripStream(endpoint, stream, () -> new BigInteger(HASH_KEY_BITS, random));
    }

    /** Distributes trips over three quarters of the hash keys: the last of four shards of equal size gets none. */
    static TripStream acrossThreeQuarters(URI endpoint, String stream) {
        Random random = new Random(3);
        BigInteger three = BigInteger.valueOf(3);
        return new TripStream(
                endpoint,
                stream,
                () -> new BigInteger(HASH_KEY_BITS, random).multiply(three).shiftRight(2));
    }

    /** Writes trips sorted by drop-off, which may continue an earlier call, and a watermark after the last. */
    void write(List<TripEvent> trips) {
        for (TripEvent trip : trips) {
            if (trip.dropoffMillis() >= nextWatermarkMillis) {
                watermark(trip.dropoffMillis() - 1);
                nextWatermarkMillis =
                        Math.floorDiv(trip.dropoffMillis(), WATERMARK_MILLIS) * WATERMARK_MILLIS + WATERMARK_MILLIS;
            }
            add(writer.write(trip), hashKeys.get().toString());
            if (trip.tripId() % EACH_TWICE == 0) {
                add(writer.write(trip), hashKeys.get().toString());
            }
        }
        if (!trips.isEmpty()) {
            watermark(trips.get(trips.size() - 1).dropoffMillis() - 1);
        }
    }

    /** Writes a watermark: no later trip ends at this time or earlier. */
    void watermark(long watermarkMillis) {
        send();
        byte[] record = writer.write(new WatermarkEvent(watermarkMillis));
        startingHashKeys.forEach(hashKey -> add(record, hashKey));
        send();
    }

    private void add(byte[] record, String hashKey) {
        unsent.add(PutRecordsRequestEntry.builder()
                .data(SdkBytes.fromByteArrayUnsafe(record))
                .explicitHashKey(hashKey)
                .partitionKey("any")
                .build());
        if (unsent.size() == MAX_RECORDS_PER_REQUEST) {
            send();
        }
    }

    private void send() {
        if (!unsent.isEmpty()) {
            assertThat(kinesis.putRecords(request -> request.streamName(stream).records(unsent))
                            .failedRecordCount())
                    .as("records that Kinesis refused")
                    .isZero();
            unsent.clear();
        }
    }

    @Override
    public void close() {
        kinesis.close();
    }
}
