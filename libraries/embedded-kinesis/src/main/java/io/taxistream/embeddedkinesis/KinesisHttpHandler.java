package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import io.taxistream.embeddedkinesis.ConsumerOperations.Admission;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decodes HTTP requests, passes them to the API or to a fault, and sends the responses. */
final class KinesisHttpHandler extends Handler.Abstract {

    private static final Logger LOG = LoggerFactory.getLogger(KinesisHttpHandler.class);

    private static final String CONTENT_TYPE = "Content-Type";
    private static final String TARGET_HEADER = "X-Amz-Target";
    private static final String TARGET_PREFIX = "Kinesis_20131202.";
    private static final int MAX_REQUEST_BYTES = 32 * 1024 * 1024;
    private static final Pattern LOOPBACK_HOST =
            Pattern.compile("127(?:\\.\\d{1,3}){3}|localhost|\\[::1]", Pattern.CASE_INSENSITIVE);
    private static final Duration NO_ANSWER_TIMEOUT = Duration.ofMinutes(1);

    private final KinesisApi api;
    private final FaultInjector faults;
    private final Subscriptions subscriptions;
    private final Executor workers;
    private final Consumer<Throwable> onFailure;
    private final AtomicLong requestIds = new AtomicLong();
    private final Set<HttpCall> unanswered = ConcurrentHashMap.newKeySet();

    /**
     * @param workers threads that send delayed responses
     * @param onFailure receives errors and storage failures
     */
    KinesisHttpHandler(
            KinesisApi api,
            FaultInjector faults,
            Subscriptions subscriptions,
            Executor workers,
            Consumer<Throwable> onFailure) {
        this.api = api;
        this.faults = faults;
        this.subscriptions = subscriptions;
        this.workers = workers;
        this.onFailure = onFailure;
    }

    /** A complete response. */
    private record Answer(int status, Map<String, String> headers, BlockBuffer body) {

        Answer(int status, String contentType, BlockBuffer body) {
            this(status, Map.of(CONTENT_TYPE, contentType), body);
        }
    }

    @Override
    public boolean handle(org.eclipse.jetty.server.Request request, Response response, Callback callback)
            throws IOException {
        HttpCall call = new HttpCall(request, response, callback);
        try {
            answer(call);
        } catch (StorageException e) {
            onFailure.accept(e);
            send(call, error(KinesisException.internalFailure(), wire(call)));
        } catch (IOException e) {
            LOG.debug("The client closed its request", e);
            call.closeConnection();
        } catch (RuntimeException e) {
            // a bug in the endpoint: the client receives an internal failure, as from the service
            LOG.error("Request {} failed", call.header(TARGET_HEADER), e);
            send(call, error(KinesisException.internalFailure(), wire(call)));
        } catch (Error e) {
            onFailure.accept(e);
            call.closeConnection();
        }
        return true;
    }

    /** Closes the connections of calls that were never answered. */
    void closeUnanswered() {
        unanswered.forEach(HttpCall::closeConnection);
    }

    private void answer(HttpCall call) throws IOException {
        if (call.opensTunnel()) {
            call.refuseTunnel();
            return;
        }
        byte[] body = call.body(MAX_REQUEST_BYTES + 1);
        if (body.length > MAX_REQUEST_BYTES) {
            send(call, new Answer(413, Wire.JSON.contentType(), new BlockBuffer()));
            return;
        }
        if (isFromWebPage(call)) {
            send(call, error(KinesisException.accessDenied("Requests from web pages are not allowed."), wire(call)));
            return;
        }
        String target = call.header(TARGET_HEADER);
        Optional<StsAndCloudWatch.Answer> otherService = StsAndCloudWatch.answer(call.path(), target, body);
        if (otherService.isPresent()) {
            StsAndCloudWatch.Answer answer = otherService.get();
            Map<String, String> headers = new HashMap<>(answer.headers());
            headers.put(CONTENT_TYPE, answer.contentType());
            send(call, new Answer(200, headers, BlockBuffer.of(answer.body())));
            return;
        }
        Wire wire = wire(call);
        Optional<KinesisOperation> operation = operation(target);
        if (operation.isEmpty()) {
            send(call, error(KinesisException.unknownOperation("The operation " + target + " is not known."), wire));
            return;
        }
        Optional<Fault> fault = faults.next(operation.get());
        if (fault.isPresent()) {
            answerWithFault(call, operation.get(), wire, body, fault.get());
        } else if (operation.get() == KinesisOperation.SUBSCRIBE_TO_SHARD) {
            subscribe(call, wire, body, Optional.empty(), Duration.ZERO);
        } else {
            send(call, call(operation.get(), wire, body, 0));
        }
    }

    /**
     * Returns whether a web page sent the request through a browser. Any page that the user visits can find the port and, with
     * DNS rebinding, modify streams. Older browsers mark such requests by the name of the page's host only.
     */
    private static boolean isFromWebPage(HttpCall call) {
        return call.header("Origin") != null
                || call.header("Sec-Fetch-Site") != null
                || !LOOPBACK_HOST.matcher(call.host()).matches();
    }

