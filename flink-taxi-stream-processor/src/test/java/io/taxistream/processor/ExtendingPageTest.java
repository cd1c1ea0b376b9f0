package io.taxistream.processor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.taxistream.processor.trips.DropoffTakings.CellTakings;
import io.taxistream.processor.trips.DropoffTakings.Sum;
import io.taxistream.search.IndexTemplate;
import io.taxistream.search.SearchDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Tests that the code in docs/extending.md matches {@link DropoffTakingsTest} and the test of the local page, which
 * compile and run.
 */
class ExtendingPageTest {

    private static final Path PAGE = Path.of("..", "docs", "extending.md");
    private static final List<Path> SOURCES = List.of(
            Path.of("src", "test", "java", "io", "taxistream", "processor"),
            Path.of("..", "local-pipeline", "src", "test", "java", "io", "taxistream", "local", "launcher"));

    /** A code block, and the comment before it that names the file and region it shows. */
    private static final Pattern BLOCK =
            Pattern.compile("(?:<!-- (\\S+)#(\\w+) -->\n)?```(\\w+)\n(.*?)```", Pattern.DOTALL);

    @TestFactory
    Stream<DynamicTest> everyJavaBlockIsPartOfTheExample() throws IOException {
        List<MatchResult> blocks = blocks("java");
        assertThat(blocks).hasSize(5);
        return blocks.stream()
                .map(block -> DynamicTest.dynamicTest(
                        block.group(1) + "#" + block.group(2),
                        () -> assertThat(block.group(4)).isEqualTo(region(block.group(1), block.group(2)))));
    }

    @Test
    void indexTemplateMapsEveryFieldOfTheDocument() throws IOException {
        String json = "{" + blocks("json").get(0).group(4) + "}";
        JsonNode properties = new ObjectMapper().readTree(json).at("/dropoff-takings/template/mappings/properties");
        SearchDocument document =
                new DropoffTakingsDocuments("taxi-dashboard").of(new CellTakings(599_999, "dr5ru7", 19.4));

        assertThat(IndexTemplate.readAll("taxi-dashboard", json))
                .extracting(IndexTemplate::name)
                .containsExactly(document.index());
        assertThat(fieldNames(properties)).isEqualTo(fieldNames(new ObjectMapper().readTree(document.source())));
    }

    @Test
    void exampleNeedsNoKryo() {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(CellTakings.class);
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(Sum.class);
    }

    private static List<String> fieldNames(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    private static List<MatchResult> blocks(String language) throws IOException {
        return BLOCK.matcher(Files.readString(PAGE))
                .results()
                .filter(block -> block.group(3).equals(language))
                .toList();
    }

    /** Returns the lines between the tags of a region, with their indentation removed. */
    private static String region(String file, String name) throws IOException {
        Path source = SOURCES.stream()
                .map(folder -> folder.resolve(file))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no such test: " + file));
        List<String> lines = Files.readString(source).lines().toList();
        int from = indexOf(lines, "// tag::" + name + "[]");
        int to = indexOf(lines, "// end::" + name + "[]");
        return String.join("\n", lines.subList(from + 1, to)).stripIndent() + "\n";
    }

    private static int indexOf(List<String> lines, String tag) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().equals(tag)) {
                found.add(i);
            }
        }
        assertThat(found).as(tag).hasSize(1);
        return found.get(0);
    }
}
