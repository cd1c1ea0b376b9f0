package io.taxistream.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DateTimesTest {

    // the years 0 to 9999
    private static final long MIN = -62_167_219_200_000L;
    private static final long MAX = 253_402_300_799_999L;

    @Property
    void writesWhatJavaTimeWrites(@ForAll @LongRange(min = MIN, max = MAX) long millis) {
        char[] text = new char[DateTimes.MAX_UTC_LENGTH];

        int length = DateTimes.writeUtc(millis, text);

        assertThat(new String(text, 0, length))
                .isEqualTo(Instant.ofEpochMilli(millis).toString());
    }

    @Property
    void readsWhatJavaTimeReads(@ForAll @LongRange(min = MIN, max = MAX) long millis) {
        String text = Instant.ofEpochMilli(millis).toString();

        assertThat(DateTimes.parseInstantMillis(text.toCharArray(), 0, text.length()))
                .isEqualTo(millis);
    }

    @Property
    void readsWallClockTimes(@ForAll @LongRange(min = MIN / 1000, max = MAX / 1000) long seconds) {
        LocalDateTime local = LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC);
        String text = "<" + DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").format(local) + ">";

        assertThat(DateTimes.parseLocalSeconds(text.toCharArray(), 1)).isEqualTo(seconds);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2015-13-01 00:00:00",
                "2015-00-01 00:00:00",
                "2015-02-29 00:00:00",
                "1900-02-29 00:00:00",
                "2015-04-31 00:00:00",
                "2015-01-00 00:00:00",
                "2015-01-01 24:00:00",
                "2015-01-01 00:60:00",
                "2015-01-01 00:00:60",
                "2015/01/01 00:00:00",
                "2015-01-01 00.00.00",
                "2015-01-01 0a:00:00",
                "            -  :  :"
            })
    void rejectsInvalidTimes(String text) {
        assertThatThrownBy(() -> DateTimes.parseLocalSeconds(text.toCharArray(), 0))
                .isInstanceOf(DateTimeException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "+999999999-12-31T23:59:59.999999999-18:00",
                "-999999999-01-01T00:00:00+18:00",
                "+999999-12-31T00:00Z",
                "+10000-01-01T00:00:00Z",
                "9999-12-31T23:59:59-00:01",
                "-0001-12-31T23:59:59.999Z",
                "0000-01-01T00:00:00+00:01"
            })
    void rejectsInstantsOutsideTheYears0To9999(String text) {
        assertThatThrownBy(() -> DateTimes.parseInstantMillis(text.toCharArray(), 0, text.length()))
                .isInstanceOf(DateTimeException.class)
                .hasMessageContaining("0 to 9999");
    }

    @Test
    void readsTheFirstAndTheLastInstant() {
        String first = "0000-01-01T01:00:00.0000001+01:00";
        String last = "9999-12-31T23:59:59.9999999+00:00";

        assertThat(DateTimes.parseInstantMillis(first.toCharArray(), 0, first.length()))
                .isEqualTo(MIN);
        assertThat(DateTimes.parseInstantMillis(last.toCharArray(), 0, last.length()))
                .isEqualTo(MAX);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2016-02-29 23:59:59", "2000-02-29 00:00:00"})
    void acceptsLeapDays(String text) {
        LocalDateTime expected = LocalDateTime.parse(text.replace(' ', 'T'));

        assertThat(DateTimes.parseLocalSeconds(text.toCharArray(), 0))
                .isEqualTo(expected.toEpochSecond(ZoneOffset.UTC));
    }
}
