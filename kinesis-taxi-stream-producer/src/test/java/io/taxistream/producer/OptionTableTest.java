package io.taxistream.producer;

import io.taxistream.commandline.OptionTable;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OptionTableTest {

    @Test
    void pageShowsTheDeclaredOptions() throws IOException {
        OptionTable.check(
                CommandLineArguments.parser(), "kinesis-taxi-stream-producer", Path.of("..", "docs", "producer.md"));
    }
}