    private void answerWithFault(HttpCall call, KinesisOperation operation, Wire wire, byte[] body, Fault fault)
            throws IOException {
        if (fault instanceof Fault.ServerError error) {
            callIf(error.executed(), operation, wire, body);
            send(
                    call,
                    error(
                            error.status() == 503
                                    ? KinesisException.serviceUnavailable()
                                    : KinesisException.internalFailure(),
                            wire));
        } else if (fault instanceof Fault.Throttle throttle) {
            send(
                    call,
                    operation == KinesisOperation.PUT_RECORDS
                            ? call(operation, wire, body, throttle.share())
                            : error(KinesisApi.rateExceeded(operation), wire));
        } else if (fault instanceof Fault.ExpiredCredentials) {
            send(call, error(KinesisException.expiredToken(), wire));
        } else if (operation == KinesisOperation.SUBSCRIBE_TO_SHARD && fault instanceof Fault.Delay delay) {
            subscribe(call, wire, body, Optional.empty(), delay.time());
        } else if (fault instanceof Fault.Delay delay) {
            Answer answer = call(operation, wire, body, 0);
            after(delay.time(), () -> send(call, answer));
        } else if (fault instanceof Fault.NoAnswer noAnswer) {
            callIf(noAnswer.executed(), operation, wire, body);
            unanswered.add(call);
            after(NO_ANSWER_TIMEOUT, () -> {
                unanswered.remove(call);
                call.closeConnection();
            });
        } else if (fault instanceof Fault.ConnectionClosed closed) {
            callIf(closed.executed(), operation, wire, body);
            call.closeConnection();
        } else if (operation == KinesisOperation.SUBSCRIBE_TO_SHARD
                && fault instanceof Fault.SubscriptionFault ofSubscription) {
            subscribe(call, wire, body, Optional.of(ofSubscription), Duration.ZERO);
        } else {
            // faults of subscriptions do not apply to other calls
            send(call, call(operation, wire, body, 0));
        }
    }

    private void subscribe(
            HttpCall call, Wire wire, byte[] body, Optional<Fault.SubscriptionFault> fault, Duration delay)
            throws IOException {
        try {
            Admission admission = api.subscribe(new Request(wire, wire.read(body)));
            if (delay.isZero()) {
                subscriptions.start(admission, call, wire, fault, requestId());
            } else {
                after(delay, () -> subscriptions.start(admission, call, wire, fault, requestId()));
            }
        } catch (KinesisException e) {
            send(call, error(e, wire));
        }
    }

    private void callIf(boolean executed, KinesisOperation operation, Wire wire, byte[] body) throws IOException {
        if (!executed) {
            return;
        }
        if (operation == KinesisOperation.SUBSCRIBE_TO_SHARD) {
            try {
                Admission unused = api.subscribe(new Request(wire, wire.read(body)));
            } catch (KinesisException e) {
                LOG.debug("A call whose response a fault withholds failed", e);
            }
        } else {
            call(operation, wire, body, 0);
        }
    }

    private Answer call(KinesisOperation operation, Wire wire, byte[] body, double throttledShare) throws IOException {
        try {
            Request request = new Request(wire, wire.read(body));
            BlockBuffer out = new BlockBuffer();
            try (JsonGenerator generator = wire.generator(out)) {
                api.call(operation, wire, request, throttledShare, generator);
            }
            return new Answer(200, wire.contentType(), out);
        } catch (KinesisException e) {
            return error(e, wire);
        }
    }

    private static Answer error(KinesisException error, Wire wire) throws IOException {
        BlockBuffer out = new BlockBuffer();
        try (JsonGenerator generator = wire.generator(out)) {
            generator.writeStartObject();
            generator.writeStringField("__type", error.type());
            generator.writeStringField("message", error.getMessage());
            generator.writeEndObject();
        }
        return new Answer(error.status(), wire.contentType(), out);
    }

    private void after(Duration time, Runnable task) {
        CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS, workers)
                .execute(task);
    }

    private void send(HttpCall call, Answer answer) {
        Map<String, String> headers = new HashMap<>(answer.headers());
        headers.put("x-amzn-RequestId", requestId());
        call.send(answer.status(), headers, answer.body());
    }

    private String requestId() {
        return new UUID(0, requestIds.incrementAndGet()).toString();
    }

    private static Optional<KinesisOperation> operation(@Nullable String target) {
        return target == null || !target.startsWith(TARGET_PREFIX)
                ? Optional.empty()
                : KinesisOperation.ofWireName(target.substring(TARGET_PREFIX.length()));
    }

    private static Wire wire(HttpCall call) {
        return Wire.ofContentType(call.header(CONTENT_TYPE));
    }
}
