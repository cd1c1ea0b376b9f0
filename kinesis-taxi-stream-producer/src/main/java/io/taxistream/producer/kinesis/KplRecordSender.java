package io.taxistream.producer.kinesis;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.kinesis.producer.Attempt;
import software.amazon.kinesis.producer.DaemonException;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.KinesisProducerConfiguration.ThreadingModel;
import software.amazon.kinesis.producer.UserRecordFailedException;
import software.amazon.kinesis.producer.UserRecordResult;

/** Sends records through the Kinesis Producer Library, which speaks TLS only. */
final class KplRecordSender implements RecordSender {

    private static final Logger LOG = LoggerFactory.getLogger(KplRecordSender.class);

    /**
     * In percent of what a shard of AWS takes: an endpoint of one's own may take more, and sets its limits itself. Not without
     * any limit, because the library sends again at once what is throttled, as fast as this lets it.
     */
    private static final long LOOPBACK_RATE_LIMIT = 1_000;

    /** The library's own default. */
    static final Duration DEFAULT_MAX_WAIT = Duration.ofMillis(100);

    private static final int THREADS = 8;

    private static final Set<String> HOPELESS =
            Set.of("AccessDeniedException", "ResourceNotFoundException", "UnrecognizedClientException");

    private final KinesisProducer producer;
    private final String stream;

    /** @param maxWait how long a record may wait for others that go with it in a request */
    KplRecordSender(String stream, StreamEndpoint endpoint, AwsCredentialsProvider credentials, Duration maxWait) {
        this.stream = stream;
        var config = new KinesisProducerConfiguration()
                .setRegion(endpoint.region())
                .setCredentialsProvider(credentials)
                .setAggregationEnabled(false)
                .setRecordMaxBufferedTime(maxWait.toMillis())
                .setMetricsLevel("none")
                // A thread for each request, the default, and a queue by age that nobody asks cost a third more CPU.
                .setThreadingModel(ThreadingModel.POOLED)
                .setThreadPoolSize(THREADS)
                .setEnableOldestFutureTracker(false)
                .setLogLevel("warning");
        if (endpoint.uri() != null) {
            String host = endpoint.uri().getHost();
            config.setKinesisEndpoint(host).setKinesisPort(endpoint.port());
            if (endpoint.isLoopback()) {
                config.setVerifyCertificate(false)
                        .setStsEndpoint(host)
                        .setStsPort(endpoint.port())
                        .setCloudwatchEndpoint(host)
                        .setCloudwatchPort(endpoint.port())
                        .setRateLimit(LOOPBACK_RATE_LIMIT);
            }
        }
        this.producer = new KinesisProducer(config);
    }

    @Override
    public void send(String partitionKey, String hashKey, byte[] data, Receipt receipt) {
        try {
            var result = producer.addUserRecord(stream, partitionKey, hashKey, ByteBuffer.wrap(data));
            Futures.addCallback(result, new ReceiptCallback(receipt), MoreExecutors.directExecutor());
        } catch (RuntimeException e) {
            // Thrown while the library's own process is down and being started again.
            receipt.failed(String.valueOf(e.getMessage()), 1, false);
        }
    }

    @Override
    public void tick() {
        // the library has a clock of its own
    }

    @Override
    public void flush() {
        try {
            producer.flush();
        } catch (DaemonException e) {
            // Down and being started again, see send: nothing waits there, all of it fails and is sent again.
            LOG.debug("flush while the KPL's process is down", e);
        }
    }

    @Override
    public void close() {
        producer.destroy();
    }

    private record ReceiptCallback(Receipt receipt) implements FutureCallback<UserRecordResult> {

        @Override
        public void onSuccess(UserRecordResult result) {
            receipt.acknowledged(result.getAttempts().size() - 1);
        }

        @Override
        public void onFailure(Throwable error) {
            if (error instanceof UserRecordFailedException failed) {
                List<Attempt> attempts = failed.getResult().getAttempts();
                String reason = "given up by the Kinesis Producer Library";
                boolean hopeless = false;
                for (Attempt attempt : attempts) {
                    // The last attempt only says that time ran out; the ones before say why.
                    if (!"Expired".equals(attempt.getErrorCode())) {
                        reason = attempt.getErrorCode() + ": " + attempt.getErrorMessage();
                        hopeless = HOPELESS.contains(attempt.getErrorCode());
                    }
                }
                receipt.failed(reason.lines().findFirst().orElse(reason), attempts.size(), hopeless);
            } else {
                receipt.failed(String.valueOf(error.getMessage()), 1, false);
            }
        }
    }
}
