package io.taxistream.eventtime.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import io.taxistream.eventtime.source.KinesisProxy.KinesisRecord;
import io.taxistream.eventtime.source.KinesisProxy.Page;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.SdkHttpResponse;

/** {@link AwsKinesisProxyTest} and {@link FuzzedAnswersTest} test the call, with the SDK and an embedded Kinesis. */
class RecordsResponseTest {

    private static final String RECORD =
            "{'SequenceNumber':'5','Data':'eA==','PartitionKey':'key','ApproximateArrivalTimestamp':1449000000.25}";

    @Test
    void readsRecordsInJson() throws Exception {
        Page page = json("{'Records':[" + RECORD + "," + RECORD.replace("'5'", "'6'")
                + "],'NextShardIterator':'next','MillisBehindLatest':17}");

        assertThat(page.records()).containsExactly(record("5"), record("6"));
        assertThat(page.nextShardIterator()).isEqualTo("next");
        assertThat(page.millisBehindLatest()).isEqualTo(17);
    }

    @Test
    void readsRecordsInCbor() throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (JsonGenerator cbor = new CBORFactory().createGenerator(body)) {
            cbor.writeStartObject();
            cbor.writeArrayFieldStart("Records");
            cbor.writeStartObject();
            cbor.writeStringField("SequenceNumber", "5");
            cbor.writeBinaryField("Data", "x".getBytes(UTF_8));
            cbor.writeStringField("PartitionKey", "key");
            cbor.writeNumberField("ApproximateArrivalTimestamp", 1_449_000_000_250L);
            cbor.writeEndObject();
            cbor.writeEndArray();
            cbor.writeNumberField("MillisBehindLatest", 17);
            cbor.writeStringField("NextShardIterator", "next");
            cbor.writeEndObject();
        }

        Page page = read("application/x-amz-cbor-1.1", body.toByteArray()).page();

