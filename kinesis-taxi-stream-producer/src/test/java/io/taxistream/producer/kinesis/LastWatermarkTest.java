package io.taxistream.producer.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.events.TripEvent;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.producer.kinesis.FakeStream.FakeShard;
import io.taxistream.producer.replay.StreamFailedException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LastWatermarkTest {

    private final FakeTime time = new FakeTime();
    private final FakeStream stream = new FakeStream(time, new Random(1), 2);

    @Test
    void aStreamWithoutWatermarksHasNone() {
        stream.append(stream.open().get(0), trip(1));

        assertThat(find()).isEmpty();
    }

    @Test
    void theLargestOfTheLastOnesCounts() {
        stream.append(stream.open().get(0), new WatermarkEvent(1_000));
        stream.append(stream.open().get(1), new WatermarkEvent(1_000));
        stream.append(stream.open().get(0), new WatermarkEvent(2_000));
        stream.append(stream.open().get(1), trip(3_000));

        assertThat(find()).hasValue(2_000);
    }

    @Test
    void theParentsAnswerForAChildThatHasNone() {
        stream.append(stream.open().get(0), new WatermarkEvent(3_000));
        stream.append(stream.open().get(1), new WatermarkEvent(2_000));
        stream.split(stream.open().get(0));
        stream.append(stream.shards.get(3), new WatermarkEvent(2_500));
        stream.split(stream.shards.get(2));

        assertThat(find()).hasValue(3_000);
    }

    @Test
    void aReplayOfHoursThatEndedDaysAgoIsFoundWithFewCalls() {
        for (int second = 0; second < 6 * 3_600; second++) {
            time.sleep(1_000_000_000L);
            for (FakeShard shard : stream.open()) {
                stream.append(shard, trip(second));
                stream.append(shard, new WatermarkEvent(second));
            }
        }
        time.sleep(Duration.ofDays(3).toNanos());

        assertThat(find()).hasValue(6 * 3_600 - 1);
        assertThat(stream.reads).isLessThan(80);
    }

    @Test
    void callsThatFailAreMadeAgain() {
        stream.append(stream.open().get(0), new WatermarkEvent(1_000));
        stream.failurePercent = 60;

        assertThat(find()).hasValue(1_000);
    }

    @Test
    void aStreamThatCannotBeReadEndsTheSearch() {
        stream.outage = new IllegalStateException("InternalFailure: out of order");

        assertThatThrownBy(this::find)
                .isInstanceOf(StreamFailedException.class)
                .hasMessage("the last watermarks of stream trips were not found within 5 minutes"
                        + " (InternalFailure: out of order); say with -seek where to go on");

        stream.outage = new StreamFailedException("access denied");
        assertThatThrownBy(this::find).isSameAs(stream.outage);
    }

    private OptionalLong find() {
        return new LastWatermark(stream, "trips", time).find();
    }

    private static TripEvent trip(long eventTimeMillis) {
        return new TripEvent(1, eventTimeMillis, eventTimeMillis, 40.7, -73.9, 40.6, -73.8, 12.5);
    }
}
