package io.taxistream.producer.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
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
            // clocks go forward by half an hour
            ZoneId.of("Australia/Lord_Howe"));

    private final WallClockTimes newYork = new WallClockTimes(ZONES.get(0));

    @ParameterizedTest
    @CsvSource({
        "2015-07-01 12:00:00, 2015-07-01T16:00:00Z",
        "2015-12-01 12:00:00, 2015-12-01T17:00:00Z",
        // the repeated hour is read as the first
        "2015-11-01 00:59:59, 2015-11-01T04:59:59Z",
        "2015-11-01 01:00:00, 2015-11-01T05:00:00Z",
        "2015-11-01 01:59:59, 2015-11-01T05:59:59Z",
        "2015-11-01 02:00:00, 2015-11-01T07:00:00Z",
        // the skipped hour is moved forward
        "2015-03-08 01:59:59, 2015-03-08T06:59:59Z",
        "2015-03-08 02:30:00, 2015-03-08T07:30:00Z",
        "2015-03-08 03:00:00, 2015-03-08T07:00:00Z",
        "2015-12-01T12:00:00, 2015-12-01T17:00:00Z",
        "2015-12-01 12:00, 2015-12-01T17:00:00Z",
        "2015-12-01 12:00:00.25, 2015-12-01T17:00:00.250Z",
        "2015-12-01 12:00:00 +00:00, 2015-12-01T12:00:00Z",
        "2015-12-01T12:00:00-08:00, 2015-12-01T20:00:00Z",
        "2015-12-01T12:00:00Z, 2015-12-01T12:00:00Z",
        // written by Spark, pandas, Polars, DuckDB and BigQuery
        "2015-12-01 12:00:00.0, 2015-12-01T17:00:00Z",
        "2015-12-01 12:00:00.123456, 2015-12-01T17:00:00.123Z",
        "2015-12-01T12:00:00.123456789, 2015-12-01T17:00:00.123Z",
        "2015-12-01T12:00:00.000Z, 2015-12-01T12:00:00Z",
        "2015-12-01T12:00:00.000-05:00, 2015-12-01T17:00:00Z",
        "2015-12-01 12:00:00+00, 2015-12-01T12:00:00Z",
        "2015-12-01 12:00:00-0500, 2015-12-01T17:00:00Z",
        "2015-12-01 12:00:00 UTC, 2015-12-01T12:00:00Z",
        "2015/12/01 12:00:00, 2015-12-01T17:00:00Z",
        "2015-1-5 8:05, 2015-01-05T13:05:00Z",
        // written by the city's open-data site and by spreadsheets
        "03/25/2017 08:55:43 AM, 2017-03-25T12:55:43Z",
        "03/25/2017 8:55:43 AM, 2017-03-25T12:55:43Z",
        "03/25/2017 12:09:47 PM, 2017-03-25T16:09:47Z",
        "01/01/2019 12:00:05 AM, 2019-01-01T05:00:05Z",
        "01/02/2019 11:59:59 pm, 2019-01-03T04:59:59Z",
        "2019-01-01 12:00:05 AM, 2019-01-01T05:00:05Z",
        "3/25/2017 8:55, 2017-03-25T12:55:00Z",
        "3/25/2017 20:55:01, 2017-03-26T00:55:01Z"
    })
    void timesWithoutAnOffsetAreTheZonesOwn(String text, Instant expected) {
        assertThat(Instant.ofEpochMilli(newYork.parseMillis(text.toCharArray(), 0, text.length())))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2015-12-01",
                "",
                "2015-13-01 12:00:00",
                "2015-12-01 24:00:00",
                "9999-12-31 23:59:59",
                "12:00",
                "99-99-99",
                "01-02-03 12:00:00",
                "25/03/2017 08:55",
                "03/04/2017 08:55",
                "3/25/17 8:55",
                "25.03.2017 08:55",
                "02/30/2017 08:55:00 AM",
                "03/25/2017 13:55:43 PM",
                "03/25/2017 00:55:43 AM",
                "2015-12-01 12:00:60",
                "2015-12-01 12:00:00.",
                "2015-12-01 12:00:00 EST",
                "2015-12-01 12:00:00+25",
                "2015-12-01 12:00:00 x",
                "2015-12-01 1:2",
                "42339.5",
                "1448989200000",
                "20151201 120000"
            })
    void whatIsNoTimeOfTheCalendarIsRefused(String text) {
        assertThatThrownBy(() -> newYork.parseMillis(text.toCharArray(), 0, text.length()))
                .isInstanceOf(DateTimeException.class);
    }

    @Test
    void unambiguousDateDeterminesTheFieldOrder() {
        assertThatThrownBy(() -> newYork.parseMillis("3/4/2017 8:55".toCharArray(), 0, 13))
                .isInstanceOf(DateTimeException.class);
        newYork.parseMillis("3/25/2017 8:55".toCharArray(), 0, 14);

        assertThat(Instant.ofEpochMilli(newYork.parseMillis("3/4/2017 8:55".toCharArray(), 0, 13)))
                .isEqualTo("2017-03-04T13:55:00Z");
    }

    @Test
    void dayFirstDateRefutesTheFieldOrderOfAmAndPm() {
        String text = "03/04/2017 08:55:00 AM";
        assertThat(Instant.ofEpochMilli(newYork.parseMillis(text.toCharArray(), 0, text.length())))
                .isEqualTo("2017-03-04T13:55:00Z");

        for (String other : List.of("25/03/2017 08:55:00 AM", text, "25/03/2017 08:55:00 AM", "3/4/2017 8:55")) {
            assertThatThrownBy(() -> newYork.parseMillis(other.toCharArray(), 0, other.length()))
                    .isInstanceOf(DateTimeException.class);
        }
    }

    @Property
    void parsesEveryFormatToTheSameTime(@ForAll @LongRange(min = 0, max = 4_000_000_000L) long second) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
        for (String form :
                List.of("uuuu-MM-dd'T'HH:mm:ss", "uuuu/M/d H:mm:ss", "M/d/uuuu h:mm:ss a", "MM/dd/uuuu hh:mm:ss a")) {
            String text = DateTimeFormatter.ofPattern(form, Locale.US).format(time);
            assertThat(new WallClockTimes(ZoneOffset.UTC).parseMillis(text.toCharArray(), 0, text.length()))
                    .as(text)
                    .isEqualTo(second * 1_000);
        }
    }

    @Test
    void readsOnlyTheGivenRange() {
        assertThat(newYork.parseMillis("xx2015-12-01 12:00:00yy".toCharArray(), 2, 19))
                .isEqualTo(1_448_989_200_000L);
    }

    @Property
    void agreesWithJavaTimeInAnyOrder(
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
    void agreesWithJavaTimeOnClockChanges() {
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
