package io.taxistream.search;

import io.github.acm19.aws.interceptor.http.AwsRequestSigningApacheV5Interceptor;
import io.taxistream.credentials.FetchedCredentials;
import io.taxistream.credentials.MissingCredentialsException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.client5.http.ssl.TrustAllStrategy;
import org.apache.hc.core5.concurrent.DefaultThreadFactory;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.nio.ssl.TlsStrategy;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.ssl.SSLContexts;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.model.StsException;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * Sends authenticated HTTP requests to a search engine and returns its replies, whatever their status. Retries are left to the
 * caller.
 *
 * <p>TLS certificates are verified, except for endpoints on this machine.
 */
final class SearchClient implements BulkClient {

    private static final Logger LOG = LoggerFactory.getLogger(SearchClient.class);

    /** The addresses of an endpoint change when its domain is resized, so the lifetime of connections is limited. */
    private static final Duration CONNECTION_TIME_TO_LIVE = Duration.ofMinutes(5);

    /** Prefix of the names of the client's threads. */
    static final String THREAD_NAME = "search-client";

    /** Session name of assumed roles, which appears in the logs of their account. */
    private static final String SESSION_NAME = "search-sink";

    /** Time for outstanding requests to complete. */
    private static final TimeValue IDLE_TIMEOUT = TimeValue.ofSeconds(1);

    /** Time for idle threads to end on a busy machine. */
    private static final TimeValue SHUTDOWN_TIMEOUT = TimeValue.ofSeconds(10);

    private final CloseableHttpAsyncClient client;
    private final String endpoint;
    private final Header[] headers;
    private final SdkAutoCloseable credentials;

    /**
     * A reply of the engine.
     *
     * @param status HTTP status
     * @param body empty if there is none
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Reply(int status, byte[] body) {}

    private SearchClient(
            CloseableHttpAsyncClient client, String endpoint, Header[] headers, SdkAutoCloseable credentials) {
        this.client = client;
        this.endpoint = endpoint;
        this.headers = headers;
        this.credentials = credentials;
    }

    /**
     * Creates a client that uses the credentials configured in the options for signing, if needed.
     *
     * @throws SearchSinkException if there are no such credentials, or the role cannot be assumed
     */
    static SearchClient create(SearchSinkOptions options) throws SearchSinkException {
        if (!(options.authentication() instanceof Authentication.SigV4 sigV4)) {
            return create(options, null, () -> {});
        }
        FetchedCredentials credentials = options.credentials().open(sigV4.region(), SESSION_NAME);
        try {
            requireUsable(credentials);
            return create(options, credentials, credentials);
        } catch (SearchSinkException | RuntimeException e) {
            credentials.close();
            throw e;
        }
    }

    /** Fails for permanent problems; a token service that does not respond is tried again with each request. */
    private static void requireUsable(FetchedCredentials credentials) throws SearchSinkException {
        try {
            credentials.resolveCredentials();
        } catch (MissingCredentialsException e) {
            throw new SearchSinkException("requests to the search engine cannot be signed: " + e.getMessage(), e);
        } catch (StsException e) {
            if (e.statusCode() / 100 == 4 && !e.isThrottlingException()) {
                throw new SearchSinkException(
                        "requests to the search engine cannot be signed, because the role cannot be assumed ("
                                + e.awsErrorDetails().errorCode() + ": "
                                + e.awsErrorDetails().errorMessage()
                                + "); check that its trust policy allows the job's own role and, if it requires one,"
                                + " the external ID",
                        e);
            }
            LOG.warn("The role that signs requests cannot be assumed yet: {}", e.getMessage());
        } catch (SdkClientException e) {
            LOG.warn("No credentials to sign requests with yet: {}", e.getMessage());
        }
    }

    /** Creates a client that uses the given credentials for signing, if needed. The caller closes the credentials. */
    static SearchClient create(SearchSinkOptions options, AwsCredentialsProvider credentials)
            throws SearchSinkException {
        return create(options, credentials, () -> {});
    }

    private static SearchClient create(
            SearchSinkOptions options, @Nullable AwsCredentialsProvider credentials, SdkAutoCloseable toClose)
            throws SearchSinkException {
        Header[] headers = headers(options.authentication(), System::getenv);
        CloseableHttpAsyncClient client = configure(options, credentials).build();
        client.start();
        return new SearchClient(client, options.endpoint().toString().replaceFirst("/$", ""), headers, toClose);
    }

