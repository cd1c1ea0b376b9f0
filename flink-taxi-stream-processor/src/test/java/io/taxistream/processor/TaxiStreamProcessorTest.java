package io.taxistream.processor;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.search.IndexTemplate;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("sets system properties")
class TaxiStreamProcessorTest {

    @Test
    void unsetOptionsAreLeftToTheCluster() throws Exception {
        assertThat(TaxiStreamProcessor.configuration(options(""), Platform.CLUSTER)
                        .toMap())
                .containsEntry("execution.checkpointing.interval", "1 min")
                .containsEntry("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION")
                .doesNotContainKeys(
                        "state.backend.type", "execution.checkpointing.dir", "execution.checkpointing.storage");
    }

    @Test
    void stateOptionsOverrideTheCluster() throws Exception {
        Map<String, String> configuration = TaxiStreamProcessor.configuration(
                        options("--state-backend rocksdb --checkpoint-dir s3://bucket/state"), Platform.CLUSTER)
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
    void discardsRejectedRecordsByDefault() throws Exception {
        assertThat(nodes("--rejected index"))
                .anyMatch(node -> node.getOperatorName().contains("late-trips"));
        assertThat(nodes("--rejected none"))
                .noneMatch(node -> node.getOperatorName().contains("late-trips"));
    }

    @Test
    void aRejectedRecordThatIsADateDoesNotMakeItsFieldADate() throws Exception {
        assertThat(TaxiStreamProcessor.indexTemplates(options("--es-index trips")))
                .filteredOn(template -> template.name().equals("trips-rejected-record"))
                .singleElement()
                .satisfies(template -> assertThat(template.json()).contains("\"date_detection\": false"));
        assertThat(TaxiStreamProcessor.indexTemplates(options("--es-index trips --rejected none")))
                .extracting(IndexTemplate::name)
                .containsExactly("trips-pickup-count", "trips-trip-duration");
    }

    @Test
    void addingAndRemovingAStreamKeepsTheStateOfTheFirst() throws Exception {
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
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(
                TaxiStreamProcessor.configuration(options, Platform.CLUSTER));
        TaxiStreamProcessor.build(env, options, Platform.CLUSTER);
        return List.copyOf(env.getStreamGraph().getStreamNodes());
    }

    private static ProcessorOptions options(String arguments) {
        String[] all = ("--region r --stream s " + arguments).strip().split(" ");
        return ProcessorCommand.parse(all).orElseThrow();
    }

    @Test
    void neitherJobNorConfigurationHoldsCredentials() throws Exception {
        System.setProperty("aws.accessKeyId", "key-of-the-machine");
        System.setProperty("aws.secretAccessKey", "secret-of-the-machine");
        try {
            ProcessorOptions options = options("--es-endpoint https://search --aws-external-id partner-7"
                    + " --aws-role arn:aws:iam::123456789012:role/reader");
            StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(
                    TaxiStreamProcessor.configuration(options, Platform.CLUSTER));
            TaxiStreamProcessor.build(env, options, Platform.CLUSTER);

            JobGraph job = env.getStreamGraph(false).getJobGraph();
            String shown = env.getExecutionPlan() + job.getJobConfiguration();
            String sent = new String(InstantiationUtil.serializeObject(job), StandardCharsets.ISO_8859_1);

            assertThat(shown).doesNotContain("key-of-the-machine", "secret-of-the-machine", "partner-7");
            assertThat(sent).contains("role/reader").doesNotContain("key-of-the-machine", "secret-of-the-machine");
        } finally {
            System.clearProperty("aws.accessKeyId");
            System.clearProperty("aws.secretAccessKey");
        }
    }
}
