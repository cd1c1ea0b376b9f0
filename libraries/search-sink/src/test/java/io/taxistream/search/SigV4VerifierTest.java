package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.search.SigV4Verifier.Request;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The verifier must itself be right before it may judge: these are signatures that AWS has published. */
class SigV4VerifierTest {

    private static final String ACCESS_KEY = "AKIDEXAMPLE";
    private static final String SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    /** Signature Version 4 test suite, cases of the name in the first column. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            emptyValue = "",
            value = {
                "get-vanilla | GET | / | '' | '' | '' | 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
                "get-vanilla-query-order-key-case | GET | / | Param2=value2&Param1=value1 | '' | ''"
                        + " | b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
                "get-vanilla-empty-query-key | GET | / | Param1=value1 | '' | ''"
                        + " | a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
                "get-utf8 | GET | /\u1234 | '' | '' | ''"
                        + " | 8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
                "get-header-value-trim | GET | / | '' | 'my-header1: value1;my-header2: \"a   b   c\"' | ''"
                        + " | acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
                "post-vanilla | POST | / | '' | '' | ''"
                        + " | 5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
                "post-x-www-form-urlencoded | POST | / | '' | content-type:application/x-www-form-urlencoded"
                        + " | Param1=value1 | ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            })
    void acceptsTheSignaturesOfThePublishedTestSuite(
            String name, String method, String path, String query, String headers, String body, String signature) {
        var verifier = new SigV4Verifier("us-east-1", "service");
        verifier.accept(ACCESS_KEY, SECRET_KEY, "");
        Map<String, List<String>> received = headers("example.amazonaws.com", headers);
        authorize(received, "us-east-1/service", signature);

        assertThat(verifier.refusal(new Request(method, path, query, received, body.getBytes(StandardCharsets.UTF_8))))
                .isEmpty();
    }

    /** The example of the AWS General Reference, "Signature Version 4 signing process". */
    @Test
    void acceptsTheSignatureOfTheGeneralReference() {
        var verifier = new SigV4Verifier("us-east-1", "iam");
        verifier.accept(ACCESS_KEY, SECRET_KEY, "");
        Map<String, List<String>> headers =
                headers("iam.amazonaws.com", "content-type:application/x-www-form-urlencoded; charset=utf-8");
        authorize(headers, "us-east-1/iam", "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");

        assertThat(verifier.refusal(
                        new Request("GET", "/", "Action=ListUsers&Version=2010-05-08", headers, new byte[0])))
                .isEmpty();
    }

    @Test
    void rejectsABodyOtherThanTheSignedOne() {
        var verifier = new SigV4Verifier("us-east-1", "service");
        verifier.accept(ACCESS_KEY, SECRET_KEY, "");
        Map<String, List<String>> headers = headers("example.amazonaws.com", "");
        authorize(headers, "us-east-1/service", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");

        assertThat(verifier.refusal(new Request("POST", "/", null, headers, new byte[] {1})))
                .hasValueSatisfying(reason -> assertThat(reason).startsWith("signature is"));
    }

    private static Map<String, List<String>> headers(String host, String others) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        headers.put("host", List.of(host));
        headers.put("x-amz-date", List.of("20150830T123600Z"));
        Arrays.stream(others.split(";(?! )", -1))
                .filter(line -> !line.isEmpty())
                .forEach(line -> {
                    String[] pair = line.split(":", 2);
                    headers.put(pair[0], List.of(pair[1]));
                });
        return headers;
    }

    private static void authorize(Map<String, List<String>> headers, String scope, String signature) {
        String signed = String.join(";", new TreeSet<>(headers.keySet()));
        headers.put(
                "authorization",
                List.of("AWS4-HMAC-SHA256 Credential=" + ACCESS_KEY + "/20150830/" + scope
                        + "/aws4_request, SignedHeaders=" + signed + ", Signature=" + signature));
    }
}
