package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes requests off the wire, lets the API or a fault decide, and puts the answer back. */
final class KinesisHttpHandler implements HttpHandler {

    private static final Logger LOG = LoggerFactory.getLogger(KinesisHttpHandler.class);

    private static final String TARGET_PREFIX = "Kinesis_20131202.";
    private static final int MAX_REQUEST_BYTES = 32 * 1024 * 1024;
    private static final Duration UNANSWERED_FOR = Duration.ofMinutes(1);

    private final KinesisApi api;
    private final FaultInjector faults;
    private final Executor workers;
    private final Consumer<Throwable> onFailure;
    private final AtomicLong requestIds = new AtomicLong();
    private final Set<HttpExchange> unanswered = ConcurrentHashMap.newKeySet();

    /**
     * @param workers send what is to be sent late
     * @param onFailure takes errors and what is wrong with the storage
     */
    KinesisHttpHandler(KinesisApi api, FaultInjector faults, Executor workers, Consumer<Throwable> onFailure) {
        this.api = api;
        this.faults = faults;
        this.workers = workers;
        this.onFailure = onFailure;
    }

    /** What is sent back. */
    private record Answer(int status, String contentType, BlockBuffer body) {}

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try {
            answer(exchange);
        } catch (StorageException e) {
            onFailure.accept(e);
            send(exchange, error(KinesisException.internalFailure(), wire(exchange)));
        } catch (RuntimeException e) {
            // a mistake of the endpoint's own: the client gets what it would get of a service with one
            LOG.error("Request {} failed", exchange.getRequestHeaders().getFirst("X-Amz-Target"), e);
            send(exchange, error(KinesisException.internalFailure(), wire(exchange)));
        } catch (Error e) {
            onFailure.accept(e);
            exchange.close();
        }
    }

    /** Closes the connections of the calls that have been left without an answer. */
    void closeUnanswered() {
        unanswered.forEach(HttpExchange::close);
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_REQUEST_BYTES + 1);
        if (body.length > MAX_REQUEST_BYTES) {
            send(exchange, new Answer(413, Wire.JSON.contentType(), new BlockBuffer()));
            return;
        }
        if (isFromWebPage(exchange)) {
            send(exchange, error(KinesisException.accessDenied("Web pages may not use this endpoint."), wire(exchange)));
            return;
        }
        String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
        Optional<StsAndCloudWatch.Answer> neighbour =
                StsAndCloudWatch.answer(exchange.getRequestURI().getPath(), target, body);
        if (neighbour.isPresent()) {
            StsAndCloudWatch.Answer answer = neighbour.get();
            answer.headers().forEach(exchange.getResponseHeaders()::set);
            send(exchange, new Answer(200, answer.contentType(), BlockBuffer.of(answer.body())));
            return;
        }
        Wire wire = wire(exchange);
        Optional<KinesisOperation> operation = operation(target);
        if (operation.isEmpty()) {
            send(
                    exchange,
                    error(KinesisException.unknownOperation("The operation " + target + " is not known."), wire));
            return;
        }
        Optional<Fault> fault = faults.next(operation.get());
        if (fault.isPresent()) {
            answerWithFault(exchange, operation.get(), wire, body, fault.get());
        } else {
            send(exchange, call(operation.get(), wire, body, 0));
        }
    }

    /**
     * Whether a browser has sent the request for a page: any page that the user visits can find the port, and change streams if
     * it has redirected its own name to this machine (DNS rebinding).
     */
    private static boolean isFromWebPage(HttpExchange exchange) {
        Headers headers = exchange.getRequestHeaders();
        return headers.containsKey("Origin") || headers.containsKey("Sec-Fetch-Site");
    }

    private void answerWithFault(HttpExchange exchange, KinesisOperation operation, Wire wire, byte[] body, Fault fault)
            throws IOException {
        if (fault instanceof Fault.ServerError error) {
            callIf(error.executed(), operation, wire, body);
            send(
                    exchange,
                    error(
                            error.status() == 503
                                    ? KinesisException.serviceUnavailable()
                                    : KinesisException.internalFailure(),
                            wire));
        } else if (fault instanceof Fault.Throttle throttle) {
            send(
                    exchange,
                    operation == KinesisOperation.PUT_RECORDS
                            ? call(operation, wire, body, throttle.share())
                            : error(KinesisApi.rateExceeded(operation), wire));
        } else if (fault instanceof Fault.ExpiredCredentials) {
            send(exchange, error(KinesisException.expiredToken(), wire));
        } else if (fault instanceof Fault.Delay delay) {
            Answer answer = call(operation, wire, body, 0);
            after(delay.time(), () -> sendLate(exchange, answer));
        } else if (fault instanceof Fault.NoAnswer noAnswer) {
            callIf(noAnswer.executed(), operation, wire, body);
            unanswered.add(exchange);
            after(UNANSWERED_FOR, () -> {
                unanswered.remove(exchange);
                exchange.close();
            });
        } else if (fault instanceof Fault.ConnectionClosed closed) {
            callIf(closed.executed(), operation, wire, body);
            exchange.close();
        }
    }

    private void callIf(boolean executed, KinesisOperation operation, Wire wire, byte[] body) throws IOException {
        if (executed) {
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

    private void sendLate(HttpExchange exchange, Answer answer) {
        try {
            send(exchange, answer);
        } catch (IOException e) {
            // the client has given up waiting, which is what the delay is for
            LOG.debug("A delayed answer found no client", e);
            exchange.close();
        }
    }

    private void send(HttpExchange exchange, Answer answer) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", answer.contentType());
        headers.set("x-amzn-RequestId", new UUID(0, requestIds.incrementAndGet()).toString());
        long length = answer.body().length();
        exchange.sendResponseHeaders(answer.status(), length == 0 ? -1 : length);
        answer.body().writeTo(exchange.getResponseBody());
        exchange.close();
    }

    private static Optional<KinesisOperation> operation(String target) {
        return target == null || !target.startsWith(TARGET_PREFIX)
                ? Optional.empty()
                : KinesisOperation.ofWireName(target.substring(TARGET_PREFIX.length()));
    }

    private static Wire wire(HttpExchange exchange) {
        return Wire.ofContentType(exchange.getRequestHeaders().getFirst("Content-Type"));
    }
}
