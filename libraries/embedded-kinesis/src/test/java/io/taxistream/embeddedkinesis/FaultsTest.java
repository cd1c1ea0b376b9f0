package io.taxistream.embeddedkinesis;

import static io.taxistream.embeddedkinesis.KinesisOperation.GET_RECORDS;
import static io.taxistream.embeddedkinesis.KinesisOperation.LIST_SHARDS;
import static io.taxistream.embeddedkinesis.KinesisOperation.PUT_RECORD;
import static io.taxistream.embeddedkinesis.KinesisOperation.PUT_RECORDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;

class FaultsTest {

    private static final String STREAM = "trips";
    private static final Duration CLIENT_TIMEOUT = Duration.ofMillis(300);

    private final MutableClock clock = new MutableClock();
    private final FaultRules faults = new FaultRules(clock, new Random(7));
    private EmbeddedKinesis kinesis;
    private KinesisClient client;

    @BeforeEach
    void start() throws IOException {
        kinesis = EmbeddedKinesis.builder()
                .enforceLimits(false)
                .clock(clock)
                .random(new Random(7))
                .faults(faults)
                .start();
        kinesis.createStream(STREAM, 1);
        client = KinesisClients.withoutRetries(kinesis.httpEndpoint());
    }

    @AfterEach
    void stop() {
        client.close();
        kinesis.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 503})
    void injectsServerErrors(int status) {
        faults.add(FaultRule.of(new Fault.ServerError(status, false))
                .on(PUT_RECORD)
                .times(1));

        assertThatThrownBy(this::put)
                .isInstanceOfSatisfying(
                        AwsServiceException.class,
                        e -> assertThat(e.statusCode()).isEqualTo(status));
        assertThat(stored()).isZero();
        put();
        assertThat(stored()).isEqualTo(1);
    }

    @Test
    void injectsExpiredCredentials() {
        faults.add(FaultRule.of(new Fault.ExpiredCredentials()).on(PUT_RECORD).times(1));

        assertThatThrownBy(this::put)
                .isInstanceOfSatisfying(
                        AwsServiceException.class,
                        e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("ExpiredTokenException"));
        assertThat(stored()).isZero();
    }

    static Stream<Fault> faultsThatLoseTheAnswerOnly() {
        return Stream.of(new Fault.ServerError(500, true), new Fault.NoAnswer(true), new Fault.ConnectionClosed(true));
    }

    @ParameterizedTest
    @MethodSource("faultsThatLoseTheAnswerOnly")
    void lostResponseLeadsToADuplicateOnRetry(Fault fault) {
        faults.add(FaultRule.of(fault).on(PUT_RECORD).times(1));

        try (KinesisClient retrying = KinesisClients.client(kinesis.httpEndpoint(), 2)) {
            retrying.putRecord(request -> request.streamName(STREAM)
                    .partitionKey("k")
                    .data(SdkBytes.fromUtf8String("x"))
                    .overrideConfiguration(config -> config.apiCallAttemptTimeout(CLIENT_TIMEOUT)));
        }

        assertThat(stored()).isEqualTo(2);
    }

    @Test
    void unansweredCallTimesOut() {
        faults.add(FaultRule.of(new Fault.NoAnswer(false)).on(LIST_SHARDS).times(1));

        assertThatThrownBy(() -> listShards(CLIENT_TIMEOUT)).isInstanceOf(ApiCallAttemptTimeoutException.class);
        // on a busy machine the client may have lost patience before the call arrived
        await().until(() -> faults.injected().containsKey(LIST_SHARDS));
        assertThatCode(() -> listShards(Duration.ofSeconds(10))).doesNotThrowAnyException();
    }

    @Test
    void closesTheConnectionInsteadOfAnswering() {
        faults.add(
                FaultRule.of(new Fault.ConnectionClosed(false)).on(PUT_RECORD).times(1));

        assertThatThrownBy(this::put).isInstanceOf(SdkClientException.class);
        assertThat(stored()).isZero();
    }

    @Test
    void delaysResponses() {
        Duration delay = Duration.ofMillis(200);
        faults.add(FaultRule.of(new Fault.Delay(delay)).on(LIST_SHARDS).times(1));

        long start = System.nanoTime();
        listShards(Duration.ofSeconds(10));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(delay);
    }

    @Test
    void throttledCallsFailWithTheErrorOfTheirOperation() {
        faults.add(FaultRule.of(new Fault.Throttle(1)));

        assertThatThrownBy(this::put).isInstanceOf(ProvisionedThroughputExceededException.class);
        assertThatThrownBy(() -> client.getRecords(request -> request.shardIterator("any")))
                .isInstanceOf(ProvisionedThroughputExceededException.class);
        assertThatThrownBy(() -> listShards(Duration.ofSeconds(10))).isInstanceOf(LimitExceededException.class);
    }

    @Test
    void throttlesAShareOfTheRecords() {
        faults.add(FaultRule.of(new Fault.Throttle(0.3)).on(PUT_RECORDS));

        PutRecordsResponse response = putMany(500);

        assertThat(response.failedRecordCount()).isBetween(100, 200);
        assertThat(stored()).isEqualTo(500 - response.failedRecordCount());
        assertThat(response.records())
                .filteredOn(record -> record.errorCode() != null)
                .hasSize(response.failedRecordCount())
                .allSatisfy(
                        record -> assertThat(record.errorCode()).isEqualTo("ProvisionedThroughputExceededException"));
        assertThat(kinesis.statistics(STREAM).throttledWrites())
                .isEqualTo(response.failedRecordCount().longValue());
    }

    @Test
    void ruleExpires() {
        faults.add(FaultRule.of(new Fault.ServerError(500, false)).lasting(Duration.ofSeconds(30)));
        clock.advance(Duration.ofMillis(29_999));
        assertThatThrownBy(this::put).isInstanceOf(AwsServiceException.class);

        clock.advance(Duration.ofMillis(1));

        assertThatCode(this::put).doesNotThrowAnyException();
    }

    @Test
    void ruleCanBeRemoved() {
        faults.add(FaultRule.of(new Fault.ServerError(500, false)));
        assertThatThrownBy(this::put).isInstanceOf(AwsServiceException.class);

        faults.clear();

        assertThatCode(this::put).doesNotThrowAnyException();
    }

    @Test
    void faultsAreCountedByOperation() {
        faults.add(FaultRule.of(new Fault.ServerError(500, false))
                .on(PUT_RECORD, GET_RECORDS)
                .times(2));

        assertThatThrownBy(this::put).isInstanceOf(AwsServiceException.class);
        assertThatThrownBy(this::put).isInstanceOf(AwsServiceException.class);
        put();

        assertThat(faults.injected()).containsOnly(Map.entry(PUT_RECORD, 2L));
    }

    @Test
    void sameSeedInjectsTheSameFaults() {
        assertThat(drawn(1))
                .isEqualTo(drawn(1))
                .isNotEqualTo(drawn(2))
                .contains(true)
                .contains(false);
    }

    @Test
    void rejectsInvalidRules() {
        FaultRule rule = FaultRule.of(new Fault.Throttle(1));

        assertThatThrownBy(() -> rule.withProbability(1.1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> rule.times(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> rule.lasting(Duration.ofSeconds(-1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Fault.Throttle(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Fault.ServerError(404, true)).isInstanceOf(IllegalArgumentException.class);
    }

    private List<Boolean> drawn(long seed) {
        FaultRules rules = new FaultRules(clock, new Random(seed));
        rules.add(FaultRule.of(new Fault.Throttle(1)).withProbability(0.5));
        return IntStream.range(0, 100)
                .mapToObj(i -> rules.next(PUT_RECORDS).isPresent())
                .toList();
    }

    private void put() {
        KinesisClients.put(client, STREAM, "k", "x");
    }

    private PutRecordsResponse putMany(int count) {
        PutRecordsRequestEntry record = PutRecordsRequestEntry.builder()
                .partitionKey("k")
                .data(SdkBytes.fromUtf8String("x"))
                .build();
        return client.putRecords(request -> request.streamName(STREAM).records(Collections.nCopies(count, record)));
    }

    private void listShards(Duration timeout) {
        client.listShards(request ->
                request.streamName(STREAM).overrideConfiguration(config -> config.apiCallAttemptTimeout(timeout)));
    }

    private int stored() {
        return kinesis.userRecords(STREAM).size();
    }
}
