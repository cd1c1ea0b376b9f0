package io.taxistream.eventtime.sender;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
 * Sends records through the Kinesis Producer Library, which supports TLS only.
 *
 * <p>The library runs a native process and restarts it when it exits. All records held by the process then fail, except for a
 * few handed over at that very moment, whose receipts are lost.
 */
final class KplRecordSender implements RecordSender {

    private static final Logger LOG = LoggerFactory.getLogger(KplRecordSender.class);

    /**
     * Percentage of the AWS shard limit. A custom endpoint may accept more and enforces its own limits. The rate is still
     * limited because the library retries throttled records immediately, as fast as this setting allows.
     */
    private static final long LOOPBACK_RATE_LIMIT = 1_000;

    /** Default of the library. */
    static final Duration DEFAULT_MAX_WAIT = Duration.ofMillis(100);

    private static final int THREADS = 8;

    /** The library restarts its process immediately; if it is not back after this time, it will not come back. */
    private static final Duration MAX_DOWNTIME = Duration.ofSeconds(15);

    /** Longest time between two signs of the same outage. Retries are more frequent than this. */
    private static final Duration MAX_FAILURE_GAP = Duration.ofSeconds(10);

    private static final Set<String> PERMANENT_ERRORS =
            Set.of("AccessDeniedException", "ResourceNotFoundException", "UnrecognizedClientException");

    private final KinesisProducer producer;
    private final String stream;

    /**
     * Exception reported by the library when its process last exited; all records held by the process fail with the same
     * instance.
     */
    private @Nullable Throwable lastExitCause;

    private String downReason = "";
    private long downSinceNanos;
    private long lastDownNanos;
    private volatile int exits;
    private boolean closed;

    /** Whether the process has been down since the last acknowledgement. */
    private volatile boolean down;

    /**
     * @param maxWait longest time that a record waits for others in the same request
     * @throws SenderFailedException if the library's native process cannot be started
     */
    KplRecordSender(String stream, StreamEndpoint endpoint, AwsCredentialsProvider credentials, Duration maxWait) {
        this.stream = stream;
        Path folder = NativeFolder.ofThisJvm().path();
        var config = new KinesisProducerConfiguration()
                .setRegion(endpoint.region())
                .setCredentialsProvider(credentials)
                .setTempDirectory(folder.toString())
                .setAggregationEnabled(false)
                .setRecordMaxBufferedTime(maxWait.toMillis())
                .setMetricsLevel("none")
                // The defaults, one thread for each request and an age-ordered queue that is not needed here, cost a
                // third more CPU.
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
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new SenderFailedException(
                    "the Kinesis Producer Library cannot start (" + cause.getMessage()
                            + "); it needs 100 MB in the temporary folder, set another one with"
                            + " -Djava.io.tmpdir=FOLDER",
                    e);
        }
    }

    @Override
    public void send(String partitionKey, @Nullable String hashKey, byte[] data, Receipt receipt) {
        try {
            var result = producer.addUserRecord(stream, partitionKey, hashKey, ByteBuffer.wrap(data));
            Futures.addCallback(result, new ReceiptCallback(receipt), MoreExecutors.directExecutor());
        } catch (DaemonException e) {
            // Thrown while the library's process is restarting.
            failWhileDown(receipt);
        } catch (IllegalArgumentException e) {
            receipt.failed(String.valueOf(e.getMessage()), 1, true);
        } catch (RuntimeException e) {
            receipt.failed(String.valueOf(e.getMessage()), 1, false);
        }
    }

    @Override
    public void tick() {
        // the library flushes on its own schedule
    }

    @Override
    public void flush() {
        try {
            producer.flush();
        } catch (DaemonException e) {
            // No records are waiting there: they all fail and are retried, see send.
            LOG.debug("Flushing while the KPL process is down", e);
        }
    }

    @Override
    public int interruptions() {
        return exits;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        destroyWithoutWaiting();
    }

    /**
     * Stops the process of the library. The library waits a second for threads that cannot end before it returns, two of which
     * meanwhile keep reading the output of the ended process as fast as they can. It does not wait if its caller is interrupted.
     */
    private void destroyWithoutWaiting() {
        boolean interrupted = Thread.interrupted();
        Thread.currentThread().interrupt();
        try {
            producer.destroy();
        } finally {
            // Not waiting clears the flag.
            boolean unused = Thread.interrupted();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized void recordExit(Throwable cause) {
        // Closing stops the process, which is not a failure.
        if (!closed && cause != lastExitCause) {
            lastExitCause = cause;
            exits++;
            downReason = singleLine(cause);
            if (isInterruption(cause)) {
                LOG.debug(
                        "The Kinesis Producer Library stopped its process because a sending thread was interrupted",
                        cause);
            } else {
                LOG.warn(
                        "The process of the Kinesis Producer Library ended ({}); restarting it and resending its"
                                + " records",
                        downReason);
            }
        }
    }

    /**
     * Returns whether the process exited only because the thread handing over a record was interrupted, which makes the library
     * give up.
     */
    private static boolean isInterruption(Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof InterruptedException) {
                return true;
            }
        }
        return false;
    }

    /** Fails a record because the process is down. */
    private void failWhileDown(Receipt receipt) {
        String reason;
        boolean permanent;
        synchronized (this) {
            long now = System.nanoTime();
            if (!down || now - lastDownNanos > MAX_FAILURE_GAP.toNanos()) {
                down = true;
                downSinceNanos = now;
            }
            lastDownNanos = now;
            permanent = now - downSinceNanos > MAX_DOWNTIME.toNanos();
            reason = (permanent
                            ? "the process of the Kinesis Producer Library cannot be started"
                            : "the process of the Kinesis Producer Library ended and is being restarted")
                    + (downReason.isEmpty() ? "" : " (" + downReason + ")");
        }
        receipt.failed(reason, 1, permanent);
    }

    private static String singleLine(Throwable error) {
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
        public void onSuccess(@Nullable UserRecordResult result) {
            if (down) {
                down = false;
            }
            receipt.acknowledged(requireNonNull(result, "a record that was put has a result")
                            .getAttempts()
                            .size()
                    - 1);
        }

        @Override
        public void onFailure(Throwable error) {
            if (error instanceof UserRecordFailedException failed) {
                List<Attempt> attempts = failed.getResult().getAttempts();
                String reason = "given up by the Kinesis Producer Library";
                boolean permanent = false;
                for (Attempt attempt : attempts) {
                    // The last attempt only reports the timeout; the earlier ones have the cause.
                    if (!"Expired".equals(attempt.getErrorCode())) {
                        reason = attempt.getErrorCode() + ": " + attempt.getErrorMessage();
                        permanent = PERMANENT_ERRORS.contains(attempt.getErrorCode());
                    }
                }
                receipt.failed(reason.lines().findFirst().orElse(reason), attempts.size(), permanent);
            } else {
                recordExit(error.getCause() == null ? error : error.getCause());
                failWhileDown(receipt);
            }
        }
    }
}
