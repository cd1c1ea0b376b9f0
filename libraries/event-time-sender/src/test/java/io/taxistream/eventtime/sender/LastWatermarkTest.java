package io.taxistream.eventtime.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.WatermarkRecord;
import io.taxistream.eventtime.sender.FakeStream.FakeShard;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LastWatermarkTest {

    private final FakeTime time = new FakeTime();
    private final FakeStream stream = new FakeStream(time, new Random(1), 2);

    @Test
    void streamWithoutWatermarksHasNone() {
        stream.append(stream.open().get(0), event(1));

        assertThat(find()).isEmpty();
    }

    @Test
    void returnsTheGreatestOfTheLastWatermarks() {
        stream.append(stream.open().get(0), WatermarkRecord.of(1_000));
        stream.append(stream.open().get(1), WatermarkRecord.of(1_000));
        stream.append(stream.open().get(0), WatermarkRecord.of(2_000));
        stream.append(stream.open().get(1), event(3_000));

        assertThat(find()).hasValue(2_000);
    }

    @Test
    void fallsBackToTheParentsOfAnEmptyShard() {
        stream.append(stream.open().get(0), WatermarkRecord.of(3_000));
        stream.append(stream.open().get(1), WatermarkRecord.of(2_000));
        stream.split(stream.open().get(0));
        stream.append(stream.shards.get(3), WatermarkRecord.of(2_500));
        stream.split(stream.shards.get(2));

        assertThat(find()).hasValue(3_000);
    }

    @Test
    void findsAnOldReplayWithFewCalls() {
        for (int second = 0; second < 6 * 3_600; second++) {
            time.sleep(1_000_000_000L);
            for (FakeShard shard : stream.open()) {
                stream.append(shard, event(second));
                stream.append(shard, WatermarkRecord.of(second));
            }
        }
        time.sleep(Duration.ofDays(3).toNanos());

        assertThat(find()).hasValue(6 * 3_600 - 1);
        assertThat(stream.reads).isLessThan(80);
    }

    @Test
    void retriesFailedCalls() {
        stream.append(stream.open().get(0), WatermarkRecord.of(1_000));
        stream.failurePercent = 60;

        assertThat(find()).hasValue(1_000);
    }

    @Test
    void failsWhenTheStreamCannotBeRead() {
        stream.outage = new IllegalStateException("InternalFailure: out of order");

        assertThatThrownBy(this::find)
                .isInstanceOf(SenderFailedException.class)
                .hasMessage("the last watermarks of stream readings were not found within 5 minutes"
                        + " (InternalFailure: out of order)");

        stream.outage = new SenderFailedException("access denied");
        assertThatThrownBy(this::find).isSameAs(stream.outage);
    }

    @Test
    void ignoresWatermarksOfOtherParts() {
        stream.append(stream.open().get(0), WatermarkRecord.of(1_000, new Part(1, 2)));
        stream.append(stream.open().get(0), WatermarkRecord.of(5_000, new Part(2, 2)));
        stream.append(stream.open().get(1), new WatermarkRecord(2_000, new Part(1, 2), true));
        stream.append(stream.open().get(1), WatermarkRecord.of(9_000));

        assertThat(find(new Part(1, 2))).hasValue(2_000);
        assertThat(find(new Part(2, 2))).hasValue(5_000);
        assertThat(find(new Part(1, 3))).isEmpty();
    }

    @Test
    void ignoresAWatermarkInTheFuture() {
        long stray = Instant.parse("9999-12-31T23:59:59Z").toEpochMilli();
        stream.append(stream.open().get(0), WatermarkRecord.of(1_000));
        stream.append(stream.open().get(0), WatermarkRecord.of(2_000));
        stream.append(stream.open().get(1), WatermarkRecord.of(1_000));
        stream.append(stream.open().get(0), WatermarkRecord.of(stray));
        stream.append(stream.open().get(1), WatermarkRecord.of(stray));

        assertThat(find()).hasValue(2_000);
    }

    @Test
    void usesFutureWatermarksIfThereAreNoOthers() {
        long future = time.millis() + Duration.ofDays(1).toMillis();
        stream.append(stream.open().get(0), WatermarkRecord.of(future));
        stream.append(stream.open().get(1), WatermarkRecord.of(future + 1));

        assertThat(find()).hasValue(future + 1);
    }

    @Test
    void readsEachEmptyAncestorOnce() {
        stream.append(stream.open().get(0), WatermarkRecord.of(1_000));
        for (int generation = 0; generation < 40; generation++) {
            stream.split(stream.open().get(0));
            int last = stream.open().size();
            stream.merge(stream.open().get(last - 2), stream.open().get(last - 1));
        }

        assertThat(find()).hasValue(1_000);
        assertThat(stream.reads).isLessThan(100 * stream.shards.size());
    }

    private OptionalLong find() {
        return find(Part.ONLY);
    }

    private OptionalLong find(Part part) {
        return new LastWatermark(stream, "readings", part, time).find();
    }

    private static SampleEvent event(long timeMillis) {
        return new SampleEvent("e", timeMillis);
    }
}
