package io.taxistream.local.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.status.ProducerProgress.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProducerProgressTest {

    @Test
    void readsTheProducersProgress() {
        String line =
                "progress sent=120 rate=60 event_time=2015-12-02T05:00:00Z lag=0.2 input=3% read=500 rejected=1 late=0";

        assertThat(ProducerProgress.parse(line))
                .contains(new ProducerProgress(
                        OptionalLong.of(120),
                        0.2,
                        OptionalLong.of(1),
                        OptionalLong.of(500),
                        Optional.of(Instant.parse("2015-12-02T05:00:00Z")),
                        OptionalLong.empty(),
                        Optional.empty()));
    }

    @Test
    void readsTheSummaryWithoutLag() {
        assertThat(ProducerProgress.parse("summary read=121 sent=120 rejected=1"))
                .contains(new ProducerProgress(
                        OptionalLong.of(120),
                        -1,
                        OptionalLong.of(1),
                        OptionalLong.of(121),
                        Optional.empty(),
                        OptionalLong.empty(),
                        Optional.empty()));
    }

    @Test
    void readsTheProgressOfSorting() {
        ProducerProgress progress = ProducerProgress.parse(
                        "progress sent=0 rate=0 phase=sorting lag=0.0 input=43% read=4812345 left=20 in_flight=0"
                                + " retried=0 rejected=5 late=0 nowhere=40")
                .orElseThrow();

        assertThat(progress.phase()).contains(new Phase("sorting", OptionalDouble.of(0.43), OptionalLong.of(20)));
        assertThat(progress.read()).hasValue(4_812_345);
        assertThat(progress.nowhere()).hasValue(40);
        assertThat(progress.total()).as("not known before all are read").isEmpty();
    }

    @Test
    void sortingMayHaveNoProgressYet() {
        ProducerProgress progress = ProducerProgress.parse("progress sent=0 rate=0 phase=sorting lag=0.0 rejected=0")
                .orElseThrow();

        assertThat(progress.phase()).contains(new Phase("sorting", OptionalDouble.empty(), OptionalLong.empty()));
    }

    @Test
    void unknownZonesAreNotExpectedToBeSent() {
        ProducerProgress progress = ProducerProgress.parse(
                        "progress sent=10 rate=10 phase=sending lag=0.0 input=100% read=1000 left=95 rejected=5 nowhere=40")
                .orElseThrow();

        assertThat(progress.total()).hasValue(955);
        assertThat(progress.phase()).isEmpty();
    }

    @Test
    void addsTheCountOfAnEarlierProcess() {
        ProducerProgress earlier =
                ProducerProgress.parse("progress sent=100 lag=3 rejected=1").orElseThrow();
        ProducerProgress later =
                ProducerProgress.parse("progress sent=20 lag=0.5 rejected=2").orElseThrow();

        assertThat(later.after(earlier))
                .isEqualTo(ProducerProgress.parse("progress sent=120 lag=0.5 rejected=2")
                        .orElseThrow());
        assertThat(later.after(ProducerProgress.NONE)).isEqualTo(later);
        assertThat(ProducerProgress.NONE.after(earlier)).isEqualTo(earlier);
    }

    @Test
    void resumedInputKeepsItsSize() {
        ProducerProgress earlier = ProducerProgress.parse("progress sent=600 lag=0 read=1000 rejected=10")
                .orElseThrow();
        ProducerProgress later = ProducerProgress.parse("progress sent=20 lag=0 read=500 rejected=10")
                .orElseThrow();

        assertThat(later.after(earlier).total()).hasValue(990);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "the stream is not there",
                "progress sent=many",
                "progress phase=sorting input=half",
                "in progress sent=1"
            })
    void ignoresOtherLines(String line) {
        assertThat(ProducerProgress.parse(line)).isEmpty();
    }

    @Test
    void reportsProgressBeforeTheFirstTripIsSent() {
        ProducerProgress sorting = ProducerProgress.parse("progress sent=0 phase=sorting done=43% read=4800000 left=20")
                .orElseThrow();
        ProducerProgress reading = ProducerProgress.parse("progress sent=0 lag=0.0 input=7% read=50000")
                .orElseThrow();
        ProducerProgress sending = ProducerProgress.parse(
                        "progress sent=10 event_time=2016-01-01T05:00:00Z input=100% read=50000")
                .orElseThrow();

        assertThat(sorting.phase().orElseThrow()).hasToString("sorting 43 %");
        assertThat(sorting.phase().orElseThrow().secondsLeft()).hasValue(20);
        assertThat(reading.phase().orElseThrow()).hasToString("reading 7 %");
        assertThat(sending.phase()).isEmpty();
    }

    @Test
    void sentIsAtLeastTheNumberRead() {
        ProducerProgress progress =
                ProducerProgress.parse("progress sent=100 read=150 rejected=10").orElseThrow();

        assertThat(progress.withSentAtLeast(120).sent()).hasValue(120);
        assertThat(progress.withSentAtLeast(90).sent()).hasValue(100);
        assertThat(progress.withSentAtLeast(1_000).sent())
                .as("no more than there are")
                .hasValue(140);
    }

    @Test
    void tripsSentTwiceCountOnce() {
        ProducerProgress killed =
                ProducerProgress.parse("progress sent=100 read=150").orElseThrow();
        ProducerProgress resumed =
                ProducerProgress.parse("summary sent=60 read=150 rejected=0").orElseThrow();

        assertThat(resumed.after(killed).sent()).hasValue(150);
    }

    @Test
    void sumsTheProgressOfSeveralProducers() {
        ProducerProgress first = ProducerProgress.parse(
                        "progress sent=100 event_time=2015-12-02T05:00:00Z lag=0.5 read=400 rejected=3 nowhere=7")
                .orElseThrow();
        ProducerProgress second = ProducerProgress.parse(
                        "progress sent=80 event_time=2015-12-02T04:50:00Z lag=0.1 read=390 rejected=2 nowhere=7")
                .orElseThrow();

        ProducerProgress both = ProducerProgress.ofAllParts(List.of(first, ProducerProgress.NONE, second));

        assertThat(both.sent()).hasValue(180);
        assertThat(both.total()).hasValue(390);
        assertThat(both.lagSeconds()).isEqualTo(0.5);
        assertThat(both.rejected()).hasValue(3);
        assertThat(both.eventTime()).contains(Instant.parse("2015-12-02T05:00:00Z"));
        assertThat(both.phase()).isEmpty();
    }

    @Test
    void sortingEndsWhenTheFirstProducerSends() {
        ProducerProgress sorting = ProducerProgress.parse("progress sent=0 phase=sorting input=43% read=200")
                .orElseThrow();
        ProducerProgress sending = ProducerProgress.parse(
                        "progress sent=1 event_time=2015-12-02T04:50:00Z phase=sending input=100% read=400")
                .orElseThrow();

        assertThat(ProducerProgress.ofAllParts(List.of(sorting, sorting)).phase())
                .isPresent();
        assertThat(ProducerProgress.ofAllParts(List.of(sorting, sending)).phase())
                .isEmpty();
        assertThat(ProducerProgress.ofAllParts(List.of(ProducerProgress.NONE, ProducerProgress.NONE)))
                .isEqualTo(ProducerProgress.NONE);
    }
}
