package io.taxistream.local.status;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FailedCheckpointsTest {

    private final FailedCheckpoints failed = new FailedCheckpoints();

    @Test
    void countsFailuresWhileAllTasksRun() {
        assertThat(failed.update("a", 0, false)).isZero();
        assertThat(failed.update("a", 1, false)).isEqualTo(1);
        assertThat(failed.update("a", 1, false)).isEqualTo(1);
        assertThat(failed.update("a", 3, false)).isEqualTo(3);
    }

    @Test
    void leavesOutThoseThatWereDueWhileTasksStarted() {
        assertThat(failed.update("a", 1, true)).isZero();
        assertThat(failed.update("a", 2, false)).isZero();
        assertThat(failed.update("a", 3, false)).isEqualTo(1);
        assertThat(failed.update("a", 4, true)).isEqualTo(1);
        assertThat(failed.update("a", 5, false)).isEqualTo(1);
        assertThat(failed.update("a", 6, false)).isEqualTo(2);
    }

    @Test
    void countsARestoredJobFromZero() {
        failed.update("a", 0, false);
        assertThat(failed.update("a", 2, false)).isEqualTo(2);
        assertThat(failed.update("b", 1, false)).isZero();
        assertThat(failed.update("b", 2, false)).isEqualTo(1);
    }
}
