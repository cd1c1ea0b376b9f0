package io.taxistream.eventtime.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.taxistream.eventtime.AggregatedRecords;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;

/**
 * What the tests write to a stream and read from it again: numbered records of {@value #KEYS} keys, each key with a hash
 * key of its own, and after each round a watermark to every open shard. Round {@code r} has the timestamps from {@code
 * (r - 1) * 1000 + 1} to {@code r * 1000}, which is also its watermark.
 */
final class Feed {

    static final int KEYS = 40;

    private final int firstKey;
    private final FakeKinesis stream;
    private final Random random;
    private final int[] written = new int[KEYS];
    private int rounds;

    Feed(FakeKinesis stream, long seed) {
        this(stream, seed, 0);
    }

    /** @param firstKey of {@link #KEYS} that no other feed of the job has */
    Feed(FakeKinesis stream, long seed, int firstKey) {
        this.firstKey = firstKey;
        this.stream = stream;
        this.random = new Random(seed);
    }

    /** Writes rounds of so many records each, some of them aggregated, then the watermark of each round. */
    void rounds(int count, int recordsPerRound) {
        for (int i = 0; i < count; i++) {
            records(recordsPerRound);
            watermark();
        }
    }

    void records(int count) {
        int left = count;
        while (left > 0) {
            int key = random.nextInt(KEYS);
            int inOne = Math.min(left, random.nextInt(4) == 0 ? 1 + random.nextInt(5) : 1);
            List<byte[]> userRecords = new ArrayList<>();
            for (int i = 0; i < inOne; i++) {
                long timestampMillis = rounds * 1000L + 1 + random.nextInt(1000);
                userRecords.add((firstKey + key + "," + ++written[key] + "," + timestampMillis).getBytes(UTF_8));
            }
            stream.put(
                    hashKeyOf(key),
                    inOne == 1 ? userRecords.get(0) : AggregatedRecords.aggregate("p", null, userRecords));
            left -= inOne;
        }
    }

    /** Ends the round. */
    void watermark() {
        rounds++;
        stream.putToAll(watermark(watermarkMillis()));
    }

    /** A record that says nothing but a watermark. */
    static byte[] watermark(long watermarkMillis) {
        return ("w," + watermarkMillis).getBytes(UTF_8);
    }

    /** The last watermark, in milliseconds since the epoch. */
    long watermarkMillis() {
        return rounds * 1000L;
    }

    /** By key, how many records were written with it. */
    Map<Integer, Integer> written() {
        Map<Integer, Integer> byKey = new HashMap<>();
        for (int key = 0; key < KEYS; key++) {
            if (written[key] > 0) {
                byKey.put(firstKey + key, written[key]);
            }
        }
        return byKey;
    }

    private static BigInteger hashKeyOf(int key) {
        return FakeKinesis.hashKey(2 * key + 1, 2 * KEYS);
    }

    /** Reads records as key and number. */
    static final class Deserializer implements RecordDeserializer<Tuple2<Integer, Long>> {

        @Override
        public void deserialize(byte[] bytes, int offset, int length, RecordOutput<Tuple2<Integer, Long>> output)
                throws IOException {
            String[] fields = new String(bytes, offset, length, UTF_8).split(",", -1);
            switch (fields.length) {
                case 2 -> output.watermark(Long.parseLong(fields[1]));
                case 3 ->
                    output.collect(
                            Tuple2.of(Integer.valueOf(fields[0]), Long.valueOf(fields[1])), Long.parseLong(fields[2]));
                default -> throw new IOException("it has " + fields.length + " fields; expected are 2 or 3");
            }
        }

        @Override
        public TypeInformation<Tuple2<Integer, Long>> getProducedType() {
            return Types.TUPLE(Types.INT, Types.LONG);
        }
    }
}
