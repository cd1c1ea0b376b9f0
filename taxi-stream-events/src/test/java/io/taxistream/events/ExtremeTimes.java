package io.taxistream.events;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Times at and beyond the limits of {@code java.time}, of milliseconds in a long, and of the wire format. */
final class ExtremeTimes {

    private ExtremeTimes() {}

    /** Returns texts that are nearly all valid for {@code java.time}, most of them outside the years 0 to 9999. */
    static Arbitrary<String> texts() {
        Arbitrary<String> years = Arbitraries.oneOf(
                Arbitraries.of(
                        "-999999999",
                        "-292275055",
                        "-292275054",
                        "-999999",
                        "-0001",
                        "0000",
                        "2016",
                        "+002016",
                        "9999",
                        "+10000",
                        "+999999",
                        "+292278993",
                        "+292278994",
                        "+999999999",
                        "+1000000000"),
                Arbitraries.integers().between(-999_999_999, 999_999_999).map("%+05d"::formatted));
        Arbitrary<String> dates = Arbitraries.of("-01-01", "-12-31", "-02-29");
        Arbitrary<String> times = Arbitraries.of(
                "T00:00", "T00:00:00", "t05:12:30", "T23:59:59", "T23:59:59.999", "T23:59:59.999999999", " 00:00:00");
        Arbitrary<String> offsets = Arbitraries.of("Z", "z", "+00:00", "+18:00", "-18:00", "+18:01", "");
        return Combinators.combine(years, dates, times, offsets)
                .as((year, date, time, offset) -> year + date + time + offset);
    }
}
