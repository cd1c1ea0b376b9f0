package io.taxistream.producer.trips;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WallClockTimesTest {

    private static final DateTimeFormatter TLC = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");
    private static final List<ZoneId> ZONES = List.of(
            ZoneId.of("America/New_York"),
            ZoneOffset.UTC,
            ZoneId.of("Europe/Berlin"),
            // goes forward by half an hour
            ZoneId.of("Australia/Lord_Howe"));

    private final WallClockTimes newYork = new WallClockTimes(ZONES.get(0));

    @ParameterizedTest
    @CsvSource({
        "2015-07-01 12:00:00, 2015-07-01T16:00:00Z",
        "2015-12-01 12:00:00, 2015-12-01T17:00:00Z",
        // the hour that occurs twice is read as its first
        "2015-11-01 00:59:59, 2015-11-01T04:59:59Z",
        "2015-11-01 01:00:00, 2015-11-01T05:00:00Z",
        "2015-11-01 01:59:59, 2015-11-01T05:59:59Z",
        "2015-11-01 02:00:00, 2015-11-01T07:00:00Z",
        // the hour that does not occur is read as one later
        "2015-03-08 01:59:59, 2015-03-08T06:59:59Z",
        "2015-03-08 02:30:00, 2015-03-08T07:30:00Z",
        "2015-03-08 03:00:00, 2015-03-08T07:00:00Z",
        "2015-12-01T12:00:00, 2015-12-01T17:00:00Z",
        "2015-12-01 12:00, 2015-12-01T17:00:00Z",
        "2015-12-01 12:00:00.25, 2015-12-01T17:00:00.250Z",
        "2015-12-01 12:00:00 +00:00, 2015-12-01T12:00:00Z",
        "2015-12-01T12:00:00-08:00, 2015-12-01T20:00:00Z",
        "2015-12-01T12:00:00Z, 2015-12-01T12:00:00Z"
    })
    void timesWithoutAnOffsetAreTheZonesOwn(String text, Instant expected) {
        assertThat(Instant.ofEpochMilli(newYork.parseMillis(text.toCharArray(), 0, text.length())))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"2015-12-01", "", "2015-13-01 12:00:00", "2015-12-01 24:00:00", "9999-12-31 23:59:59", "12:00"})
    void whatIsNoTimeOfTheCalendarIsRefused(String text) {
        assertThatThrownBy(() -> newYork.parseMillis(text.toCharArray(), 0, text.length()))
                .isInstanceOf(DateTimeException.class);
    }

    @Test
    void readsOnlyTheGivenRange() {
        assertThat(newYork.parseMillis("xx2015-12-01 12:00:00yy".toCharArray(), 2, 19))
                .isEqualTo(1_448_989_200_000L);
    }

    @Property
    void agreesWithJavaTimeInWhateverOrderTimesCome(
            @ForAll @IntRange(max = 3) int zoneIndex,
            @ForAll @Size(max = 50) List<@LongRange(min = 1_200_000_000L, max = 1_600_000_000L) Long> seconds) {
        ZoneId zone = ZONES.get(zoneIndex);
        var times = new WallClockTimes(zone);
        for (long second : seconds) {
            LocalDateTime local = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
            assertThat(times.parseMillis(TLC.format(local).toCharArray(), 0, 19))
                    .isEqualTo(local.atZone(zone).toInstant().toEpochMilli());
        }
    }

    @Test
    void agreesWithJavaTimeThroughoutTheDaysOnWhichClocksChange() {
        for (ZoneId zone : ZONES) {
            var times = new WallClockTimes(zone);
            for (String day :
                    List.of("2015-03-08", "2015-11-01", "2015-03-29", "2015-10-25", "2015-04-05", "2015-10-04")) {
                LocalDateTime local = LocalDateTime.parse(day + "T00:00:00");
                for (int minute = 0; minute < 24 * 60; minute += 5) {
                    LocalDateTime each = local.plusMinutes(minute);
                    assertThat(times.parseMillis(TLC.format(each).toCharArray(), 0, 19))
                            .as("%s in %s", each, zone)
                            .isEqualTo(each.atZone(zone).toInstant().toEpochMilli());
                }
            }
        }
    }
}