    private static HttpAsyncClientBuilder configure(
            SearchSinkOptions options, @Nullable AwsCredentialsProvider credentials) {
        HttpAsyncClientBuilder http = HttpAsyncClients.custom();
        var threads = new DefaultThreadFactory(THREAD_NAME, true);
        if (options.authentication() instanceof Authentication.SigV4 sigV4) {
            // First in the chain, before Content-Length is set: aoss rejects requests with this header among the signed
            // ones.
            http.addExecInterceptorFirst(
                    "sigv4",
                    new AwsRequestSigningApacheV5Interceptor(
                            sigV4.service(), AwsV4HttpSigner.create(), credentials, Region.of(sigV4.region())));
        }
        return http.setConnectionManager(PoolingAsyncClientConnectionManagerBuilder.create()
                        .setTlsStrategy(tls(options.endpoint()))
                        .setDefaultTlsConfig(TlsConfig.custom()
                                .setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1)
                                .build())
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(Timeout.of(options.connectTimeout()))
                                .setTimeToLive(Timeout.of(CONNECTION_TIME_TO_LIVE))
                                .build())
                        .setMaxConnPerRoute(options.maxInFlightRequests())
                        .setMaxConnTotal(options.maxInFlightRequests())
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        // A queued request must not time out before the requests that it waits for.
                        .setConnectionRequestTimeout(
                                Timeout.of(options.requestTimeout().multipliedBy(2)))
                        .setResponseTimeout(Timeout.of(options.requestTimeout()))
                        .build())
                // Each of the job's parallel writers has its own client.
                .setIOReactorConfig(IOReactorConfig.custom().setIoThreadCount(1).build())
                .setThreadFactory(action -> {
                    Thread thread = threads.newThread(action);
                    // When a task manager is shut down inside a process, the job's class loader is closed while tasks
                    // are still running.
                    thread.setUncaughtExceptionHandler(
                            (ended, e) -> LOG.error("{} ended; its requests will get no response", ended.getName(), e));
                    return thread;
                })
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching();
    }

    private static TlsStrategy tls(URI endpoint) {
        var tls = ClientTlsStrategyBuilder.create();
        if (Loopback.isHostOf(endpoint)) {
            try {
                tls.setSslContext(SSLContexts.custom()
                        .loadTrustMaterial(TrustAllStrategy.INSTANCE)
                        .build());
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this Java runtime does not support TLS", e);
            }
            tls.setHostVerificationPolicy(HostnameVerificationPolicy.CLIENT);
            tls.setHostnameVerifier(NoopHostnameVerifier.INSTANCE);
        } else {
            tls.useSystemProperties();
        }
        return tls.buildAsync();
    }

    /**
     * Returns the headers sent with each request.
     *
     * @param environment returns the value of an environment variable, null if it is not set
     */
    static Header[] headers(Authentication authentication, Function<String, @Nullable String> environment)
            throws SearchSinkException {
        String userAndPassword;
        if (authentication instanceof Authentication.BasicFromEnvironment) {
            userAndPassword = required(Authentication.USERNAME_VARIABLE, environment)
                    + ":"
                    + required(Authentication.PASSWORD_VARIABLE, environment);
        } else if (authentication instanceof Authentication.BasicFromFile file) {
            userAndPassword = firstLine(Path.of(file.path()));
        } else {
            return new Header[0];
        }
        String encoded = Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8));
        return new Header[] {new BasicHeader(HttpHeaders.AUTHORIZATION, "Basic " + encoded, true)};
    }

    private static String required(String variable, Function<String, @Nullable String> environment)
            throws SearchSinkException {
        String value = environment.apply(variable);
        if (value == null || value.isEmpty()) {
            throw new SearchSinkException("environment variable " + variable + " is not set on the task manager;"
                    + " basic authentication requires " + Authentication.USERNAME_VARIABLE + " and "
                    + Authentication.PASSWORD_VARIABLE);
        }
        return value;
    }

    private static String firstLine(Path file) throws SearchSinkException {
        String line;
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            line = reader.readLine();
        } catch (NoSuchFileException e) {
            throw new SearchSinkException("credentials file " + file + " does not exist on the task manager", e);
        } catch (IOException e) {
            throw new SearchSinkException("credentials file " + file + " cannot be read: " + e, e);
        }
        if (line == null || line.indexOf(':') < 1) {
            throw new SearchSinkException("credentials file " + file + " must start with the line user:password");
        }
        return line;
    }

    @Override
    public void bulk(byte[] body, boolean compressed, BiConsumer<@Nullable Reply, @Nullable Exception> callback) {
        SimpleRequestBuilder request =
                SimpleRequestBuilder.post(endpoint + "/_bulk").addParameter("filter_path", BulkResponse.FILTER_PATH);
        if (compressed) {
            request.setHeader(HttpHeaders.CONTENT_ENCODING, "gzip");
        }
        send(request, body, callback);
    }

    /**
     * Sends a JSON document and waits for the reply.
     *
     * @param path path, including the query if any
     * @throws IOException if there is no reply
     */
    Reply put(String path, String json) throws IOException {
        var result = new CompletableFuture<Reply>();
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        send(SimpleRequestBuilder.put(endpoint + path), body, (reply, failure) -> {
            if (failure == null) {
                result.complete(reply);
            } else {
                result.completeExceptionally(failure);
            }
        });
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for PUT " + path);
        }
    }

    private void send(
            SimpleRequestBuilder builder, byte[] body, BiConsumer<@Nullable Reply, @Nullable Exception> callback) {
        for (Header header : headers) {
            builder.addHeader(header);
        }
        SimpleHttpRequest request =
                builder.setBody(body, ContentType.APPLICATION_JSON).build();
        FutureCallback<SimpleHttpResponse> responseCallback = new FutureCallback<>() {
            @Override
            public void completed(SimpleHttpResponse response) {
                byte[] answer = response.getBodyBytes();
                callback.accept(new Reply(response.getCode(), answer == null ? new byte[0] : answer), null);
            }

            @Override
            public void failed(Exception failure) {
                callback.accept(null, failure);
            }

            @Override
            public void cancelled() {
                callback.accept(null, new IOException("the request was cancelled"));
            }
        };
        try {
            var unused = client.execute(request, responseCallback);
        } catch (SdkException e) {
            // requests are signed in this thread; the credentials are temporarily unavailable
            responseCallback.failed(e);
        }
    }

    /**
     * Stops the threads of the client. Requests in flight fail unless they complete immediately.
     *
     * <p>A cancelled, and therefore interrupted, task waits for the threads too: they still need classes of the job, whose
     * class loader is closed after the task.
     */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        try (credentials) {
            // Otherwise idle threads would log an error with a stack trace whenever a job ends.
            client.initiateShutdown();
            interrupted |= awaitShutdown(IDLE_TIMEOUT);
            client.close(CloseMode.IMMEDIATE);
            interrupted |= awaitShutdown(SHUTDOWN_TIMEOUT);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private boolean awaitShutdown(TimeValue timeout) {
        try {
            client.awaitShutdown(timeout);
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }
}
