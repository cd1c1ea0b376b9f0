package io.taxistream.search;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Checks the AWS Signature Version 4 of requests as they came over the wire, the way a service does; written from the
 * specification ("Create a signed AWS API request", IAM user guide), without any code of AWS.
 */
public final class SigV4Verifier {

    private static final String ALGORITHM = "AWS4-HMAC-SHA256";

    /**
     * A request as received.
     *
     * @param rawPath as on the request line
     * @param rawQuery as on the request line, null without a query
     * @param headers names in lower case
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Request(
            String method, String rawPath, String rawQuery, Map<String, List<String>> headers, byte[] body) {}

    /** A secret, and the session token that goes with it, empty for a long-term key. */
    private record Secret(String key, String sessionToken) {}

    private final String region;
    private final String service;
    private final Map<String, Secret> secrets = new ConcurrentHashMap<>();

    /** Accepts nothing until secrets are added. */
    public SigV4Verifier(String region, String service) {
        this.region = region;
        this.service = service;
    }

    /** Adds a secret; the session token is empty for a long-term key. */
    public void accept(String accessKey, String secretKey, String sessionToken) {
        secrets.put(accessKey, new Secret(secretKey, sessionToken));
    }

    /** No longer accepts a key. */
    public void revoke(String accessKey) {
        secrets.remove(accessKey);
    }

    /** Why the request has to be refused; empty if its signature is right. */
    public Optional<String> refusal(Request request) {
        String authorization = header(request, "authorization");
        if (!authorization.startsWith(ALGORITHM + " ")) {
            return Optional.of("not signed");
        }
        Map<String, String> parts = Arrays.stream(
                        authorization.substring(ALGORITHM.length() + 1).split(",\\s*", -1))
                .map(part -> part.split("=", 2))
                .collect(Collectors.toMap(part -> part[0], part -> part[1]));
        String[] credential = parts.get("Credential").split("/", -1);
        String dateTime = header(request, "x-amz-date");
        String scope = String.join("/", dateTime.substring(0, 8), region, service, "aws4_request");
        if (!parts.get("Credential").equals(credential[0] + "/" + scope)) {
            return Optional.of("signed for the scope " + parts.get("Credential") + " and not for " + scope);
        }
        Secret secret = secrets.get(credential[0]);
        if (secret == null) {
            return Optional.of("unknown or expired access key " + credential[0]);
        }
        if (!secret.sessionToken().equals(header(request, "x-amz-security-token"))) {
            return Optional.of("session token missing or wrong");
        }
        List<String> signedHeaders = List.of(parts.get("SignedHeaders").split(";", -1));
        for (String name : request.headers().keySet()) {
            if ((name.equals("host") || name.startsWith("x-amz-")) && !signedHeaders.contains(name)) {
                return Optional.of("header " + name + " must be signed");
            }
        }
        String bodyHash = sha256(request.body());
        String claimedHash = header(request, "x-amz-content-sha256");
        if (!claimedHash.isEmpty() && !claimedHash.equals(bodyHash)) {
            return Optional.of("the body is not the one that was signed");
        }
        String signature = signature(secret, request, signedHeaders, bodyHash, dateTime, scope);
        return signature.equals(parts.get("Signature"))
                ? Optional.empty()
                : Optional.of("signature is " + parts.get("Signature") + " and should be " + signature);
    }

    private String signature(
            Secret secret,
            Request request,
            List<String> signedHeaders,
            String bodyHash,
            String dateTime,
            String scope) {
        String canonicalHeaders = signedHeaders.stream()
                .map(name -> name + ":"
                        + request.headers().getOrDefault(name, List.of()).stream()
                                .map(value -> value.strip().replaceAll(" +", " "))
                                .collect(Collectors.joining(","))
                        + "\n")
                .collect(Collectors.joining());
        String canonicalRequest = String.join(
                "\n",
                request.method(),
                canonicalPath(request.rawPath()),
                canonicalQuery(request.rawQuery()),
                canonicalHeaders,
                String.join(";", signedHeaders),
                bodyHash);
        String toSign = String.join(
                "\n", ALGORITHM, dateTime, scope, sha256(canonicalRequest.getBytes(StandardCharsets.UTF_8)));
        byte[] key = ("AWS4" + secret.key()).getBytes(StandardCharsets.UTF_8);
        for (String part : scope.split("/", -1)) {
            key = hmac(key, part);
        }
        return HexFormat.of().formatHex(hmac(key, toSign));
    }

    /** Every service but S3 encodes what is on the request line once more. */
    private static String canonicalPath(String rawPath) {
        return rawPath.isEmpty()
                ? "/"
                : Arrays.stream(rawPath.split("/", -1))
                        .map(SigV4Verifier::encode)
                        .collect(Collectors.joining("/"));
    }

    private static String canonicalQuery(String rawQuery) {
        if (rawQuery == null || rawQuery.isEmpty()) {
            return "";
        }
        Function<String, String> recode =
                text -> encode(URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8));
        return Stream.of(rawQuery.split("&", -1))
                .map(parameter -> parameter.split("=", 2))
                .map(pair -> recode.apply(pair[0]) + "=" + (pair.length == 1 ? "" : recode.apply(pair[1])))
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    private static String header(Request request, String name) {
        return String.join(",", request.headers().getOrDefault(name, List.of()));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
