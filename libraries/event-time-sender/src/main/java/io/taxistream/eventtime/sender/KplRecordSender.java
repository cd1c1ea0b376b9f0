package io.taxistream.eventtime.sender;

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

/**
 * Sends records through the Kinesis Producer Library, which speaks TLS only.
 *
 * <p>The library does its work in a native process, which it starts again when that ends. All records that it had then fail; a few
 * that come at the same moment are forgotten.
 */
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

    /** A process that ends so often in a row, with no record acknowledged in between, will not do otherwise. */
    private static final int MOST_DEATHS_IN_A_ROW = 5;

    private static final Set<String> HOPELESS =
            Set.of("AccessDeniedException", "ResourceNotFoundException", "UnrecognizedClientException");

    private final NativeFolder folder;
    private final KinesisProducer producer;
    private final String stream;

    /** What the library said when its process ended last; each record that it had fails with the same object. */
    private Throwable lastDeath;

    private int deathsInARow;
    private volatile int deaths;

    /** Cheap to look at for each acknowledgement. */
    private volatile boolean diedLately;

    /**
     * @param maxWait how long a record may wait for others that go with it in a request
     * @throws SenderFailedException if the library's native process cannot be started
     */
    KplRecordSender(String stream, StreamEndpoint endpoint, AwsCredentialsProvider credentials, Duration maxWait) {
        this.stream = stream;
        this.folder = NativeFolder.create();
        var config = new KinesisProducerConfiguration()
                .setRegion(endpoint.region())
                .setCredentialsProvider(credentials)
                .setTempDirectory(folder.path().toString())
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
        try {
            this.producer = new KinesisProducer(config);
        } catch (RuntimeException e) {
            folder.close();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new SenderFailedException(
                    "the Kinesis Producer Library cannot start (" + cause.getMessage()
                            + "); the temporary folder needs 100 MB, -Djava.io.tmpdir=FOLDER names another one",
                    e);
        }
    }

    @Override
    public void send(String partitionKey, String hashKey, byte[] data, Receipt receipt) {
        try {
            var result = producer.addUserRecord(stream, partitionKey, hashKey, ByteBuffer.wrap(data));
            Futures.addCallback(result, new ReceiptCallback(receipt), MoreExecutors.directExecutor());
        } catch (DaemonException e) {
            // Thrown between the end of the library's process and its next start.
            receipt.failed("the process of the Kinesis Producer Library is being started again", 1, false);
        } catch (IllegalArgumentException e) {
            receipt.failed(String.valueOf(e.getMessage()), 1, true);
        } catch (RuntimeException e) {
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
            // Nothing waits there: all of it fails and is sent again, see send.
            LOG.debug("flush while the KPL's process is down", e);
        }
    }

    @Override
    public int interruptions() {
        return deaths;
    }

    @Override
    public void close() {
        producer.destroy();
        folder.close();
    }

    /** Takes note that the library's process has ended; says whether there is no point in starting it again. */
    private synchronized boolean noteDeath(Throwable death) {
        if (death != lastDeath) {
            lastDeath = death;
            deaths++;
            deathsInARow++;
            diedLately = true;
            LOG.warn(
                    "The process of the Kinesis Producer Library ended ({}) and is started again; what it had is sent again",
                    oneLine(death));
        }
        return deathsInARow >= MOST_DEATHS_IN_A_ROW;
    }

    private synchronized void noteLife() {
        deathsInARow = 0;
        diedLately = false;
    }

    private static String oneLine(Throwable error) {
        StringBuilder text = new StringBuilder();
        for (Throwable each = error; each != null; each = each.getCause()) {
            String message = String.valueOf(each.getMessage());
            if (text.indexOf(message) < 0) {
                text.append(text.isEmpty() ? "" : ": ")
                        .append(message.lines().findFirst().orElse(message));
            }
        }
        return text.toString();
    }

    private final class ReceiptCallback implements FutureCallback<UserRecordResult> {

        private final Receipt receipt;

        ReceiptCallback(Receipt receipt) {
            this.receipt = receipt;
        }

        @Override
        public void onSuccess(UserRecordResult result) {
            if (diedLately) {
                noteLife();
            }
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
                Throwable death = error.getCause() == null ? error : error.getCause();
                boolean hopeless = noteDeath(death);
                receipt.failed(
                        "the process of the Kinesis Producer Library ended"
                                + (hopeless ? " " + MOST_DEATHS_IN_A_ROW + " times in a row" : "") + " ("
                                + oneLine(death) + ")",
                        1,
                        hopeless);
            }
        }
    }
}
