package io.taxistream.eventtime.sender;

import static java.util.Objects.requireNonNull;

import io.taxistream.eventtime.Part;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/** Builder of an {@link EventSender}. The stream name and the region are required. */
public final class EventSenderBuilder {

    /** Limits the memory used by events in flight to about 20 MB for events of a few hundred bytes. */
    private static final int DEFAULT_MAX_IN_FLIGHT = 1 << 15;

    private static final Duration DEFAULT_GIVE_UP_AFTER = Duration.ofMinutes(2);

    /** Longest time to retry an endpoint that does not respond at all. */
    private static final Duration UNREACHABLE_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration NOT_READY_POLL_INTERVAL = Duration.ofMillis(500);

    /**
     * Longest time that counts for one attempt: when many processes start at once, an attempt may time out only for lack of
     * CPU.
     */
    private static final Duration MAX_TICK_GAP = Duration.ofSeconds(2);

    private @Nullable String stream;
    private @Nullable String region;
    private @Nullable URI endpoint;
    private Part part = Part.ONLY;
    private boolean aggregate;
    private boolean watermarks = true;
    private int maxInFlight = DEFAULT_MAX_IN_FLIGHT;
    private Duration giveUpAfter = DEFAULT_GIVE_UP_AFTER;
    private @Nullable AwsCredentialsProvider credentials;

    EventSenderBuilder() {}

    /** Sets the name of the stream. Required. */
    public EventSenderBuilder stream(String name) {
        this.stream = name;
        return this;
    }

    /** Sets the AWS region of the stream, such as {@code eu-west-1}. Required. */
    public EventSenderBuilder region(String name) {
        this.region = name;
        return this;
    }

    /**
     * Sets an endpoint other than that of AWS. An endpoint on this machine needs no credentials, and its certificate is not
     * verified.
     *
     * @param uri {@code https} URI with a host, or {@code null} for the endpoint of AWS
     */
    public EventSenderBuilder endpoint(@Nullable URI uri) {
        if (uri != null && (!"https".equals(uri.getScheme()) || uri.getHost() == null)) {
            throw new IllegalArgumentException("endpoint is " + uri
                    + "; it must be https with a host, because the Kinesis Producer Library requires TLS");
        }
        this.endpoint = uri;
        return this;
    }

    /** Sets the credentials. Default: the SDK's default chain. */
    public EventSenderBuilder credentials(AwsCredentialsProvider provider) {
        this.credentials = provider;
        return this;
    }

    /**
     * Sets the part of this sender if several senders share the events of the stream. Default: the only part.
     *
     * @param index from 1 to {@code count}
     * @param count number of senders, the same for all of them
     */
    public EventSenderBuilder part(int index, int count) {
        return part(new Part(index, count));
    }

    /** Sets the part of this sender; see {@link #part(int, int)}. */
    public EventSenderBuilder part(Part which) {
        this.part = which;
        return this;
    }

    /**
     * Sets whether to pack many events into one Kinesis record, in the format of the Kinesis Producer Library. This needs fewer
     * shards and less CPU, but partition keys no longer select a shard: records are spread evenly over the shards. Default:
     * {@code false}.
     */
    public EventSenderBuilder aggregate(boolean pack) {
        this.aggregate = pack;
        return this;
    }

    /** Sets whether to send watermarks. Default: {@code true}. */
    public EventSenderBuilder watermarks(boolean send) {
        this.watermarks = send;
        return this;
    }

    /**
     * Sets the number of unacknowledged events at which {@link EventSender#send} blocks. Default: 32,768.
     *
     * @param events a power of two
     */
    public EventSenderBuilder maxInFlight(int events) {
        if (Integer.bitCount(events) != 1 || events < 1) {
            throw new IllegalArgumentException("maxInFlight is " + events + "; it must be a power of two");
        }
        this.maxInFlight = events;
        return this;
    }

    /** Sets the longest time without an acknowledgement from the stream before the sender fails. Default: 2 minutes. */
    public EventSenderBuilder giveUpAfter(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("giveUpAfter is " + timeout + "; it must be positive");
        }
        this.giveUpAfter = timeout;
        return this;
    }

    /**
     * Opens the stream for sending. Waits for a stream that is being created.
     *
     * @throws SenderFailedException if the stream does not exist, cannot be reached or cannot be used
     */
    public EventSender build() {
        if (stream == null || region == null) {
            throw new IllegalStateException((stream == null ? "stream" : "region") + " is missing");
        }
        TimeSource time = TimeSource.SYSTEM;
        StreamEndpoint streamEndpoint = new StreamEndpoint(region, endpoint);
        AwsCredentialsProvider provider = credentials != null ? credentials : StreamCredentials.of(streamEndpoint);
        SdkStreamClient client = new SdkStreamClient(stream, streamEndpoint, provider);
        try {
            awaitReady(client, stream, giveUpAfter, time);
            EventSender sender = new EventSender(
                    recordSender(stream, streamEndpoint, provider, time),
                    client,
                    client,
                    new EventSender.Settings(stream, part, watermarks, aggregate, maxInFlight, giveUpAfter),
                    time);
            sender.start();
            return sender;
        } catch (RuntimeException e) {
            client.close();
            throw e;
        }
    }

    private RecordSender recordSender(
            String name, StreamEndpoint streamEndpoint, AwsCredentialsProvider provider, TimeSource time) {
        if (!aggregate) {
            return new KplRecordSender(name, streamEndpoint, provider, KplRecordSender.DEFAULT_MAX_WAIT);
        }
        // A record waits for its aggregate and the aggregate for its request: together no longer than a record that is
        // not aggregated.
        Duration maxWait = KplRecordSender.DEFAULT_MAX_WAIT.minus(AggregatingSender.MAX_WAIT);
        return new AggregatingSender(new KplRecordSender(name, streamEndpoint, provider, maxWait), time);
    }

    static void awaitReady(StreamClient client, String stream, Duration giveUpAfter, TimeSource time) {
        ObservedDuration waited = new ObservedDuration(MAX_TICK_GAP, time.nanoTime());
        String reason;
        Duration timeout;
        do {
            try {
                List<OpenShard> open = client.openShards().join();
                if (!open.isEmpty()) {
                    return;
                }
                reason = "stream " + stream + " has no open shards; wait until it is ACTIVE";
                timeout = giveUpAfter;
            } catch (CompletionException e) {
                Throwable cause = requireNonNull(e.getCause(), "join gives the cause");
                if (cause instanceof SenderFailedException fatal) {
                    throw fatal;
                }
                reason = String.valueOf(cause.getMessage());
                boolean answered = cause.getCause() instanceof AwsServiceException;
                timeout = answered ? giveUpAfter : min(giveUpAfter, UNREACHABLE_TIMEOUT);
            }
            try {
                time.sleep(NOT_READY_POLL_INTERVAL.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SenderFailedException("interrupted while waiting for stream " + stream, e);
            }
        } while (waited.advance(time.nanoTime()).compareTo(timeout) < 0);
        throw new SenderFailedException(reason);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
