package io.taxistream.benchmarks;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import io.taxistream.events.EventWriter;
import io.taxistream.events.TripEvent;
import io.taxistream.producer.events.EventSource;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.KinesisProducerConfiguration.ThreadingModel;
import software.amazon.kinesis.producer.UserRecordResult;

/**
 * The baseline for the producer: reads and encodes trips in the same way, but hands each one to the Kinesis Producer
 * Library, which aggregates them. No watermarks, no replay.
 */
final class KplPacking {

    private static final int MAX_IN_FLIGHT = 1 << 15;
    private static final long UNLIMITED = 1_000_000;

    private KplPacking() {}

    /**
     * Sends all trips of a file.
     *
     * @param args the endpoint and the file
     */
    public static void main(String[] args) throws InterruptedException {
        URI endpoint = URI.create(args[0]);
        KinesisProducer library = new KinesisProducer(new KinesisProducerConfiguration()
                .setRegion(KinesisHost.REGION)
                .setCredentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
                .setMetricsLevel("none")
                .setThreadingModel(ThreadingModel.POOLED)
                .setThreadPoolSize(8)
                .setEnableOldestFutureTracker(false)
                .setKinesisEndpoint(endpoint.getHost())
                .setKinesisPort(endpoint.getPort())
                .setStsEndpoint(endpoint.getHost())
                .setStsPort(endpoint.getPort())
                .setCloudwatchEndpoint(endpoint.getHost())
                .setCloudwatchPort(endpoint.getPort())
                .setVerifyCertificate(false)
                .setRateLimit(UNLIMITED));
        Semaphore room = new Semaphore(MAX_IN_FLIGHT);
        FutureCallback<UserRecordResult> releasePermit = new FutureCallback<>() {
            @Override
            public void onSuccess(@Nullable UserRecordResult result) {
                room.release();
            }

            @Override
            public void onFailure(Throwable error) {
                System.exit(1);
            }
        };
        EventWriter writer = new EventWriter();
        try (EventSource<TripEvent> trips = new Input(Path.of(args[1])).open()) {
            TripEvent trip;
            while ((trip = trips.next()) != null) {
                room.acquire();
                String key = Long.toString(trip.tripId(), Character.MAX_RADIX);
                var result = library.addUserRecord(KinesisHost.STREAM, key, ByteBuffer.wrap(writer.write(trip)));
                Futures.addCallback(result, releasePermit, MoreExecutors.directExecutor());
            }
        }
        library.flush();
        room.acquire(MAX_IN_FLIGHT);
        library.destroy();
    }
}
