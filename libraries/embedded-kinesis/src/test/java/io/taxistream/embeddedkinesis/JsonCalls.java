package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Requests in JSON as they go over the wire, without a client library that would look after them. */
final class JsonCalls {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client;
    private final URI endpoint;

    JsonCalls(URI endpoint) {
        this(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(), endpoint);
    }

    JsonCalls(HttpClient client, URI endpoint) {
        this.client = client;
        this.endpoint = endpoint;
    }

    /** Status and body of an answer; an empty body is an empty object. */
    record Answer(int status, JsonNode body) {

        String errorType() {
            return body.path("__type").asText();
        }

        String message() {
            return body.path("message").asText();
        }
    }

    Answer call(String operation, String body) throws IOException, InterruptedException {
        HttpResponse<String> response =
                send("application/x-amz-json-1.1", "Kinesis_20131202." + operation, body.replace('\'', '"'));
        return new Answer(
                response.statusCode(),
                response.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(response.body()));
    }

    HttpResponse<String> send(String contentType, String target, String body) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(endpoint)
                        .timeout(Duration.ofSeconds(10))
                        .header("Content-Type", contentType)
                        .header("X-Amz-Target", target)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Calls as a web page does, with a header that only browsers send. */
    int callFromWebPage(String operation, String body, String header, String value)
            throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(endpoint)
                                .timeout(Duration.ofSeconds(10))
                                .header("Content-Type", "application/x-amz-json-1.1")
                                .header("X-Amz-Target", "Kinesis_20131202." + operation)
                                .header(header, value)
                                .POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    HttpResponse<String> sendForm(String body) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(endpoint)
                        .timeout(Duration.ofSeconds(10))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