        assertThat(page).isEqualTo(new Page(List.of(record("5")), "next", 17));
        assertThat(page.records().get(0).data().array()).as("not copied").hasSize(body.size());
    }

    /** The order of the fields is expected to be that of the record before. */
    @Test
    void readsFieldsInAnyOrder() throws Exception {
        List<String> fields = new ArrayList<>(List.of(
                "New", "EncryptionType", "SequenceNumber", "Data", "PartitionKey", "ApproximateArrivalTimestamp"));
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        List<KinesisRecord> expected = new ArrayList<>();
        try (JsonGenerator cbor = new CBORFactory().createGenerator(body)) {
            cbor.writeStartObject();
            cbor.writeStringField("NextShardIterator", "next");
            cbor.writeArrayFieldStart("Records");
            Random random = new Random(1);
            for (int i = 0; i < 1_000; i++) {
                Collections.shuffle(fields, random);
                List<String> present = random.nextBoolean()
                        ? fields
                        : fields.stream().filter(field -> !field.equals("New")).toList();
                cbor.writeStartObject();
                for (String field : present) {
                    writeField(cbor, field, i);
                }
                cbor.writeEndObject();
                expected.add(record(Integer.toString(i)));
            }
            cbor.writeEndArray();
            cbor.writeEndObject();
        }

        assertThat(read("application/x-amz-cbor-1.1", body.toByteArray()).page().records())
                .isEqualTo(expected);
    }

    private static void writeField(JsonGenerator cbor, String field, int sequenceNumber) throws IOException {
        cbor.writeFieldName(field);
        switch (field) {
            case "SequenceNumber" -> cbor.writeString(Integer.toString(sequenceNumber));
            case "Data" -> cbor.writeBinary("x".getBytes(UTF_8));
            case "PartitionKey" -> cbor.writeString("key");
            case "ApproximateArrivalTimestamp" -> cbor.writeNumber(1_449_000_000_250L);
            case "EncryptionType" -> cbor.writeString("NONE");
            default -> {
                cbor.writeStartObject();
                cbor.writeStringField("SequenceNumber", "another");
                cbor.writeEndObject();
            }
        }
    }

    /** Kinesis sends neither, but CBOR allows pieces, and an emulator sends Base64. */
    @Test
    void readsDataInOtherForms() throws Exception {
        // two records, with the data "xyz" in pieces of 1 and 2 bytes and "" in none
        String hex = "bf 67 5265636f726473 9f" // Records
                + recordInHex("5f 41 78 42 797a ff")
                + recordInHex("40")
                + recordInHex("64 65413d3d") // eA==
                + "ff 71 4e65787453686172644974657261746f72 61 6e ff"; // NextShardIterator
        byte[] body = HexFormat.of().parseHex(hex.replace(" ", ""));

        List<KinesisRecord> records =
                read("application/x-amz-cbor-1.1", body).page().records();

        assertThat(records)
                .extracting(record -> UTF_8.decode(record.data()).toString())
                .containsExactly("xyz", "", "x");
    }

    private static String recordInHex(String data) {
        return "a4 6e 53657175656e63654e756d626572 61 35" // SequenceNumber
                + "64 44617461" + data // Data
                + "6c 506172746974696f6e4b6579 61 6b" // PartitionKey
                + "78 1b 417070726f78696d6174654172726976616c54696d657374616d70 c1 01"; // ApproximateArrivalTimestamp
    }

    private static KinesisRecord record(String sequenceNumber) {
        return new KinesisRecord(
                sequenceNumber, ByteBuffer.wrap("x".getBytes(UTF_8)), "key", Instant.ofEpochMilli(1_449_000_000_250L));
    }

    @Test
    void shardWithChildrenEnds() throws Exception {
        Page page = json("{'Records':[],'ChildShards':[{'ShardId':'child','ParentShards':['parent']}]}");

        assertThat(page.nextShardIterator()).isNull();
        assertThat(page.records()).isEmpty();
    }

    /** Some emulators list the children before the end of the shard. */
    @Test
    void childrenAloneDoNotEndAShard() throws Exception {
        assertThat(json("{'NextShardIterator':'next','ChildShards':[{'ShardId':'child'}]}")
                        .nextShardIterator())
                .isEqualTo("next");
    }

    @Test
    void unknownFieldsAreIgnored() throws Exception {
        assertThat(json("{'Other':{'Records':[1]},'NextShardIterator':'next','Records':null,'More':[{}]}"))
                .isEqualTo(new Page(List.of(), "next", 0));
    }

    /** Otherwise, the rest of an open shard would be lost. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'NextShardIterator':null}",
                "{'MillisBehindLatest':0,'ChildShards':[]}",
                "{'ChildShards':null}",
                "{'ChildShards':[{}]}",
                "{'ChildShards':[null]}"
            })
    void endOfAShardWithoutChildrenIsUnreadable(String body) {
        assertUnreadable(body);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{'NextShardIterator':'next'",
                "{'NextShardIterator':'next','Records':{}}",
                "{'NextShardIterator':'next','Records':[null]}",
                "{'NextShardIterator':'next','Records':[{",
                "{'NextShardIterator':7}",
                "{'NextShardIterator':'next','MillisBehindLatest':'1'}",
                "{'NextShardIterator':'next','MillisBehindLatest':99999999999999999999}"
            })
    void responseOfAnotherFormIsUnreadable(String body) {
        assertUnreadable(body);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'SequenceNumber':null",
                "'SequenceNumber':''",
                "'SequenceNumber':'5x'",
                "'SequenceNumber':5",
                "'PartitionKey':null",
                "'Data':null",
                "'Data':7",
                "'Data':'x'",
                "'ApproximateArrivalTimestamp':null",
                "'ApproximateArrivalTimestamp':'now'",
                "'ApproximateArrivalTimestamp':1e300"
            })
    void incompleteRecordIsUnreadable(String field) {
        assertUnreadable("{'NextShardIterator':'next','Records':[" + RECORD + ","
                + RECORD.replace("}", "," + field + "}") + "]}");
    }

    @Test
    void cutResponseIsAnError() {
        byte[] body = "{'NextShardIterator':'next'}".replace('\'', '"').getBytes(UTF_8);

        assertThatThrownBy(() -> RecordsResponse.read(
                        head("application/x-amz-json-1.1", body.length),
                        new ByteArrayInputStream(Arrays.copyOf(body, body.length - 1))))
                .isInstanceOf(IOException.class)
                .hasMessage("it does not have the length in its header, 28 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "99999999999"})
    void readsAResponseWithoutALength(String length) throws Exception {
        SdkHttpResponse head = SdkHttpFullResponse.builder()
                .statusCode(200)
                .appendHeader("Content-Length", length)
                .build();

        assertThat(RecordsResponse.read(
                                head, new ByteArrayInputStream("{\"NextShardIterator\":\"next\"}".getBytes(UTF_8)))
                        .page()
                        .nextShardIterator())
                .isEqualTo("next");
    }

    private static void assertUnreadable(String body) {
        assertThatThrownBy(() -> json(body))
                .isInstanceOf(UnreadableResponseException.class)
                .hasMessageStartingWith("unreadable response: ");
    }

    private static Page json(String body) throws Exception {
        return read("application/x-amz-json-1.1", body.replace('\'', '"').getBytes(UTF_8))
                .page();
    }

    private static RecordsResponse read(String type, byte[] body) throws IOException {
        return RecordsResponse.read(head(type, body.length), new ByteArrayInputStream(body));
    }

    private static SdkHttpResponse head(String type, int length) {
        return SdkHttpFullResponse.builder()
                .statusCode(200)
                .appendHeader("Content-Type", type)
                .appendHeader("Content-Length", Integer.toString(length))
                .build();
    }
}
