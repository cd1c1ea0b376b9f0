package io.taxistream.producer.input;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A fake S3 with the two operations that a reader needs, for one bucket, with two keys per page. */
final class FakeS3 implements AutoCloseable {

    static final String BUCKET = "trips";

    final TreeMap<String, byte[]> objects = new TreeMap<>();
    final List<String> requests = new ArrayList<>();
    final List<Headers> headers = new ArrayList<>();

    /** Status of every response, unless it is 0. */
    int status;

    /** Region of the bucket. */
    String region = "us-east-1";

    /** Number of bytes of an object after which the connection breaks, unless it is 0. */
    int breakAfter;

    private final HttpServer server;

    FakeS3() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        requests.add(path);
        headers.add(exchange.getRequestHeaders());
        if (status != 0) {
            answer(exchange, status, error(status == 403 ? "AccessDenied" : "InternalError"));
        } else if (!path.equals("/" + BUCKET) && !path.startsWith("/" + BUCKET + "/")) {
            answer(exchange, 404, error("NoSuchBucket"));
        } else if (isSignedForAnotherRegion(exchange)) {
            exchange.getResponseHeaders().add("x-amz-bucket-region", region);
            answer(exchange, 301, error("PermanentRedirect"));
        } else if (path.length() <= BUCKET.length() + 2) {
            answer(exchange, 200, list(query(exchange)));
        } else {
            get(exchange, objects.get(path.substring(BUCKET.length() + 2)));
        }
    }

    private boolean isSignedForAnotherRegion(HttpExchange exchange) {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        return authorization != null && !authorization.contains("/" + region + "/s3/");
    }

    private String list(Map<String, String> query) {
        String prefix = query.getOrDefault("prefix", "");
        String after = query.getOrDefault("continuation-token", "");
        List<String> keys = objects.keySet().stream()
                .filter(key -> key.startsWith(prefix) && key.compareTo(after) > 0)
                .toList();
        List<String> page = keys.subList(0, Math.min(2, keys.size()));
        boolean more = keys.size() > 2;
        boolean encoded = "url".equals(query.get("encoding-type"));
        return "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>" + BUCKET + "</Name>"
                + "<KeyCount>" + page.size() + "</KeyCount><IsTruncated>" + more + "</IsTruncated>"
                + (more ? "<NextContinuationToken>" + page.get(1) + "</NextContinuationToken>" : "")
                + (encoded ? "<EncodingType>url</EncodingType>" : "")
                + page.stream()
                        .map(key -> "<Contents><Key>"
                                + (encoded ? URLEncoder.encode(key, StandardCharsets.UTF_8) : key)
                                + "</Key><ETag>\"1\"</ETag><Size>" + objects.get(key).length
                                + "</Size></Contents>")
                        .collect(Collectors.joining())
                + "</ListBucketResult>";
    }

    private void get(HttpExchange exchange, byte[] object) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-.*", "$1"));
        int end = range == null ? object.length : Integer.parseInt(range.replaceAll(".*-", "")) + 1;
        exchange.getResponseHeaders().add("ETag", "\"1\"");
        exchange.sendResponseHeaders(range == null ? 200 : 206, end - from);
        int length = breakAfter == 0 ? end - from : Math.min(breakAfter, end - from);
        OutputStream body = exchange.getResponseBody();
        body.write(object, from, length);
        if (from + length < end) {
            body.flush();
            // closing before the announced length is written breaks the connection
            throw new IOException("broken on purpose");
        }
        exchange.close();
    }

    private static void answer(HttpExchange exchange, int status, String xml) throws IOException {
        byte[] body = xml.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/xml");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static String error(String code) {
        return "<Error><Code>" + code + "</Code><Message>told so</Message></Error>";
    }

    private static Map<String, String> query(HttpExchange exchange) {
        var query = new TreeMap<String, String>();
        String raw = exchange.getRequestURI().getRawQuery();
        if (raw != null) {
            for (String pair : raw.split("&", -1)) {
                String[] parts = pair.split("=", 2);
                query.put(parts[0], parts.length < 2 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
        }
        return query;
    }
}
