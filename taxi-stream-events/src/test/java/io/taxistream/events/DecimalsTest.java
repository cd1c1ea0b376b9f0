package io.taxistream.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalsTest {

    @Property(tries = 50_000)
    void writesWhatJacksonWrites(@ForAll("numbers") double number) {
        assertSame(number);
        assertSame(-number);
        assertSame(Math.nextUp(number));
        assertSame(Math.nextDown(number));
    }

    @ParameterizedTest
    @ValueSource(
            doubles = {
                0,
                0.001,
                0.0010000000000000002,
                0.009,
                0.01,
                0.5,
                1,
                2,
                4,
                8,
                16,
                32,
                64,
                9.995,
                89.99999999999999,
                90,
                99.99,
                100,
                180,
                9_999_999.99,
                1e7,
                2.63,
                -73.98265838623047,
                40.75000000000001,
                1e-3,
                1e-4,
                1e22,
                Double.MIN_VALUE,
                Double.MIN_NORMAL,
                Double.MAX_VALUE
            })
    void writesTheEndsOfItsRangeAsJacksonDoes(double number) {
        writesWhatJacksonWrites(number);
    }

    /**
     * Generates amounts, degrees as floats and as text with a given number of decimals, numbers of the usual range, and
     * arbitrary numbers.
     */
    @Provide
    Arbitrary<Double> numbers() {
        Arbitrary<Double> amounts =
                Arbitraries.longs().between(0, 1_000_000_000).map(cents -> cents / 100.0);
        Arbitrary<Double> floats =
                Arbitraries.longs().between(0, 1 << 30).map(i -> (double) (float) (i * 9e1 / (1 << 30)));
        Arbitrary<Double> texts = Arbitraries.integers()
                .between(0, 17)
                .flatMap(decimals -> Arbitraries.longs()
                        .between(0, (long) (90 * Math.pow(10, Math.min(decimals, 16))))
                        .map(units -> Double.parseDouble(units + "e-" + decimals)));
        Arbitrary<Double> degrees = Arbitraries.longs().map(bits -> (bits >>> 11) * 0x1p-53 * 90);
        Arbitrary<Double> any =
                Arbitraries.longs().map(Double::longBitsToDouble).filter(Double::isFinite);
        return Arbitraries.oneOf(amounts, floats, texts, degrees, any);
    }

    private static void assertSame(double number) {
        byte[] out = new byte[64];
        int end = Decimals.write(number, out, 3);
        if (Double.isFinite(number)) {
            assertThat(new String(out, 3, end - 3, StandardCharsets.US_ASCII))
                    .isEqualTo(NumberOutput.toString(number, true));
        }
    }
}
