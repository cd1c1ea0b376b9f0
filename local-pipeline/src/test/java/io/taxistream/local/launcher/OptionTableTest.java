package io.taxistream.local.launcher;

import io.taxistream.commandline.OptionTable;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OptionTableTest {

    @Test
    void pageShowsTheDeclaredOptions() throws IOException {
        OptionTable.check(LocalOptions.parser(), "local-pipeline", Path.of("..", "docs", "run-local.md"));
    }
}
