package io.taxistream.producer.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeFormatTest {

    private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "iso | 2016-01-01T05:12:30Z | 2016-01-01T05:12:30Z",
                "iso | 2016-01-01T05:12:30.999Z | 2016-01-01T05:12:30.999Z",
                "iso | 2016-01-01T05:12:30.9999999+01:00 | 2016-01-01T04:12:30.999Z",
                "iso | 2016-01-01 00:12:30 | 2016-01-01T05:12:30Z",
                "iso | 2016-07-01 00:12:30.5 | 2016-07-01T04:12:30.500Z",
                "iso | 01/02/2016 08:55:43 AM | 2016-01-02T13:55:43Z",
                // the repeated hour is read as the first, the skipped hour is moved forward by an hour
                "iso | 2015-11-01 01:30:00 | 2015-11-01T05:30:00Z",
                "iso | 2015-03-08 02:30:00 | 2015-03-08T07:30:00Z",
                "seconds | 1451624350 | 2016-01-01T04:59:10Z",
                "seconds | 1451624350.1239 | 2016-01-01T04:59:10.123Z",
                "seconds | 1.45162435e9 | 2016-01-01T04:59:10Z",
                "seconds | -1.5 | 1969-12-31T23:59:58.500Z",
                "millis | 1451624350123 | 2016-01-01T04:59:10.123Z",
                "micros | 1451624350123999 | 2016-01-01T04:59:10.123Z",
                "nanos | 1451624350123999999 | 2016-01-01T04:59:10.123Z",
                "dd/MMM/yyyy:HH:mm:ss Z | 01/Jan/2016:05:12:30 +0100 | 2016-01-01T04:12:30Z",
                "M/d/yyyy H:mm | 3/4/2016 8:55 | 2016-03-04T13:55:00Z",
            })
    void readsATime(String format, String text, Instant time) {
        assertThat(TimeFormat.of(format, NEW_YORK).millis(text)).isEqualTo(time.toEpochMilli());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "iso | 1451624350 | seconds, millis or micros",
                "iso | 3/4/2016 8:55 | -timeFormat",
                "iso | 2016-02-30T00:00:00Z | such as",
                "seconds | 2016-01-01T05:12:30Z | a number of seconds",
                "seconds | 1451624350123456 | a number of seconds",
                "seconds | 1e999999999 | a number of seconds",
                "seconds | '' | a number of seconds",
                "millis | 99999999999999999999 | a number of millis",
                "M/d/yyyy H:mm | 2016-01-01 | M/d/yyyy H:mm",
                "iso | +999999999-12-31T23:59:59Z | such as",
                "u-MM-dd HH:mm | 999999999-12-31 23:59 | in the years 0 to 9999",
                "u-MM-dd HH:mm | -999999999-01-01 00:00 | in the years 0 to 9999",
                "u-MM-dd HH:mmX | 999999999-12-31 23:59Z | in the years 0 to 9999",
                "u-MM-dd HH:mmX | -1-01-01 00:00Z | in the years 0 to 9999",
            })
    void rejectsAnInvalidTimeAndNamesTheFormat(String name, String text, String accepted) {
        TimeFormat format = TimeFormat.of(name, NEW_YORK);

        assertThatThrownBy(() -> format.millis(text)).isInstanceOfAny(DateTimeException.class);
        assertThat(format.accepted(text)).contains(accepted);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"iso | 2016-01-01 00:12:30", "M/d/yyyy H:mm | 3/4/2016 8:55"})
    void localTimeRequiresATimeZone(String name, String text) {
        TimeFormat format = TimeFormat.of(name, null);

        assertThatThrownBy(() -> format.millis(text)).isInstanceOf(DateTimeException.class);
        assertThat(format.accepted(text)).contains("-timezone");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "iso | 2016-01-01T05:12:30Z | 86400000 | 2016-01-02T05:12:30Z",
                "iso | 2016-01-01T05:12:30Z | 86400001 | 2016-01-02T05:12:30.001Z",
                "iso | 2016-01-01 05:12:30+01:00 | 1000 | 2016-01-01 05:12:31+01:00",
                "iso | 2016-01-01 05:12:30 | 1000 | 2016-01-01 05:12:31",
                // across a clock change, shifted by elapsed time
                "iso | 2015-03-08T01:59:59 | 1000 | 2015-03-08T03:00:00",
                "seconds | 1451624350 | 5000 | 1451624355",
                "seconds | 1451624350.25 | 5000 | 1451624355.250",
                "millis | 1451624350123 | -1 | 1451624350122",
                "micros | 1451624350123999 | 1 | 1451624350124999",
                "dd/MMM/yyyy:HH:mm:ss Z | 01/Jan/2016:05:12:30 +0100 | 1000 | 01/Jan/2016:05:12:31 +0100",
                "M/d/yyyy H:mm | 3/4/2016 8:55 | 60000 | 3/4/2016 8:56",
            })
    void writesAShiftedTimeInTheSameFormat(String name, String text, long byMillis, String shifted) {
        TimeFormat format = TimeFormat.of(name, NEW_YORK);

        assertThat(format.shifted(text, byMillis)).isEqualTo(shifted);
        assertThat(format.millis(shifted)).isEqualTo(format.millis(text) + byMillis);
        assertThat(byMillis % format.unitMillis()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sekunden", "yyyy-MM-dd", "HH:mm:ss", "yyyy-MM-dd HH", ""})
    void formatMustContainDateAndTime(String name) {
        assertThatThrownBy(() -> TimeFormat.of(name, NEW_YORK)).isInstanceOf(IllegalArgumentException.class);
    }
}
