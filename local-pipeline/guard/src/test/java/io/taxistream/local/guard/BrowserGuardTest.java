package io.taxistream.local.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrowserGuardTest {

    private static final String HOST = "127.0.0.1:9200";

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"})
    void nonBrowserClientsAreUnrestricted(String method) {
        assertThat(refusal(method, Map.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.0.1:9200", "localhost:80", "LocalHost", "[::1]", "[::1]:9200"})
    void loopbackHostsAreServed(String host) {
        assertThat(BrowserGuard.refusal("GET", "/", Map.of("host", host)::get)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:9200",
                "127.0.0.1.evil.example",
                "localhost.evil.example",
                "127.0.0.1:9200@evil.example",
                "127.0.0.1:",
                "127.0.0.1 evil.example",
                "127.0.0.1\tx",
                "0.0.0.0:9200",
                "192.0.2.1",
                "[::]",
                "",
            })
    void rejectsOtherHosts(String host) {
        assertThat(BrowserGuard.refusal("GET", "/", Map.of("host", host)::get)).isNotEmpty();
    }

    @Test
    void rejectsARequestWithoutAHost() {
        assertThat(BrowserGuard.refusal("GET", "/", name -> null)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://evil.example",
                "https://127.0.0.1:9200",
                "http://127.0.0.1:8080",
                "http://localhost:9200",
                "http://127.0.0.1:9200.evil.example",
                "null",
                "",
            })
    void rejectsOtherOriginsEvenForReading(String origin) {
        assertThat(refusal("GET", Map.of("origin", origin))).isNotEmpty();
        assertThat(refusal("POST", Map.of("origin", origin))).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, same-origin, cors, empty",
        "GET, same-origin, no-cors, script",
        "HEAD, same-origin, cors, empty",
        "GET, none, navigate, document",
        "GET, cross-site, navigate, document",
        "GET, same-site, navigate, document",
    })
    void browsersMayReadOwnPagesAndFollowLinks(String method, String site, String mode, String dest) {
        assertThat(refusal(method, Map.of("sec-fetch-site", site, "sec-fetch-mode", mode, "sec-fetch-dest", dest)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, cross-site, no-cors, image",
        "GET, cross-site, no-cors, script",
        "GET, cross-site, navigate, iframe",
        "GET, same-site, no-cors, image",
        "GET, same-site, cors, empty",
        "POST, cross-site, navigate, document",
        "POST, none, navigate, document",
        "PATCH, same-origin, cors, empty",
        "DELETE, same-origin, cors, empty",
    })
    void browsersMayNotWriteOrEmbedOrFetchFromOtherSites(String method, String site, String mode, String dest) {
        assertThat(refusal(method, Map.of("sec-fetch-site", site, "sec-fetch-mode", mode, "sec-fetch-dest", dest)))
                .isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "OPTIONS, application/json",
        "POST, application/x-www-form-urlencoded",
        "POST, text/plain",
        "POST, multipart/form-data",
        "post, text/plain",
        "TRACE, text/plain",
    })
    void rejectsWhatOtherPagesSendWithoutPreflight(String method, String contentType) {
        assertThat(refusal(method, Map.of("origin", "http://evil.example", "content-type", contentType)))
                .hasValueSatisfying(line -> assertThat(line).doesNotContain("\n"));
        assertThat(refusal(method, Map.of("sec-fetch-site", "cross-site", "content-type", contentType)))
                .isNotEmpty();
        assertThat(refusal(method, Map.of("origin", "http://" + HOST, "content-type", contentType)))
                .isNotEmpty();
    }

    @Test
    void ownOriginMayReadButNotWrite() {
        Map<String, String> own = Map.of("origin", "http://" + HOST);

        assertThat(refusal("GET", own)).isEmpty();
        assertThat(refusal("POST", own)).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/, true",
        "/?a=b, true",
        "/jobs, false",
        "//, false",
        "/%2e, false",
        "*, false",
        "http://127.0.0.1:9200/, false",
    })
    void otherSitesMayLinkToTheStartPageOnly(String target, boolean allowed) {
        for (String site : List.of("cross-site", "same-site")) {
            Map<String, String> link = Map.of(
                    "host", HOST, "sec-fetch-site", site, "sec-fetch-mode", "navigate", "sec-fetch-dest", "document");

            assertThat(BrowserGuard.refusal("GET", target, link::get).isEmpty()).isEqualTo(allowed);
            assertThat(BrowserGuard.foreignRefusal(target, link::get).isEmpty()).isEqualTo(allowed);
        }
        Map<String, String> addressBar = Map.of("host", HOST, "sec-fetch-site", "none");
        assertThat(BrowserGuard.refusal("GET", target, addressBar::get)).isEmpty();
    }

    @Test
    void pagesMayWriteToTheirOwnServerIfItAllowsThat() {
        Map<String, String> own = Map.of("host", HOST, "origin", "http://" + HOST, "sec-fetch-site", "same-origin");
        Map<String, String> other = Map.of("host", HOST, "origin", "http://evil.example");

        assertThat(BrowserGuard.foreignRefusal("/api", own::get)).isEmpty();
        assertThat(BrowserGuard.foreignRefusal("/api", other::get)).isNotEmpty();
    }

    @Test
    void serversForProgramsRefuseBrowsersAndOtherHosts() {
        assertThat(BrowserGuard.browserRefusal(Map.of("host", HOST)::get)).isEmpty();
        assertThat(BrowserGuard.browserRefusal(Map.of("host", "evil.example")::get))
                .isNotEmpty();
        assertThat(BrowserGuard.browserRefusal(Map.of("host", HOST, "origin", "http://" + HOST)::get))
                .isNotEmpty();
        assertThat(BrowserGuard.browserRefusal(Map.of("host", HOST, "sec-fetch-site", "none")::get))
                .isNotEmpty();
    }

    private static Optional<String> refusal(String method, Map<String, String> headers) {
        Map<String, String> all = new HashMap<>(headers);
        all.put("host", HOST);
        return BrowserGuard.refusal(method, "/", all::get);
    }
}
