package io.taxistream.processor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider;

/** In a pod with a role for its service account, the job exchanges the pod's token for credentials. */
@Isolated("sets system properties")
class WebIdentityTest {

    private static final String ANSWER = """
            <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <AssumeRoleWithWebIdentityResult>
                <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/job/x</Arn><AssumedRoleId>A:x</AssumedRoleId></AssumedRoleUser>
                <Credentials>
                  <AccessKeyId>key-of-the-role</AccessKeyId>
                  <SecretAccessKey>secret</SecretAccessKey>
                  <SessionToken>session</SessionToken>
                  <Expiration>%s</Expiration>
                </Credentials>
              </AssumeRoleWithWebIdentityResult>
            </AssumeRoleWithWebIdentityResponse>
            """;

    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private Map<String, String> properties;
    private HttpServer sts;

    @TempDir
    private Path folder;

    @BeforeEach
    void startSts() throws IOException {
        sts = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        sts.createContext("/", exchange -> {
            requests.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] answer = ANSWER.formatted(Instant.now().plusSeconds(3600)).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/xml");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        sts.start();
        Path token = Files.writeString(folder.resolve("token"), "token-of-the-pod");
        properties = Map.of(
                "aws.roleArn",
                "arn:aws:iam::123456789012:role/job",
                "aws.webIdentityTokenFile",
                token.toString(),
                "aws.region",
                "us-east-1",
                "aws.endpointUrlSts",
                "http://127.0.0.1:" + sts.getAddress().getPort());
        properties.forEach(System::setProperty);
    }

    @AfterEach
    void stopSts() {
        properties.keySet().forEach(System::clearProperty);
        sts.stop(0);
    }

    @Test
    void theTokenOfThePodBecomesCredentialsOfItsRole() {
        AwsCredentials credentials;
        try (WebIdentityTokenFileCredentialsProvider provider = WebIdentityTokenFileCredentialsProvider.create()) {
            credentials = provider.resolveCredentials();
        }

        assertThat(credentials).isInstanceOf(AwsSessionCredentials.class);
        assertThat(credentials.accessKeyId()).isEqualTo("key-of-the-role");
        assertThat(requests).singleElement().asString().contains("WebIdentityToken=token-of-the-pod");
    }
}
