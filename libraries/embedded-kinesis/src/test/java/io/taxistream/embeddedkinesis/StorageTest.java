package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** Records on disk: where they are, how much there may be of them, what is trimmed, and what happens when it fails. */
class StorageTest {

    private static final String STREAM = "trips";
    private static final String SHARD = "shardId-000000000000";
    private static final int LIMIT = 1_000_000;

    @TempDir
    private Path folder;

    private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    private final byte[] data = new byte[10_000];
    private Optional<Error> nextError = Optional.empty();
    private EmbeddedKinesis kinesis;
    private KinesisClient client;

    @BeforeEach
    void start() throws IOException {
        new Random(7).nextBytes(data);
        kinesis = EmbeddedKinesis.builder()
                .enforceLimits(false)
                .storageFolder(folder)
                .maxStorageBytes(LIMIT)
                .onFailure(failures::add)
                .faults(operation -> {
                    nextError.ifPresent(error -> {
                        throw error;
                    });
                    return Optional.empty();
                })
                .start();
        kinesis.createStream(STREAM, 1);
        client = KinesisClients.withoutRetries(kinesis.httpEndpoint());
    }

    @AfterEach
    void stop() {
        client.close();
        kinesis.close();
    }

    @Test
    void killedProcessLeavesNoSegmentFiles() throws IOException {
        put(50);

        assertThat(kinesis.statistics(STREAM).diskBytes()).isGreaterThan(400_000);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void unwritableFolderFailsAtStartAndIsNamed() {
        Path missing = folder.resolve("missing");

        assertThatThrownBy(
                        () -> EmbeddedKinesis.builder().storageFolder(missing).start())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no records can be stored in the folder " + missing);
    }

    @Test
    void fullStorageThrottlesWritesUntilRecordsAreTrimmed() {
        List<String> stored = putUntilFull();

        assertThatThrownBy(() -> put(1))
                .isInstanceOf(ProvisionedThroughputExceededException.class)
                .hasMessageContaining("of at most " + LIMIT)
                .hasMessageContaining("maxStorageBytes");
        PutRecordsResponse batch =
                client.putRecords(request -> request.streamName(STREAM).records(entry("a"), entry("b")));
        assertThat(batch.failedRecordCount()).isEqualTo(2);
        assertThat(batch.records().get(0).errorCode()).isEqualTo("ProvisionedThroughputExceededException");
        assertThat(kinesis.statistics(STREAM).rejectedWrites()).isEqualTo(4);
        assertThat(failures).isEmpty();
        assertThat(KinesisClients.readAll(client, STREAM, SHARD))
                .extracting(Record::sequenceNumber)
                .isEqualTo(stored);

        String firstKept = stored.get(stored.size() / 2);
        kinesis.trim(STREAM, SHARD, firstKept);
        put(10);

        assertThat(KinesisClients.readAll(client, STREAM, SHARD))
                .hasSize(stored.size() - stored.size() / 2 + 10)
                .first()
                .satisfies(record -> assertThat(record.sequenceNumber()).isEqualTo(firstKept));
    }

    @Test
    void deletingAStreamFreesItsStorage() {
        List<String> stored = putUntilFull();
        client.deleteStream(request -> request.streamName(STREAM));
        String other = "other";
        await().until(() -> client.listStreams().streamNames().isEmpty());
        kinesis.createStream(other, 1);

        for (int i = 0; i < stored.size(); i++) {
            kinesis.putRecord(other, "k", BigInteger.ZERO, data);
        }

        assertThat(kinesis.records(other, SHARD)).hasSameSizeAs(stored);
    }

    @Test
    void countsReadsOfTrimmedRecords() {
        List<String> stored = put(20);
        String after = client.getShardIterator(request -> request.streamName(STREAM)
                        .shardId(SHARD)
                        .shardIteratorType(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                        .startingSequenceNumber(stored.get(9)))
                .shardIterator();

        kinesis.trim(STREAM, SHARD, stored.get(10));
        client.getRecords(request -> request.shardIterator(after));
        KinesisClients.readAll(client, STREAM, SHARD);
        assertThat(kinesis.statistics(STREAM).recordsTrimmed()).isEqualTo(10);
        assertThat(kinesis.statistics(STREAM).readsOfTrimmedRecords()).isZero();

        kinesis.trim(STREAM, SHARD, stored.get(11));
        GetRecordsResponse late = client.getRecords(request -> request.shardIterator(after));

        assertThat(late.records()).hasSize(9);
        assertThat(kinesis.statistics(STREAM).readsOfTrimmedRecords()).isEqualTo(1);
    }

    @Test
    void readRecordsCanBeTrimmed() {
        put(20);
        String iterator = KinesisClients.iterator(client, STREAM, SHARD, ShardIteratorType.TRIM_HORIZON);
        String next = client.getRecords(
                        request -> request.shardIterator(iterator).limit(15))
                .nextShardIterator();

        kinesis.trim(STREAM, SHARD, kinesis.readPosition(STREAM, SHARD));

        assertThat(kinesis.records(STREAM, SHARD)).hasSize(5);
        assertThat(kinesis.recordsBehind(STREAM, SHARD)).isEqualTo(5);
        assertThat(client.getRecords(request -> request.shardIterator(next)).records())
                .hasSize(5);
        assertThat(kinesis.recordsBehind(STREAM, SHARD)).isZero();
        assertThat(kinesis.statistics(STREAM).readsOfTrimmedRecords()).isZero();
    }

    @Test
    void trimRejectsASequenceNumberOfAnotherShard() {
        assertThatThrownBy(() -> kinesis.trim(STREAM, SHARD, "12"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sequence number 12 is not one of shard " + SHARD);
    }

    @Test
    void readsOnlyTheLastRecords() {
        List<String> stored = put(30);

        assertThat(kinesis.lastRecords(STREAM, SHARD, 12))
                .extracting(StoredRecord::sequenceNumber)
                .isEqualTo(stored.subList(18, 30));
        assertThat(kinesis.lastRecords(STREAM, SHARD, 100))
                .extracting(StoredRecord::sequenceNumber)
                .isEqualTo(stored);
    }

    @Test
    void failingDiskIsReportedAndFailsTheWrites() throws IOException {
        List<String> stored = put(5);
        Files.delete(folder);
        int refused = 0;
        for (int i = 0; i < 30; i++) {
            try {
                stored.addAll(put(1));
            } catch (KinesisException e) {
                assertThat(e.statusCode()).isEqualTo(500);
                assertThat(e.awsErrorDetails().errorCode()).isEqualTo("InternalFailure");
                refused++;
            }
        }

        assertThat(refused).isPositive();
        assertThat(failures)
                .hasSize(refused)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(UncheckedIOException.class)
                        .hasMessageContaining("cannot store records in " + folder)
                        .hasMessageContaining("free space there"));
        assertThat(kinesis.statistics(STREAM).rejectedWrites()).isEqualTo(refused);

        Files.createDirectory(folder);
        stored.addAll(put(10));

        assertThat(KinesisClients.readAll(client, STREAM, SHARD))
                .allSatisfy(record -> assertThat(record.data().asByteArray()).isEqualTo(data))
                .extracting(Record::sequenceNumber)
                .isEqualTo(stored);
    }

    @Test
    void interruptedThreadDoesNotCloseTheFiles() {
        put(30);
        Thread.currentThread().interrupt();

        List<StoredRecord> records = kinesis.records(STREAM, SHARD);
        for (int i = 0; i < 20; i++) {
            kinesis.putRecord(STREAM, "k", BigInteger.ZERO, data);
        }

        assertThat(Thread.interrupted()).isTrue();
        assertThat(records).hasSize(30);
        assertThat(KinesisClients.readAll(client, STREAM, SHARD)).hasSize(50);
        assertThat(failures).isEmpty();
    }

    @Test
    void reportsAnErrorInACall() {
        OutOfMemoryError error = new OutOfMemoryError("for this test");
        nextError = Optional.of(error);

        assertThatThrownBy(() -> put(1)).isNotNull();

        assertThat(failures).contains(error);
    }

    @Test
    void reportsAnErrorThatEndsAServerThread() {
        Error error = new OutOfMemoryError("for this test");
        List<Thread> threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getThreadGroup().getName().equals("embedded-kinesis"))
                .toList();

        threads.forEach(thread -> thread.getUncaughtExceptionHandler().uncaughtException(thread, error));

        // a test that ran before may have left threads that are about to end
        assertThat(failures).isNotEmpty().containsOnly(error);
    }

    /** Puts records and returns their sequence numbers. */
    private List<String> put(int count) {
        List<String> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            PutRecordResponse response = client.putRecord(
                    request -> request.streamName(STREAM).partitionKey("k").data(SdkBytes.fromByteArray(data)));
            numbers.add(response.sequenceNumber());
        }
        return numbers;
    }

    private List<String> putUntilFull() {
        List<String> numbers = new ArrayList<>();
        while (true) {
            try {
                numbers.addAll(put(1));
            } catch (ProvisionedThroughputExceededException e) {
                return numbers;
            }
        }
    }

    private static PutRecordsRequestEntry entry(String text) {
        return PutRecordsRequestEntry.builder()
                .partitionKey("k")
                .data(SdkBytes.fromString(text.repeat(10_000), StandardCharsets.UTF_8))
                .build();
    }
}
