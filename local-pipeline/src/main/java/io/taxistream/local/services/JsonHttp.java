package io.taxistream.local.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.taxistream.local.status.Messages;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** JSON client for one HTTP server. */
public final class JsonHttp {

    public static final ObjectMapper JSON = new ObjectMapper();

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private static final int MAX_ERROR_LENGTH = 300;

    private final URI address;
    private final Duration timeout;

    public JsonHttp(URI address, Duration timeout) {
        this.address = address;
        this.timeout = timeout;
    }

    public URI address() {
        return address;
    }

    /**
     * Returns the response body of {@code GET path}.
     *
     * @throws IOException if the server cannot be reached or the response is not a success
     */
    public JsonNode get(String path) throws IOException {
        return send(path, HttpRequest.newBuilder().GET());
    }

    /** Returns the response body of {@code POST path} with a JSON body, which may be several values; throws as {@link #get}. */
    public JsonNode post(String path, String body) throws IOException {
        return send(path, HttpRequest.newBuilder().POST(BodyPublishers.ofString(body)));
    }

    /** Returns the response body of {@code POST path} without a body; throws as {@link #get}. */
    public JsonNode post(String path) throws IOException {
        return send(path, HttpRequest.newBuilder().POST(BodyPublishers.noBody()));
    }

    /** Returns the response body of {@code DELETE path} with a JSON body; throws as {@link #get}. */
    public JsonNode delete(String path, String body) throws IOException {
        return send(path, HttpRequest.newBuilder().method("DELETE", BodyPublishers.ofString(body)));
    }

    private JsonNode send(String path, HttpRequest.Builder request) throws IOException {
        URI uri = address.resolve(path);
        try {
            var response = CLIENT.send(
                    request.uri(uri)
                            .timeout(timeout)
                            .header("Content-Type", "application/json")
                            .build(),
                    BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new IOException("%s returned status %d: %s"
                        .formatted(uri, response.statusCode(), Messages.oneLine(response.body(), MAX_ERROR_LENGTH)));
            }
            return JSON.readTree(response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            var interrupted = new InterruptedIOException("interrupted while waiting for " + uri);
            interrupted.initCause(e);
            throw interrupted;
        }
    }
}
