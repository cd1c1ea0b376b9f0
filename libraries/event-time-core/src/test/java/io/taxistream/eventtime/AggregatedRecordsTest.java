package io.taxistream.eventtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.WithNull;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AggregatedRecordsTest {

    /**
     * Two user records "one" and "two" with partition keys a and b, the second with explicit hash key 7, put together by
     * hand after the format's description; the digest is that of md5sum.
     */
    private static final String AGGREGATE = "f3899ac2"
            + "0a0161" + "0a0162" // partition keys
            + "120137" // explicit hash keys
            + "1a07" + "0800" + "1a036f6e65" // index 0, "one"
            + "1a09" + "0801" + "1000" + "1a0374776f" // index 1, hash key 0, "two"
            + "24c63fc0e4c3abee5fbeb804f0ddc909";

    @Test
    void deaggregatesARecord() {
        assertThat(texts(aggregate())).containsExactly("one", "two");
    }

    @Test
    void deaggregatesASliceOfABuffer() {
        byte[] aggregate = aggregate();
        ByteBuffer buffer = ByteBuffer.allocate(aggregate.length + 20).position(5);
        buffer.slice().put(aggregate);

        assertThat(texts(buffer.limit(5 + aggregate.length).slice())).containsExactly("one", "two");
        assertThat(texts(buffer)).containsExactly("one", "two");
    }

    @Test
    void findsAPlainRecordWhereverItStandsInItsBuffer() {
        ByteBuffer buffer =
                ByteBuffer.wrap("..one..".getBytes(UTF_8)).position(2).limit(5);

        assertThat(texts(buffer)).containsExactly("one");
        assertThat(texts(buffer.slice())).containsExactly("one");
    }

    @Test
    void leavesARecordWithAWrongDigestUnchanged() {
        byte[] damaged = aggregate();
        damaged[20] ^= 1;

        assertThat(slices(damaged)).containsExactly(ByteBuffer.wrap(damaged));
    }

    @Test
    void leavesARecordWithOnlyTheMagicNumberUnchanged() {
        byte[] record = HexFormat.of().parseHex("f3899ac2");

        assertThat(slices(record)).containsExactly(ByteBuffer.wrap(record));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1a070800", // cut off in a record
                "1a040800" + "1a03", // cut off in the data
                "80", // cut off in a tag
                "1a80", // cut off in a length
                "0a0161" + "49" + "01020304050607", // seven of the eight bytes of a number
                "1affffffffffffffffff01" + "0800", // a length of -1
                "1a80808080808080808080" + "00", // a length of eleven bytes
                "4b" + "4c", // a group
                "1a020800", // a record without data
            })
    void leavesARecordAsItIsWhoseMessageIsMalformed(String message) {
        byte[] record = KplFormat.frame(HexFormat.of().parseHex(message));

        assertThat(slices(record)).containsExactly(ByteBuffer.wrap(record));
    }

    @Test
    void findsAUserRecordOfNoBytes() {
        assertThat(texts(KplFormat.frame(HexFormat.of().parseHex("1a0408001a00"))))
                .containsExactly("");
    }

    @Test
    void skipsUnknownFields() {
        // field 9 of every wire type, then a record
        byte[] record = KplFormat.frame(HexFormat.of()
                .parseHex("4805" + "49" + "0102030405060708" + "4a0100" + "4d" + "01020304" + "1a0708001a036f6e65"));

        assertThat(texts(record)).containsExactly("one");
    }

    @Test
    void emptyAggregateHasNoUserRecords() {
        assertThat(slices(KplFormat.frame(new byte[0]))).isEmpty();
    }

    @Property(tries = 200)
    void findsEveryUserRecordOfAnAggregate(@ForAll @Size(max = 200) List<byte @Size(max = 200) []> userRecords) {
        byte[] aggregate = KplFormat.aggregate(userRecords);

        assertThat(slices(aggregate))
                .containsExactlyElementsOf(
                        userRecords.stream().map(ByteBuffer::wrap).toList());
    }

    @Property(tries = 200)
    void neverFailsOnArbitraryBytes(@ForAll byte[] message) {
        byte[] framed = KplFormat.frame(message);

        assertThat(slices(framed)).isNotNull();
    }

    @Test
    void readsTheKeysOfEachUserRecord() {
        UserRecords records = AggregatedRecords.userRecords(ByteBuffer.wrap(aggregate()));

        assertThat(records.partitionKey(0)).isEqualTo("a");
        assertThat(records.explicitHashKey(0)).isNull();
        assertThat(records.partitionKey(1)).isEqualTo("b");
        assertThat(records.explicitHashKey(1)).isEqualTo("7");
    }

    @Test
    void unaggregatedRecordHasNoUserRecordKeys() {
        UserRecords records = AggregatedRecords.userRecords(ByteBuffer.wrap("one".getBytes(UTF_8)));

        assertThat(records.partitionKey(0)).isNull();
        assertThat(records.explicitHashKey(0)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1a09" + "0805" + "1007" + "1a036f6e65",
                "0a0161" + "120137" + "1a09" + "0801" + "1001" + "1a036f6e65", // one beyond the end
                "0a0161" + "120137" + "1a1b" + "08ffffffffffffffffff01" + "10ffffffffffffffffff01" + "1a036f6e65", // -1
            })
    void anIndexThatIsNotInItsTableIsNoKey(String message) {
        UserRecords records = AggregatedRecords.userRecords(
                ByteBuffer.wrap(KplFormat.frame(HexFormat.of().parseHex(message))));

        assertThat(records.partitionKey(0)).isNull();
        assertThat(records.explicitHashKey(0)).isNull();
    }

    @Test
    void writesTheFormatByteForByte() {
        byte[] record = AggregatedRecords.aggregate("a", "7", List.of("one".getBytes(UTF_8), "two".getBytes(UTF_8)));

        String message = "0a0161" + "120137" + "1a09080010001a036f6e65" + "1a09080010001a0374776f";
        assertThat(record).isEqualTo(KplFormat.frame(HexFormat.of().parseHex(message)));
    }

    @Test
    void writesTheFormatWithoutAnExplicitHashKeyByteForByte() {
        byte[] record = AggregatedRecords.aggregate("a", null, List.of("one".getBytes(UTF_8), new byte[0]));

        assertThat(record)
                .isEqualTo(KplFormat.frame(HexFormat.of().parseHex("0a0161" + "1a0708001a036f6e65" + "1a0408001a00")));
    }

    /** Lengths at which the number of bytes that hold the length changes, and more records than there is room for at first. */
    @Test
    void takesApartLongAndManyUserRecords() {
        List<byte[]> userRecords = IntStream.concat(
                        IntStream.of(
                                120, 121, 122, 123, 124, 125, 126, 127, 128, 16_376, 16_377, 16_378, 16_383, 16_384),
                        IntStream.generate(() -> 1).limit(200))
                .mapToObj(byte[]::new)
                .toList();

        byte[] record = AggregatedRecords.aggregate("p", null, userRecords);

        assertThat(record).isEqualTo(KplFormat.aggregate(userRecords));
        assertThat(slices(record))
                .containsExactlyElementsOf(
                        userRecords.stream().map(ByteBuffer::wrap).toList());
    }

    @Property(tries = 200)
    void deaggregatesWhatItAggregated(
            @ForAll String partitionKey,
            @ForAll @BigRange(min = "0", max = "340282366920938463463374607431768211455") @WithNull BigInteger hashKey,
            @ForAll @Size(max = 200) List<byte @Size(max = 300) []> userRecords) {
        String explicitHashKey = hashKey == null ? null : hashKey.toString();
        Assume.that(StandardCharsets.UTF_8.newEncoder().canEncode(partitionKey));

        byte[] record = AggregatedRecords.aggregate(partitionKey, explicitHashKey, userRecords);

        assertThat(slices(record))
                .containsExactlyElementsOf(
                        userRecords.stream().map(ByteBuffer::wrap).toList());
        UserRecords read = AggregatedRecords.userRecords(ByteBuffer.wrap(record));
        for (int i = 0; i < read.size(); i++) {
            assertThat(read.partitionKey(i)).isEqualTo(partitionKey);
            assertThat(read.explicitHashKey(i)).isEqualTo(explicitHashKey);
        }
    }

    private static byte[] aggregate() {
        return HexFormat.of().parseHex(AGGREGATE);
    }

    private static List<String> texts(byte[] record) {
        return texts(ByteBuffer.wrap(record));
    }

    private static List<String> texts(ByteBuffer record) {
        return slices(AggregatedRecords.userRecords(record)).stream()
                .map(userRecord -> UTF_8.decode(userRecord.duplicate()).toString())
                .toList();
    }

    private static List<ByteBuffer> slices(byte[] record) {
        return slices(AggregatedRecords.userRecords(ByteBuffer.wrap(record)));
    }

    private static List<ByteBuffer> slices(UserRecords records) {
        return IntStream.range(0, records.size())
                .mapToObj(index -> ByteBuffer.wrap(records.bytes(), records.offset(index), records.length(index)))
                .toList();
    }
}
