package io.taxistream.local.guard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPathTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/jobs/1/yarn-cancel",
                "/jobs/1/yarn-cancel/",
                "/jobs/1/yarn-cancel?a=b%2F",
                "/jobs//1/yarn-cancel",
                "/jobs/1/yarn%2Dcancel",
                "/jobs/1/%79arn%2dcance%6C",
            })
    void decodesOnce(String target) {
        assertThat(RequestPath.segments(target))
                .hasValueSatisfying(segments -> assertThat(segments).containsExactly("jobs", "1", "yarn-cancel"));
    }

    @Test
    void keepsOtherCharacters() {
        assertThat(RequestPath.segments("/%C3%A9/127.0.0.1:1-a%3A%20+"))
                .hasValueSatisfying(segments -> assertThat(segments).containsExactly("é", "127.0.0.1:1-a: +"));
        assertThat(RequestPath.segments("/"))
                .hasValueSatisfying(segments -> assertThat(segments).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "jobs",
                "http://127.0.0.1/jobs",
                "/a%2Fb",
                "/a%2fb",
                "/a%5Cb",
                "/a\\b",
                "/yarn%252Dcancel",
                "/a%25",
                "/a%",
                "/a%2",
                "/a%zz",
                "/a%\uff12\uff12",
                "/a%3Fb",
                "/a%23b",
                "/a#b",
                "/a?b#c",
                "/a;b",
                "/a%3Bb",
                "/./a",
                "/a/..",
                "/a/%2e%2e/b",
                "/a%00",
                "/a%0A",
                "/a%7F",
                "/a%FF",
                "/a%C0%AF",
            })
    void refusesAmbiguousPaths(String target) {
        assertThat(RequestPath.segments(target)).isEmpty();
    }
}
