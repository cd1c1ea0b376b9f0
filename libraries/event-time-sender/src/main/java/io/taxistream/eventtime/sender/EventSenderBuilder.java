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
    private static final Duration UNREACHABLE_PATIENCE = Duration.ofSeconds(10);

    private static final Duration NOT_READY_POLL = Duration.ofMillis(500);

    /**
     * Longest time that counts for one attempt: when many processes start at once, an attempt may time out only for lack of
     * CPU.
     */
    private static final Duration LONGEST_STEP = Duration.ofSeconds(2);

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
    public EventSenderBuilder giveUpAfter(Duration patience) {
        if (patience.isNegative() || patience.isZero()) {
            throw new IllegalArgumentException("giveUpAfter is " + patience + "; it must be positive");
        }
        this.giveUpAfter = patience;
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
        StreamEndpoint where = new StreamEndpoint(region, endpoint);
        AwsCredentialsProvider provider = credentials != null ? credentials : StreamCredentials.of(where);
        SdkStreamClient client = new SdkStreamClient(stream, where, provider);
        try {
            awaitReady(client, stream, giveUpAfter, time);
            EventSender sender = new EventSender(
                    recordSender(stream, where, provider, time),
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
            String name, StreamEndpoint where, AwsCredentialsProvider provider, TimeSource time) {
        if (!aggregate) {
            return new KplRecordSender(name, where, provider, KplRecordSender.DEFAULT_MAX_WAIT);
        }
        // A record waits for its aggregate and the aggregate for its request: together no longer than a record that is
        // not aggregated.
        Duration maxWait = KplRecordSender.DEFAULT_MAX_WAIT.minus(AggregatingSender.MAX_WAIT);
        return new AggregatingSender(new KplRecordSender(name, where, provider, maxWait), time);
    }

    static void awaitReady(StreamClient client, String stream, Duration giveUpAfter, TimeSource time) {
        Stopwatch waited = new Stopwatch(LONGEST_STEP, time.nanoTime());
        String why;
        Duration patience;
        do {
            try {
                List<OpenShard> open = client.openShards().join();
                if (!open.isEmpty()) {
                    return;
                }
                why = "stream " + stream + " has no open shards; wait until it is ACTIVE";
                patience = giveUpAfter;
            } catch (CompletionException e) {
                Throwable cause = requireNonNull(e.getCause(), "join gives the cause");
                if (cause instanceof SenderFailedException fatal) {
                    throw fatal;
                }
                why = String.valueOf(cause.getMessage());
                boolean answered = cause.getCause() instanceof AwsServiceException;
                patience = answered ? giveUpAfter : min(giveUpAfter, UNREACHABLE_PATIENCE);
            }
            try {
                time.sleep(NOT_READY_POLL.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SenderFailedException("interrupted while waiting for stream " + stream, e);
            }
        } while (waited.look(time.nanoTime()).compareTo(patience) < 0);
        throw new SenderFailedException(why);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
