package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against an engine with a certificate that nobody vouches for. */
class SearchClientTlsTest {

    private static HttpsServer server;

    @BeforeAll
    static void listen(@TempDir Path folder) throws Exception {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(selfSigned(folder.resolve("keys"))));
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterAll
    static void close() {
        server.stop(0);
    }

    @Test
    void trustsAnyCertificateOnLoopback() throws Exception {
        try (SearchClient client = client("127.0.0.1")) {
            assertThat(client.put("/_index_template/counts", "{}").status()).isEqualTo(200);
        }
    }

    @Test
    void verifiesCertificatesOfOtherHosts() throws Exception {
        // The same address in a form that the client does not take for this machine.
        try (SearchClient client = client("[::ffff:127.0.0.1]")) {
            assertThatThrownBy(() -> client.put("/_index_template/counts", "{}"))
                    .hasRootCauseMessage("unable to find valid certification path to requested target")
                    .hasCauseInstanceOf(SSLException.class);
        }
    }

    private static SearchClient client(String host) throws SearchSinkException {
        URI endpoint = URI.create("https://" + host + ":" + server.getAddress().getPort());
        return SearchClient.create(SearchSink.builder().endpoint(endpoint).options());
    }

    private static SSLContext selfSigned(Path file) throws Exception {
        String password = "password";
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        password,
                        "-alias",
                        "engine",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=engine")
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(output).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, password.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, password.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
