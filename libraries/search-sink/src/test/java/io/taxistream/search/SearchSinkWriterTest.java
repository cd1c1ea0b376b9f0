package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.taxistream.search.FakeSearchEngine.Bulk;
import io.taxistream.search.FakeSearchEngine.Document;
import io.taxistream.search.FakeSearchEngine.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.runtime.operators.sink.SinkWriterOperatorFactory;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Time stands still here until a test lets it pass. */
@Timeout(30)
class SearchSinkWriterTest {

    private static final String INDEX = "counts";
    private static final long FLUSH_MILLIS = 100;
    private static final long FIRST_DELAY_MILLIS = 1_000;
    private static final long LONGEST_DELAY_MILLIS = 10_000;

    private final FakeSearchEngine engine = new FakeSearchEngine();
    private OneInputStreamOperatorTestHarness<Integer, CommittableMessage<Void>> harness;

    @AfterEach
    void close() throws Exception {
        if (harness != null) {
            harness.close();
        }
        engine.close();
    }

    @Test
    void storesDocumentsUnderTheirIds() throws Exception {
        open(sink -> sink);

        write(0, 10);
        advanceTime(FLUSH_MILLIS);
        await(() -> engine.stored.size() == 10);

        assertThat(engine.index(INDEX)).containsEntry("7", "{\"number\":7}");
        assertThat(engine.bulks).hasSize(1);
    }

