package io.taxistream.local.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.local.services.LocalPipelineException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunningPartsTest {

    private final RunningParts parts = new RunningParts();
    private final List<String> closed = new ArrayList<>();

    @Test
    void closesInReverseOrderAndOnce() throws LocalPipelineException {
        parts.add("first", () -> closed.add("first"));
        parts.add("second", () -> closed.add("second"));

        parts.close();
        parts.close();

        assertThat(closed).containsExactly("second", "first");
        assertThat(parts.isClosing()).isTrue();
        assertThat(parts.failures()).isEmpty();
    }

    @Test
    void orderIsThatOfTheReservedPlaces() throws LocalPipelineException {
        RunningParts.Place first = parts.reserve("first");
        parts.reserve("empty");
        RunningParts.Place second = parts.reserve("second");
        second.add(() -> closed.add("second"));
        first.add(() -> closed.add("first"));

        parts.close();

        assertThat(closed).containsExactly("second", "first");
    }

    @Test
    void failureToCloseIsReportedAndDoesNotAffectOthers() throws LocalPipelineException {
        parts.add("first", () -> closed.add("first"));
        parts.add("second", () -> {
            throw new IOException("stuck");
        });

        parts.close();

        assertThat(closed).containsExactly("first");
        assertThat(parts.failures()).containsExactly("second: stuck");
    }

    @Test
    void partStartedAfterCloseIsClosedImmediately() {
        parts.close();

        assertThatThrownBy(() -> parts.add("late", () -> closed.add("late")))
                .isInstanceOf(LocalPipelineException.class)
                .hasMessageContaining("late");
        assertThat(closed).containsExactly("late");
    }

    @Test
    void interruptDoesNotPreventClosing() throws LocalPipelineException {
        parts.add("first", () -> closed.add("first"));
        Thread.currentThread().interrupt();

        parts.close();

        assertThat(closed).containsExactly("first");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void errorInOnePartDoesNotAffectOthers() throws LocalPipelineException {
        parts.add("first", () -> closed.add("first"));
        parts.add("second", () -> {
            throw new NoClassDefFoundError("missing");
        });

        parts.close();

        assertThat(closed).containsExactly("first");
        assertThat(parts.failures()).containsExactly("second: missing");
    }
}
