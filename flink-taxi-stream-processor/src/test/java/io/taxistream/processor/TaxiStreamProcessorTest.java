package io.taxistream.processor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;

class TaxiStreamProcessorTest {

    @Test
    void leavesToTheClusterWhatItIsNotTold() throws Exception {
        assertThat(TaxiStreamProcessor.configuration(options("")).toMap())
                .containsEntry("execution.checkpointing.interval", "1 min")
                .containsEntry("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION")
                .doesNotContainKeys(
                        "state.backend.type", "execution.checkpointing.dir", "execution.checkpointing.storage");
    }

    @Test
    void keepsStateWhereItIsTold() throws Exception {
        Map<String, String> configuration = TaxiStreamProcessor.configuration(
                        options("--state-backend rocksdb --checkpoint-dir s3://bucket/state"))
                .toMap();

        assertThat(configuration)
                .containsEntry("state.backend.type", "rocksdb")
                .containsEntry("execution.checkpointing.incremental", "true")
                .containsEntry("execution.checkpointing.storage", "filesystem")
                .containsEntry("execution.checkpointing.dir", "s3://bucket/state");
    }

    @Test
    void everyOperatorHasAUidThatSurvivesAnUpgrade() throws Exception {
        for (String rejected : List.of("index", "none", "file:///rejected")) {
            assertThat(nodes("--rejected " + rejected))
                    .isNotEmpty()
                    .allSatisfy(node -> assertThat(node.getTransformationUID())
                            .as(node.getOperatorName())
                            .isNotNull());
        }
    }

    @Test
    void rejectedRecordsGoNowhereWhenNobodyWantsThem() throws Exception {
        assertThat(nodes("--rejected index"))
                .anyMatch(node -> node.getOperatorName().contains("late-trips"));
        assertThat(nodes("--rejected none"))
                .noneMatch(node -> node.getOperatorName().contains("late-trips"));
    }

    @Test
    void furtherStreamsComeAndGoWithoutTheStateOfTheFirst() throws Exception {
        assertThat(sources("")).containsExactly("read-stream");
        assertThat(sources("--stream t,u")).containsExactlyInAnyOrder("read-stream", "read-stream t", "read-stream u");
    }

    private static List<String> sources(String arguments) throws Exception {
        return nodes(arguments).stream()
                .filter(node -> node.getInEdges().isEmpty())
                .map(StreamNode::getTransformationUID)
                .toList();
    }

    private static List<StreamNode> nodes(String arguments) throws Exception {
        ProcessorOptions options = options(arguments);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(TaxiStreamProcessor.configuration(options));
        TaxiStreamProcessor.build(env, options);
        return List.copyOf(env.getStreamGraph().getStreamNodes());
    }

    private static ProcessorOptions options(String arguments) {
        String[] all = ("--region r --stream s " + arguments).strip().split(" ");
        return ProcessorCommand.parse(all).orElseThrow();
    }
}