    @Test
    void sendsABulkRequestWhenFull() throws Exception {
        open(sink -> sink.bulkActions(10));

        write(0, 25);
        await(() -> engine.stored.size() == 20);

        advanceTime(FLUSH_MILLIS);
        await(() -> engine.stored.size() == 25);
        assertThat(engine.bulks).extracting(bulk -> bulk.documents().size()).containsExactlyInAnyOrder(10, 10, 5);
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503, 504})
    void retriesAThrottledRequestAfterADelay(int status) throws Exception {
        engine.failNextRequests(FakeSearchEngine.status(status, FakeSearchEngine.THROTTLED));
        open(sink -> sink);

        write(0, 3);
        advanceTime(FLUSH_MILLIS);
        await(() -> engine.bulks.size() == 1 && retryIsPending());
        advanceTime(FIRST_DELAY_MILLIS / 2 - 1);
        assertThat(engine.bulks).hasSize(1);

        advanceUntil(() -> engine.stored.size() == 3);
        assertThat(engine.bulks).hasSize(2);
    }

    @Test
    void retriesOnlyThrottledDocumentsAndKeepsARejectedOneAsADeadLetter() throws Exception {
        engine.failNextRequests(engine.answering(document -> Optional.of(
                document.id().equals("25")
                        ? new Refusal(400, "mapper_parsing_exception", "not a number")
                        : new Refusal(429, "es_rejected_execution_exception", "queue is full"))));
        open(sink -> sink);

        write(0, 51);
        advanceTime(FLUSH_MILLIS);
        await(() -> engine.bulks.size() == 1 && retryIsPending());

        advanceUntil(() -> engine.stored.size() == 51);
        assertThat(engine.index(INDEX + "-dead-letter")).containsOnlyKeys("25");
        assertThat(engine.index(INDEX)).hasSize(50).doesNotContainKey("25");
        assertThat(engine.bulks).extracting(bulk -> bulk.documents().size()).containsExactly(51, 1, 50);
    }

    @Test
    void deadLetterHasSourceAndReason() throws Exception {
        engine.refuse(isNumber(25), 400, "mapper_parsing_exception", "not a number");
        open(sink -> sink);

        write(0, 51);
        advanceTime(FLUSH_MILLIS);
        advanceUntil(() -> engine.stored.size() == 51);

        assertThat(engine.index(INDEX)).hasSize(50).doesNotContainKey("25");
        JsonNode letter =
                new ObjectMapper().readTree(engine.index(INDEX + "-dead-letter").get("25"));
        assertThat(letter.get("index").asText()).isEqualTo(INDEX);
        assertThat(letter.get("id").asText()).isEqualTo("25");
        assertThat(letter.get("status").asInt()).isEqualTo(400);
        assertThat(letter.get("error_type").asText()).isEqualTo("mapper_parsing_exception");
        assertThat(letter.get("reason").asText()).isEqualTo("not a number");
        assertThat(letter.get("source").asText()).isEqualTo("{\"number\":25}");
    }

    @Test
    void bisectsARejectedRequestToFindTheCause() throws Exception {
        String tooLong = "x".repeat(513);
        open(sink -> sink.documents(number ->
                SearchDocument.of(INDEX, number == 5 ? tooLong : "" + number, "{\"number\":" + number + "}")));

        write(0, 20);
        advanceTime(FLUSH_MILLIS);
        advanceUntil(() -> engine.stored.size() == 20);

        assertThat(engine.index(INDEX)).hasSize(19);
        assertThat(engine.index(INDEX + "-dead-letter").values())
                .singleElement()
                .asString()
                .contains("id is too long", "\\\"number\\\":5");
    }

    @Test
    void splitsAnOversizedRequestAndLowersTheLimit() throws Exception {
        engine.maxBodyBytes = 300;
        open(sink -> sink.bulkActions(16));

        write(0, 16);
        await(() -> engine.stored.size() == 16);
        int requestsToLearn = engine.bulks.size();
        write(16, 32);
        advanceUntil(() -> engine.stored.size() == 32);

        assertThat(engine.index(INDEX)).hasSize(32);
        assertThat(engine.bulks.size() - requestsToLearn).isLessThan(requestsToLearn);
    }

    @Test
    void keepsTheBeginningOfAnOversizedDocument() throws Exception {
        engine.maxBodyBytes = 2_000_000;
        String large = "{\"text\":\"" + "x".repeat(3_000_000) + "\"}";
        open(sink -> sink.bulkBytes(1_000_000)
                .documents(number ->
                        SearchDocument.of(INDEX, "" + number, number == 1 ? large : "{\"number\":" + number + "}")));

        write(0, 3);
        advanceTime(FLUSH_MILLIS);
        advanceUntil(() -> engine.stored.size() == 3);

        assertThat(engine.index(INDEX)).containsOnlyKeys("0", "2");
        JsonNode letter =
                new ObjectMapper().readTree(engine.index(INDEX + "-dead-letter").get("1"));
        assertThat(letter.get("status").asInt()).isEqualTo(413);
        assertThat(letter.get("source_bytes").asInt()).isEqualTo(large.length());
        assertThat(letter.get("source").asText()).hasSize(1 << 20).isEqualTo(large.substring(0, 1 << 20));
    }

    @Test
    void doesNotAssignAResultToAnotherDocument() throws Exception {
        engine.failNextRequests(engine.answersInAnotherOrder(), engine.answerWithOneLess(), engine.truncatedJson());
        engine.failNextRequests(
                FakeSearchEngine.status(200, "<html>Bad gateway</html>"), FakeSearchEngine.status(200, ""));
        open(sink -> sink);

        write(0, 4);
        advanceUntil(() -> engine.bulks.size() == 6);

        assertThat(engine.index(INDEX)).hasSize(4);
        assertThat(engine.bulks).allSatisfy(bulk -> assertThat(bulk.documents()).hasSize(4));
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 405})
    void failsTheJobWhenTheRequestIsNotAllowedOrTheEndpointIsWrong(int status) throws Exception {
        engine.failNextRequests(FakeSearchEngine.status(status, "{\"message\":\"no permissions\"}"));
        open(sink -> sink);

        write(0, 1);
        advanceTime(FLUSH_MILLIS);

        assertThatThrownBy(() -> await(() -> false))
                .isInstanceOf(SearchSinkException.class)
                .hasMessageContaining("status " + status + ": no permissions")
                .hasMessageContaining("check");
    }

    @Test
    void failsTheJobWhenTheIndexIsMissingAndMayNotBeCreated() throws Exception {
        engine.refuse(document -> true, 404, "index_not_found_exception", "no such index [counts]");
        open(sink -> sink);

        write(0, 1);
        advanceTime(FLUSH_MILLIS);

        assertThatThrownBy(() -> await(() -> false))
                .isInstanceOf(SearchSinkException.class)
                .hasMessageContaining("create the index");
    }

    @Test
    void failsWhenADeadLetterIsRejected() throws Exception {
        engine.refuse(document -> true, 400, "illegal_argument_exception", "no");
        open(sink -> sink);

        write(0, 1);
        advanceTime(FLUSH_MILLIS);

        assertThatThrownBy(() -> advanceUntil(() -> false))
                .isInstanceOf(SearchSinkException.class)
                .hasMessageContaining("dead letter counts-dead-letter/0");
    }

    @Test
    void waitsForABlockedIndex() throws Exception {
        engine.failNextRequests(engine.answering(
                document -> Optional.of(new Refusal(403, "cluster_block_exception", "read-only / allow delete"))));
        open(sink -> sink);

        write(0, 1);
        advanceUntil(() -> engine.stored.size() == 1);

        assertThat(engine.bulks).hasSize(2);
    }

    @Test
    void failsTheJobWhenADocumentCannotBeStoredInTime() throws Exception {
        engine.refuse(document -> true, 429, "es_rejected_execution_exception", "queue is full");
        open(sink -> sink.retryTimeout(Duration.ofMinutes(1)));

        write(0, 1);

        assertThatThrownBy(() -> advanceUntil(() -> false))
                .isInstanceOf(SearchSinkException.class)
                .hasMessageMatching("counts/0 \\(.*\\) could not be stored within PT\\d+.*S and \\d+ attempts at .*"
                        + "queue is full; check .*");
        // The next attempt, at most 10 s later, would be too late.
        assertThat(harness.getProcessingTime()).isBetween(50_000L, 60_000L + FLUSH_MILLIS);
    }

    @Test
    void checkpointWaitsUntilAllDocumentsAreStored() throws Exception {
        open(sink -> sink.bulkActions(10));
        write(0, 25);

        harness.prepareSnapshotPreBarrier(1);

        assertThat(engine.index(INDEX)).hasSize(25);
    }

    @Test
    void noDocumentOvertakesAnEarlierOneOfItsId() throws Exception {
        Random random = new Random(11);
        Refusal busy = new Refusal(429, "es_rejected_execution_exception", "queue is full");
        for (int i = 0; i < 20; i++) {
            engine.failNextRequests(
                    engine.answering(document -> random.nextInt(3) == 0 ? Optional.of(busy) : Optional.empty()),
                    FakeSearchEngine.status(503, ""));
        }
        open(sink -> sink.bulkActions(16)
                .documents(number -> SearchDocument.of(INDEX, "" + number % 5, "{\"number\":" + number + "}")));

        write(0, 32);
        advanceUntil(() -> engine.index(INDEX).values().containsAll(Set.of("{\"number\":31}", "{\"number\":27}")));
        advanceUntil(() -> engine.index(INDEX)
                .equals(Map.of(
                        "0", "{\"number\":30}",
                        "1", "{\"number\":31}",
                        "2", "{\"number\":27}",
                        "3", "{\"number\":28}",
                        "4", "{\"number\":29}")));

        assertThat(engine.versions.values())
                .allSatisfy(versions -> assertThat(versions)
                        .extracting(source -> Integer.parseInt(source.replaceAll("\\D", "")))
                        .isSorted());
    }

    @Test
    void documentWaitsForARetriedEarlierOneOfItsId() throws Exception {
        engine.failNextRequests(
                engine.answering(document -> Optional.empty()),
                engine.answering(document -> document.source().equals("{\"number\":2}")
                        ? Optional.of(new Refusal(429, "es_rejected_execution_exception", "queue is full"))
                        : Optional.empty()));
        open(sink ->
                sink.bulkActions(2).documents(number -> SearchDocument.of(INDEX, "id", "{\"number\":" + number + "}")));

        write(0, 4);
        advanceUntil(() -> engine.index(INDEX).containsValue("{\"number\":3}"));
        harness.prepareSnapshotPreBarrier(1);

        assertThat(engine.index(INDEX)).containsOnly(Map.entry("id", "{\"number\":3}"));
    }

    @Test
    void supersededDocumentIsNotRetried() throws Exception {
        engine.failNextRequests(engine.answering(document -> document.source().equals("{\"number\":0}")
                ? Optional.of(new Refusal(429, "es_rejected_execution_exception", "queue is full"))
                : Optional.empty()));
        open(sink -> sink.documents(number -> SearchDocument.of(INDEX, "id", "{\"number\":" + number + "}")));

        write(0, 2);
        advanceTime(FLUSH_MILLIS);
        await(() -> engine.stored.size() == 1);
        write(2, 3);
        advanceUntil(() -> engine.index(INDEX).containsValue("{\"number\":2}"));

        assertThat(engine.versions.get(INDEX + "/id")).containsExactly("{\"number\":1}", "{\"number\":2}");
    }

    @Test
    @Timeout(10)
    void preparesOneRequestAheadOfTheResponse() throws Exception {
        var mayAnswer = new CountDownLatch(1);
        engine.failNextRequests(engine.answeringAfter(mayAnswer));
        open(sink -> sink.bulkActions(2).maxInFlightRequests(1));

        // two in flight, two ahead, and four in Flink's buffer; to write more would wait for an answer
        write(0, 8);
        assertThat(engine.bulks).hasSizeLessThanOrEqualTo(1);

        mayAnswer.countDown();
        await(() -> engine.stored.size() == 8);
        assertThat(engine.bulks).hasSize(4);
    }

    @Test
    void sendsSmallerRequestsAfterPushBack() throws Exception {
        for (int i = 0; i < 5; i++) {
            engine.failNextRequests(FakeSearchEngine.status(429, FakeSearchEngine.THROTTLED));
        }
        open(sink -> sink.bulkActions(16).maxInFlightRequests(2));

        write(0, 16);
        advanceUntil(() -> engine.stored.size() == 16);

        assertThat(engine.bulks.get(0).documents()).hasSize(16);
        assertThat(engine.bulks.get(5).documents()).hasSize(1);
    }

    @Test
    void writesDeadLettersToAFolderIfConfigured(@TempDir Path folder) throws Exception {
        engine.refuse(isNumber(25), 400, "mapper_parsing_exception", "not a number");
        open(sink -> sink.deadLettersToFolder(folder.toUri().toString()));

        write(0, 51);
        advanceTime(FLUSH_MILLIS);
        await(() -> folder.toFile().list().length > 0);
        assertThat(engine.index(INDEX)).hasSize(50);

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).singleElement().satisfies(file -> {
                JsonNode letter = new ObjectMapper().readTree(Files.readString(file));
                assertThat(file.getFileName().toString()).endsWith(".ndjson");
                assertThat(letter.get("index").asText()).isEqualTo(INDEX);
                assertThat(letter.get("id").asText()).isEqualTo("25");
                assertThat(letter.get("source").asText()).isEqualTo("{\"number\":25}");
            });
        }
    }

    @Test
    void failsAtTheStartWhenDeadLettersCouldNotBeWritten(@TempDir Path folder) throws Exception {
        Path file = Files.createFile(folder.resolve("not-a-folder"));

        assertThatThrownBy(
                        () -> open(sink -> sink.deadLettersToFolder(file.toUri().toString())))
                .isInstanceOf(SearchSinkException.class)
                .hasMessageContaining("not-a-folder")
                .hasMessageContaining("choose a folder")
                .message()
                .hasLineCount(1);
    }

    @Test
    void failsAtTheStartWhenTheFileSystemOfDeadLettersIsUnknown() {
        assertThatThrownBy(() -> open(sink -> sink.deadLettersToFolder("nfs4://server/dead")))
                .isInstanceOf(SearchSinkException.class)
                .hasMessageContaining("nfs4://server/dead")
                .hasMessageContaining("choose a folder")
                .message()
                .hasLineCount(1);
    }

    @Test
    void createsNoFileWithoutDeadLetters(@TempDir Path folder) throws Exception {
        open(sink -> sink.deadLettersToFolder(folder.toUri().toString()));

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void failsTheJobWhenADeadLetterCannotBeWritten(@TempDir Path folder) throws Exception {
        Path dead = folder.resolve("dead");
        engine.refuse(isNumber(0), 400, "mapper_parsing_exception", "not a number");
        open(sink -> sink.deadLettersToFolder(dead.toUri().toString()));
        Files.delete(dead);
        Files.createFile(dead);

        write(0, 1);
        advanceTime(FLUSH_MILLIS);

        assertThatThrownBy(() -> await(() -> false))
                .isInstanceOf(SearchSinkException.class)
                .hasMessageContaining("/dead")
                .hasMessageContaining("check");
    }

    @Test
    void sendsTheResultsOfAWindowWhenItsWatermarkHasPassed() throws Exception {
        open(sink -> sink);

        write(0, 3);
        harness.processWatermark(1_000);
        await(() -> engine.stored.size() == 3);

        assertThat(harness.getProcessingTime()).isZero();
        assertThat(engine.bulks).hasSize(1);
    }

    @Test
    void frequentWatermarksDoNotCauseMoreRequests() throws Exception {
        open(sink -> sink);

        for (int i = 0; i < 100; i++) {
            write(i, i + 1);
            harness.processWatermark(i);
            advanceTime(FLUSH_MILLIS / 20);
            await(() -> !requestIsInFlight());
        }
        advanceUntil(() -> engine.stored.size() == 100);

        // 500 ms with an interval of 100 ms, and three bursts before they were known to be many
        assertThat(engine.bulks).hasSizeLessThanOrEqualTo(5 + 3);
    }

    @Test
    void failsWhenMostDocumentsOfAnIndexAreRejected() throws Exception {
        engine.refuse(document -> true, 400, "strict_dynamic_mapping_exception", "no field [number]");
        open(sink -> sink.deadLetterLimit(0.5, 20));

        write(0, 300);
        advanceTime(FLUSH_MILLIS);

        assertThatThrownBy(() -> await(() -> false))
                .isInstanceOf(SearchSinkException.class)
                .hasMessageContaining("300 of the last 300 documents of index counts were rejected for the same reason")
                .hasMessageContaining("strict_dynamic_mapping_exception: no field [number]; check the mapping")
                .message()
                .hasLineCount(1);
        assertThat(engine.bulks).hasSize(1);
    }

    @Test
    void allowsTheConfiguredShareOfDeadLetters() throws Exception {
        engine.refuse(
                document -> document.index().equals(INDEX),
                400,
                "strict_dynamic_mapping_exception",
                "no field [number]");
        open(sink -> sink.deadLetterLimit(1, 1));

        write(0, 300);
        advanceUntil(() -> engine.index(INDEX + "-dead-letter").size() == 300);

        assertThat(engine.index(INDEX)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "only write ops with an op_type of create are allowed in data streams",
                "no write index is defined for alias [counts]",
            })
    void failsWhenTheIndexRejectsEveryDocument(String reason) throws Exception {
        engine.refuse(document -> true, 400, "illegal_argument_exception", reason);
        open(sink -> sink);

        write(0, 300);
        advanceTime(FLUSH_MILLIS);

        assertThatThrownBy(() -> await(() -> false))
                .isInstanceOf(SearchSinkException.class)
                .hasMessageContaining(reason + "; ")
                .message()
                .hasLineCount(1);
        assertThat(engine.bulks).hasSize(1);
    }

    @Test
    void waitsForRoomForAnotherIndex() throws Exception {
        engine.failNextRequests(engine.answering(document -> Optional.of(new Refusal(
                400,
                "validation_exception",
                "Validation Failed: 1: this action would add [2] total shards, but this cluster currently has"
                        + " [1000]/[1000] maximum shards open;"))));
        open(sink -> sink);

        write(0, 3);
        advanceUntil(() -> engine.stored.size() == 3);

        assertThat(engine.index(INDEX)).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({"explicit index in bulk is not allowed, 1", "bulk is not a thing here, 40"})
    void failsSoonWhenEveryRequestIsRejected(String reason, int mostRequests) throws Exception {
        engine.failWhile(
                () -> true,
                FakeSearchEngine.status(
                        400, "{\"error\":{\"type\":\"illegal_argument_exception\",\"reason\":\"" + reason + "\"}}"));
        open(sink -> sink);

        write(0, 999);
        advanceTime(FLUSH_MILLIS);

        assertThatThrownBy(() -> await(() -> false))
                .isInstanceOf(SearchSinkException.class)
                .hasMessageContaining(reason)
                .message()
                .hasLineCount(1);
        assertThat(engine.bulks).hasSizeLessThanOrEqualTo(mostRequests);
    }

    @Test
    void documentsLargerThanABulkRequestAreSentOneByOne() throws Exception {
        open(sink -> sink.bulkBytes(500).documents(SearchSinkWriterTest::padded));

        write(0, 3);
        await(() -> engine.stored.size() == 3);

        assertThat(engine.bulks)
                .extracting(Bulk::documents)
                .hasSize(3)
                .allSatisfy(documents -> assertThat(documents).hasSize(1));
    }

    @Test
    void stopsItsThreadsOnClose() throws Exception {
        open(sink -> sink);
        write(0, 1);
        advanceTime(FLUSH_MILLIS);
        await(() -> engine.stored.size() == 1);
        assertThat(clientThreads()).isNotEmpty();

        harness.close();
        harness = null;

        Awaitility.await().until(() -> clientThreads().isEmpty());
    }

    private static List<String> clientThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith(SearchClient.THREAD_NAME))
                .toList();
    }

    private static SearchDocument padded(int number) {
        return SearchDocument.of(INDEX, "" + number, "{\"text\":\"" + "x".repeat(1_000) + "\"}");
    }

    private static Predicate<Document> isNumber(int number) {
        return document -> document.source().equals("{\"number\":" + number + "}");
    }

    private void open(UnaryOperator<SearchSink.Builder<Integer>> options) throws Exception {
        SearchSink.Builder<Integer> sink = SearchSink.<Integer>builder()
                .endpoint(engine.endpoint())
                .flushInterval(Duration.ofMillis(FLUSH_MILLIS))
                .retryDelays(Duration.ofMillis(FIRST_DELAY_MILLIS), Duration.ofMillis(LONGEST_DELAY_MILLIS))
                .documents(number -> SearchDocument.of(INDEX, "" + number, "{\"number\":" + number + "}"));
        harness = new OneInputStreamOperatorTestHarness<>(
                new SinkWriterOperatorFactory<>(options.apply(sink).build()));
        harness.setup();
        harness.open();
    }

    private void write(int from, int to) throws Exception {
        for (int number : IntStream.range(from, to).toArray()) {
            harness.processElement(number, 0);
        }
    }

    private void advanceTime(long millis) throws Exception {
        harness.setProcessingTime(harness.getProcessingTime() + millis);
    }

    /** Whether there is a timer besides those that guard the requests in flight, which are far away. */
    private boolean retryIsPending() {
        long soon = harness.getProcessingTime() + LONGEST_DELAY_MILLIS;
        return harness.getProcessingTimeService().getActiveTimerTimestamps().stream()
                .anyMatch(time -> time <= soon);
    }

    private boolean requestIsInFlight() {
        long soon = harness.getProcessingTime() + LONGEST_DELAY_MILLIS;
        return harness.getProcessingTimeService().getActiveTimerTimestamps().stream()
                .anyMatch(time -> time > soon);
    }

    /** Runs the task's mails until the condition holds. */
    private void await(BooleanSupplier condition) {
        Awaitility.await()
                .pollInSameThread()
                .pollInterval(Duration.ofMillis(1))
                .atMost(Duration.ofSeconds(10))
                .until(() -> {
                    runMails();
                    return condition.getAsBoolean();
                });
    }

    /** Runs the task's mails, and lets time pass in small steps while no request is in flight, until the condition holds. */
    private void advanceUntil(BooleanSupplier condition) {
        Awaitility.await()
                .pollInSameThread()
                .pollInterval(Duration.ofMillis(1))
                .atMost(Duration.ofSeconds(10))
                .until(() -> {
                    runMails();
                    if (!requestIsInFlight()) {
                        advanceTime(FLUSH_MILLIS);
                    }
                    return condition.getAsBoolean();
                });
    }

    private void runMails() throws Exception {
        var mailbox = harness.getTaskMailbox();
        for (var mail = mailbox.tryTake(0); mail.isPresent(); mail = mailbox.tryTake(0)) {
            mail.get().run();
        }
    }
}
