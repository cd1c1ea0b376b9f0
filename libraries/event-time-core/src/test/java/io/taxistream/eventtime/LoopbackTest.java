package io.taxistream.eventtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoopbackTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://localhost:9200",
                "https://LocalHost",
                "http://127.0.0.1:9200/path",
                "http://127.255.255.255",
                "http://127.1.2.3",
                "http://[::1]:9200",
                "http://[0:0:0:0:0:0:0:1]",
            })
    void acceptsLoopbackAddresses(String uri) {
        assertThat(Loopback.isHostOf(URI.create(uri))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.evil.example",
                "http://127.0.0.1.evil.example",
                "http://localhost.evil.example",
                "http://notlocalhost",
                "http://127.0.0.256",
                "http://127.0.0",
                "http://128.0.0.1",
                "http://10.127.0.0",
                "http://0.0.0.0",
                "http://192.0.2.1",
                "http://[2001:db8::1]",
                "http://[::ffff:127.0.0.1]",
                "http://[::ffff:192.0.2.1]",
                "http:///path",
                "path",
            })
    void rejectsOtherAddresses(String uri) {
        assertThat(Loopback.isHostOf(URI.create(uri))).isFalse();
    }
}
