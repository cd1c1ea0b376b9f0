package io.taxistream.producer.kinesis;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.replay.SinkStatus;
import io.taxistream.producer.replay.StreamFailedException;
import io.taxistream.producer.replay.TimeSource;
import io.taxistream.producer.replay.TripSink;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/** A Kinesis stream as a place for trips: {@link KinesisTrips} with its thread, the KPL and the SDK. */
public final class KinesisStream implements TripSink {

    /** Bounds the memory that trips on their way take, to about 20 MB. */
    private static final int MAX_IN_FLIGHT = 1 << 15;

    private static final Duration UPKEEP_INTERVAL = Duration.ofMillis(25);
    private static final Duration UNREACHABLE_PATIENCE = Duration.ofSeconds(10);
    private static final long NOT_READY_POLL_NANOS = 500_000_000L;

    private final StreamClient client;
    private final KinesisTrips trips;
    private final ScheduledExecutorService executor;
    private final Future<?> upkeep;

    /**
     * How to send.
     *
     * @param stream the name of the stream
     * @param endpoint where it is
     * @param aggregate whether to pack many trips into one record
     * @param watermarks whether to send watermarks
     * @param giveUpAfter how long the stream may take nothing before the replay ends
     */
    public record Settings(
            String stream, StreamEndpoint endpoint, boolean aggregate, boolean watermarks, Duration giveUpAfter) {}

    private KinesisStream(StreamClient client, KinesisTrips trips) {
        this.client = client;
        this.trips = trips;
        this.executor = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "stream-upkeep");
            thread.setDaemon(true);
            return thread;
        });
        this.upkeep =
                executor.scheduleWithFixedDelay(trips::upkeep, 0, UPKEEP_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Opens a stream for sending; waits while it is being created.
     *
     * @throws StreamFailedException if there is no such stream, or it cannot be reached or used
     */
    public static KinesisStream open(Settings settings, TimeSource time) {
        AwsCredentialsProvider credentials = StreamCredentials.of(settings.endpoint());
        var client = new SdkStreamClient(settings.stream(), settings.endpoint(), credentials);
        try {
            awaitReady(client, settings, time);
            RecordSender sender = sender(settings, credentials, time);
            var trips = new KinesisTrips(
                    sender,
                    client,
                    new KinesisTrips.Settings(
                            settings.stream(), settings.watermarks(), MAX_IN_FLIGHT, settings.giveUpAfter()),
                    time);
            return new KinesisStream(client, trips);
        } catch (RuntimeException e) {
            client.close();
            throw e;
        }
    }

    /**
     * The watermark behind which a replay that broke off goes on, milliseconds since the epoch: no trip up to it is missing
     * in the stream. Empty if the stream holds no watermark.
     *
     * @throws StreamFailedException if there is no such stream, or it cannot be reached or read
     */
    public static OptionalLong lastWatermarkMillis(Settings settings, TimeSource time) {
        AwsCredentialsProvider credentials = StreamCredentials.of(settings.endpoint());
        try (var client = new SdkStreamClient(settings.stream(), settings.endpoint(), credentials)) {
            awaitReady(client, settings, time);
            return new LastWatermark(client, settings.stream(), time).find();
        }
    }

    @Override
    public void announce(long eventTimeMillis) {
        trips.announce(eventTimeMillis);
    }

    @Override
    public void send(TripEvent trip, long sourceTimeMillis) {
        trips.send(trip, sourceTimeMillis);
    }

    @Override
    public void finish(boolean complete) {
        trips.finish(complete);
    }

    @Override
    public SinkStatus status() {
        return trips.status();
    }

    @Override
    public void close() {
        upkeep.cancel(false);
        executor.shutdownNow();
        trips.close();
        client.close();
    }

    private static RecordSender sender(Settings settings, AwsCredentialsProvider credentials, TimeSource time) {
        if (!settings.aggregate()) {
            return new KplRecordSender(
                    settings.stream(), settings.endpoint(), credentials, KplRecordSender.DEFAULT_MAX_WAIT);
        }
        // A record waits for its pack, and the pack for others: together no longer than a record by itself.
        Duration maxWait = KplRecordSender.DEFAULT_MAX_WAIT.minus(KplPackingSender.MAX_WAIT);
        return new KplPackingSender(
                new KplRecordSender(settings.stream(), settings.endpoint(), credentials, maxWait), time);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static void awaitReady(StreamClient client, Settings settings, TimeSource time) {
        long start = time.nanoTime();
        String why;
        Duration patience;
        do {
            try {
                List<Shard> open = client.openShards().join();
                if (!open.isEmpty()) {
                    return;
                }
                why = "stream " + settings.stream() + " has no open shards; wait until it is ACTIVE";
                patience = settings.giveUpAfter();
            } catch (CompletionException e) {
                if (e.getCause() instanceof StreamFailedException fatal) {
                    throw fatal;
                }
                why = e.getCause().getMessage();
                boolean answered = e.getCause().getCause() instanceof AwsServiceException;
                patience = answered ? settings.giveUpAfter() : min(settings.giveUpAfter(), UNREACHABLE_PATIENCE);
            }
            try {
                time.sleep(NOT_READY_POLL_NANOS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StreamFailedException("interrupted while waiting for stream " + settings.stream(), e);
            }
        } while (time.nanoTime() - start < patience.toNanos());
        throw new StreamFailedException(why);
    }
}
