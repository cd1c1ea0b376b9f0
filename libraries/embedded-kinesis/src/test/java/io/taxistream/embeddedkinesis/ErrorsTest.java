package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.taxistream.embeddedkinesis.JsonCalls.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** How each operation refuses what it cannot do. */
class ErrorsTest {

    private static final String STREAM = "trips";
    private static final String FIRST = "shardId-000000000000";
    private static final String CLOSED = "shardId-000000000001";

    private final MutableClock clock = new MutableClock();
    private EmbeddedKinesis kinesis;
    private JsonCalls calls;

    @BeforeEach
    void start() throws IOException {
        kinesis = EmbeddedKinesis.builder()
                .enforceLimits(false)
                .clock(clock)
                .transitionDelay(Duration.ofSeconds(1))
                .start();
        // trips: 0 is open, 1 was split into 3 and 4, 2 is open
        kinesis.createStream(STREAM, 3);
        kinesis.splitShard(STREAM, CLOSED);
        calls = new JsonCalls(kinesis.httpEndpoint());
    }

    @AfterEach
    void stop() {
        kinesis.close();
    }

    @ParameterizedTest
    @CsvSource({"Origin, http://rebound.example", "Origin, null", "Sec-Fetch-Site, same-origin"})
    void rejectsRequestsOfWebPages(String header, String value) throws Exception {
        assertThat(calls.callFromWebPage("DeleteStream", "{'StreamName':'trips'}", header, value))
                .isEqualTo(403);

        assertThat(calls.call("DescribeStreamSummary", "{'StreamName':'trips'}").status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:4567, 400",
        "LOCALHOST, 400",
        "[::1]:4567, 400",
        "evil.example:4567, 403",
        "127.0.0.1.evil.example, 403",
        "localhost.evil.example, 403",
        "0.0.0.0, 403",
    })
    void rejectsOtherHostNames(String host, int status) throws Exception {
        String request = String.join(
                "\r\n", "POST / HTTP/1.1", "Host: " + host, "Content-Length: 0", "Connection: close", "", "");
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), kinesis.httpEndpoint().getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 " + status);
        }
    }

    static Stream<Arguments> refusals() {
        String tooLong = "k".repeat(257);
        String tooLarge = "A".repeat((1024 * 1024 + 3) / 3 * 4);
        String record = "{'PartitionKey':'k','Data':'eA=='}";
        return Stream.of(
                arguments(
                        "CreateStream",
                        "{'StreamName':'trips','ShardCount':1}",
                        "ResourceInUseException",
                        "already exists"),
                arguments("CreateStream", "{'StreamName':'new'}", "ValidationException", "Value null at 'shardCount'"),
                arguments(
                        "CreateStream",
                        "{'StreamName':'new','ShardCount':0}",
                        "ValidationException",
                        "greater than or equal to 1"),
                arguments(
                        "CreateStream",
                        "{'StreamName':'new','ShardCount':2147483647}",
                        "ValidationException",
                        "less than or equal to 20000"),
                arguments(
                        "CreateStream",
                        "{'StreamName':'a/b','ShardCount':1}",
                        "ValidationException",
                        "Value 'a/b' at 'streamName'"),
                arguments(
                        "CreateStream",
                        "{'StreamName':'new','ShardCount':'1'}",
                        "SerializationException",
                        "ShardCount is not an integer"),
                arguments("CreateStream", "{'ShardCount':1}", "InvalidArgumentException", "StreamName or StreamARN"),
                arguments("DescribeStream", "{'StreamName':'trips','Limit':0}", "ValidationException", "'limit'"),
                arguments("DescribeStreamSummary", "{'StreamARN':'trips'}", "ValidationException", "'streamARN'"),
                arguments(
                        "DescribeStreamSummary",
                        "{'StreamName':'trips','StreamARN':'arn:aws:kinesis:us-east-1:000000000000:stream/other'}",
                        "InvalidArgumentException",
                        "different streams"),
                arguments(
                        "ListShards",
                        "{'NextToken':'x','StreamName':'trips'}",
                        "InvalidArgumentException",
                        "NextToken and StreamName cannot be provided together."),
                arguments("ListShards", "{'NextToken':'x'}", "InvalidArgumentException", "NextToken is invalid."),
                arguments(
                        "ListShards",
                        "{'StreamName':'trips','ShardFilter':{'Type':'SOME'}}",
                        "ValidationException",
                        "'shardFilter.type'"),
                arguments(
                        "ListShards",
                        "{'StreamName':'trips','ShardFilter':{'Type':'AT_TIMESTAMP'}}",
                        "InvalidArgumentException",
                        "Timestamp must be specified"),
                arguments(
                        "ListShards",
                        "{'StreamName':'trips','MaxResults':10001}",
                        "ValidationException",
                        "less than or equal to 10000"),
                arguments(
                        "PutRecord",
                        "{'StreamName':'trips','Data':'eA=='}",
                        "ValidationException",
                        "Value null at 'partitionKey'"),
                arguments(
                        "PutRecord",
                        "{'StreamName':'trips','PartitionKey':'','Data':'eA=='}",
                        "ValidationException",
                        "'partitionKey'"),
                arguments(
                        "PutRecord",
                        "{'StreamName':'trips','PartitionKey':'" + tooLong + "','Data':'eA=='}",
                        "ValidationException",
                        "less than or equal to 256"),
                arguments(
                        "PutRecord",
                        "{'StreamName':'trips','PartitionKey':'k'}",
                        "ValidationException",
                        "Value null at 'data'"),
                arguments(
                        "PutRecord",
                        "{'StreamName':'trips','PartitionKey':'k','Data':'%'}",
                        "SerializationException",
                        "Data is not Base64"),
                arguments(
                        "PutRecord",
                        "{'StreamName':'trips','PartitionKey':'k','Data':'" + tooLarge + "'}",
                        "ValidationException",
                        "less than or equal to 1048576"),
                arguments(
                        "PutRecord",
                        "{'StreamName':'trips','PartitionKey':'k','Data':'eA==','ExplicitHashKey':'-1'}",
                        "ValidationException",
                        "'explicitHashKey'"),
                arguments(
                        "PutRecord",
                        "{'StreamName':'trips','PartitionKey':'k','Data':'eA==','ExplicitHashKey':'340282366920938463463374607431768211456'}",
                        "InvalidArgumentException",
                        "ExplicitHashKey must be in the range"),
                arguments(
                        "PutRecord",
                        "{'StreamName':'trips','PartitionKey':'k','Data':'eA==','SequenceNumberForOrdering':'x'}",
                        "ValidationException",
                        "'sequenceNumberForOrdering'"),
                arguments(
                        "PutRecords",
                        "{'StreamName':'trips','Records':[]}",
                        "ValidationException",
                        "greater than or equal to 1"),
                arguments("PutRecords", "{'StreamName':'trips'}", "ValidationException", "Value null at 'records'"),
                arguments(
                        "PutRecords",
                        "{'StreamName':'trips','Records':'x'}",
                        "SerializationException",
                        "Records is not a list"),
                arguments(
                        "PutRecords",
                        "{'StreamName':'trips','Records':[" + record + ",{'Data':'eA=='}]}",
                        "ValidationException",
                        "'records.2.member.partitionKey'"),
                arguments(
                        "PutRecords",
                        "{'StreamName':'trips','Records':[" + (record + ",").repeat(500) + record + "]}",
                        "ValidationException",
                        "less than or equal to 500"),
                arguments(
                        "PutRecords",
                        "{'StreamName':'trips','Records':["
                                + ("{'PartitionKey':'k','Data':'" + tooLarge.substring(8) + "'},").repeat(6) + record
                                + "]}",
                        "InvalidArgumentException",
                        "5 MB"),
                arguments(
                        "GetShardIterator",
                        iterator("shardId-000000000009", "LATEST", ""),
                        "ResourceNotFoundException",
                        "Shard shardId-000000000009 in stream trips under account"),
                arguments(
                        "GetShardIterator",
                        iterator(FIRST, "OLDEST", ""),
                        "ValidationException",
                        "'shardIteratorType'"),
                arguments(
                        "GetShardIterator",
                        iterator(FIRST, "AT_SEQUENCE_NUMBER", ""),
                        "InvalidArgumentException",
                        "no StartingSequenceNumber"),
                arguments(
                        "GetShardIterator",
                        iterator(FIRST, "AFTER_SEQUENCE_NUMBER", ",'StartingSequenceNumber':'123'"),
                        "InvalidArgumentException",
                        "did not come from this stream"),
                arguments(
                        "GetShardIterator",
                        iterator(FIRST, "AT_TIMESTAMP", ""),
                        "InvalidArgumentException",
                        "timestampInMillis"),
                arguments(
                        "GetShardIterator",
                        iterator(FIRST, "AT_TIMESTAMP", ",'Timestamp':4102444800.0"),
                        "InvalidArgumentException",
                        "cannot be greater than the currentTimestampInMillis"),
                arguments(
                        "GetRecords", "{'ShardIterator':'AAAA'}", "InvalidArgumentException", "Invalid ShardIterator"),
                arguments("GetRecords", "{'ShardIterator':'AAAA','Limit':10001}", "ValidationException", "'limit'"),
                arguments(
                        "SplitShard",
                        "{'StreamName':'trips','ShardToSplit':'" + CLOSED + "','NewStartingHashKey':'100'}",
                        "InvalidArgumentException",
                        "already been merged or split"),
                arguments(
                        "SplitShard",
                        "{'StreamName':'trips','ShardToSplit':'" + FIRST + "','NewStartingHashKey':'0'}",
                        "InvalidArgumentException",
                        "is not both greater than one plus"),
                arguments(
                        "SplitShard",
                        "{'StreamName':'trips','ShardToSplit':'" + FIRST + "'}",
                        "ValidationException",
                        "'newStartingHashKey'"),
                arguments(
                        "SplitShard",
                        "{'StreamName':'trips','ShardToSplit':'shardId-000000000009','NewStartingHashKey':'1'}",
                        "ResourceNotFoundException",
                        "Could not find shard"),
                arguments(
                        "MergeShards",
                        "{'StreamName':'trips','ShardToMerge':'" + FIRST
                                + "','AdjacentShardToMerge':'shardId-000000000002'}",
                        "InvalidArgumentException",
                        "not an adjacent pair"),
                arguments(
                        "UpdateShardCount",
                        "{'StreamName':'trips','TargetShardCount':2,'ScalingType':'OTHER'}",
                        "ValidationException",
                        "'scalingType'"),
                arguments(
                        "UpdateShardCount",
                        "{'StreamName':'trips','TargetShardCount':100000,'ScalingType':'UNIFORM_SCALING'}",
                        "ValidationException",
                        "less than or equal to 20000"),
                arguments(
                        "UpdateShardCount",
                        "{'StreamName':'trips','ScalingType':'UNIFORM_SCALING'}",
                        "ValidationException",
                        "'targetShardCount'"),
                arguments(
                        "IncreaseStreamRetentionPeriod",
                        "{'StreamName':'trips','RetentionPeriodHours':23}",
                        "ValidationException",
                        "greater than or equal to 24"),
                arguments(
                        "DecreaseStreamRetentionPeriod",
                        "{'StreamName':'trips','RetentionPeriodHours':48}",
                        "InvalidArgumentException",
                        "can not be longer"),
                arguments("AddTagsToStream", "{}", "UnknownOperationException", "AddTagsToStream"),
                arguments("PutRecord", "not an object", "SerializationException", "cannot be read"),
                arguments("PutRecord", "[]", "SerializationException", "not an object"));
    }

    @ParameterizedTest(name = "{0} {2} {3}")
    @MethodSource("refusals")
    void errorsMatchThoseOfTheService(String operation, String body, String type, String message) throws Exception {
        Answer answer = calls.call(operation, body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.errorType()).isEqualTo(type);
        assertThat(answer.message()).contains(message);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"CREATE_STREAM", "LIST_STREAMS", "DESCRIBE_LIMITS", "GET_RECORDS"})
    void missingStreamIsNotFound(KinesisOperation operation) throws Exception {
        Answer answer = calls.call(
                operation.wireName(),
                "{'StreamName':'none','ShardId':'shardId-000000000000','ShardIteratorType':'LATEST','PartitionKey':'k',"
                        + "'StreamARN':'arn:aws:kinesis:us-east-1:000000000000:stream/none','ConsumerName':'job',"
                        + "'ConsumerARN':'arn:aws:kinesis:us-east-1:000000000000:stream/none/consumer/job:1',"
                        + "'StartingPosition':{'Type':'LATEST'},"
                        + "'Data':'eA==','Records':[{'PartitionKey':'k','Data':'eA=='}],'ShardToSplit':'x',"
                        + "'NewStartingHashKey':'1','ShardToMerge':'x','AdjacentShardToMerge':'y','TargetShardCount':2,"
                        + "'ScalingType':'UNIFORM_SCALING','RetentionPeriodHours':24}");

        assertThat(answer.errorType()).isEqualTo("ResourceNotFoundException");
        assertThat(answer.message()).isEqualTo("Stream none under account 000000000000 not found.");
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "SPLIT_SHARD",
                "MERGE_SHARDS",
                "UPDATE_SHARD_COUNT",
                "INCREASE_STREAM_RETENTION_PERIOD",
                "DECREASE_STREAM_RETENTION_PERIOD"
            })
    void updatingStreamCannotBeChanged(KinesisOperation operation) throws Exception {
        calls.call("UpdateShardCount", "{'StreamName':'trips','TargetShardCount':8,'ScalingType':'UNIFORM_SCALING'}");

        Answer answer = calls.call(
                operation.wireName(),
                "{'StreamName':'trips','ShardToSplit':'shardId-000000000000','NewStartingHashKey':'100',"
                        + "'ShardToMerge':'shardId-000000000003','AdjacentShardToMerge':'shardId-000000000004',"
                        + "'TargetShardCount':2,'ScalingType':'UNIFORM_SCALING','RetentionPeriodHours':24}");

        assertThat(answer.errorType()).isEqualTo("ResourceInUseException");
        assertThat(answer.message()).contains("not ACTIVE, instead in state UPDATING");
    }

    @Test
    void creatingStreamAcceptsNoRecordsAndListsNoShards() throws Exception {
        calls.call("CreateStream", "{'StreamName':'new','ShardCount':1}");

        assertThat(calls.call("PutRecord", "{'StreamName':'new','PartitionKey':'k','Data':'eA=='}")
                        .errorType())
                .isEqualTo("ResourceNotFoundException");
        assertThat(calls.call("ListShards", "{'StreamName':'new'}").errorType()).isEqualTo("ResourceInUseException");
        assertThat(calls.call("DeleteStream", "{'StreamName':'new'}").errorType())
                .isEqualTo("ResourceInUseException");
    }

    @Test
    void iteratorsAndTokensExpire() throws Exception {
        String shardIterator = calls.call("GetShardIterator", iterator(FIRST, "LATEST", ""))
                .body()
                .get("ShardIterator")
                .asText();
        String nextToken = calls.call("ListShards", "{'StreamName':'trips','MaxResults':1}")
                .body()
                .get("NextToken")
                .asText();
        clock.advance(Duration.ofMinutes(5));
        assertThat(calls.call("GetRecords", "{'ShardIterator':'" + shardIterator + "'}")
                        .status())
                .isEqualTo(200);

        clock.advance(Duration.ofMillis(1));

        Answer iteratorAnswer = calls.call("GetRecords", "{'ShardIterator':'" + shardIterator + "'}");
        assertThat(iteratorAnswer.errorType()).isEqualTo("ExpiredIteratorException");
        assertThat(iteratorAnswer.message()).contains("tolerated delay of 300000 milliseconds");
        assertThat(calls.call("ListShards", "{'NextToken':'" + nextToken + "'}").errorType())
                .isEqualTo("ExpiredNextTokenException");
    }

    @Test
    void iteratorOfADeletedStreamIsInvalidForItsSuccessor() throws Exception {
        String shardIterator = calls.call("GetShardIterator", iterator(FIRST, "LATEST", ""))
                .body()
                .get("ShardIterator")
                .asText();
        calls.call("DeleteStream", "{'StreamName':'trips'}");
        clock.advance(Duration.ofSeconds(1));
        kinesis.createStream(STREAM, 3);

        assertThat(calls.call("GetRecords", "{'ShardIterator':'" + shardIterator + "'}")
                        .errorType())
                .isEqualTo("ResourceNotFoundException");
    }

    @Test
    void sdkMapsErrorsToTheirExceptions() {
        try (KinesisClient client = KinesisClients.withoutRetries(kinesis.httpEndpoint())) {
            String iterator = KinesisClients.iterator(client, STREAM, FIRST, ShardIteratorType.LATEST);
            clock.advance(Duration.ofMinutes(6));

            assertThatThrownBy(() -> client.getRecords(request -> request.shardIterator(iterator)))
                    .isInstanceOf(ExpiredIteratorException.class);
            assertThatThrownBy(() -> client.describeStream(request -> request.streamName("none")))
                    .isInstanceOf(ResourceNotFoundException.class)
                    .hasMessageContaining("Stream none under account 000000000000 not found.");
        }
    }

    private static String iterator(String shardId, String type, String more) {
        return "{'StreamName':'trips','ShardId':'" + shardId + "','ShardIteratorType':'" + type + "'" + more + "}";
    }
}
