package io.taxistream.processor;

import io.taxistream.commandline.OptionTable;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OptionTableTest {

    @Test
    void pageShowsTheDeclaredOptions() throws IOException {
        OptionTable.check(
                new ProcessorCommand().parser(), "flink-taxi-stream-processor", Path.of("..", "docs", "processor.md"));
    }
}
