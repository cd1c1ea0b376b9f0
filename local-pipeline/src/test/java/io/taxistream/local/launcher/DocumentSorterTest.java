package io.taxistream.local.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.launcher.DocumentSorter.Document;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DocumentSorterTest {

    @Property(tries = 100)
    void sortsDocumentsForAnyRunLength(
            @ForAll Set<Integer> numbers, @ForAll @IntRange(min = 1, max = 200) int runLength) throws IOException {
        List<Document> documents = numbers.stream()
                .map(number -> new Document("\u00e9-" + number, "{\"number\":" + number + "}"))
                .toList();

        List<Document> sorted = new ArrayList<>();
        try (DocumentSorter sorter = new DocumentSorter(runLength)) {
            for (Document document : documents) {
                sorter.add(document.id(), document.source());
            }
            sorter.forEach(sorted::add);
        }

        assertThat(sorted)
                .containsExactlyElementsOf(documents.stream()
                        .sorted(Comparator.comparing(Document::id))
                        .toList());
    }

    @Test
    void spillsBeyondTheRunLength() throws IOException {
        try (DocumentSorter sorter = new DocumentSorter(1_000)) {
            for (int number : IntStream.range(0, 100).toArray()) {
                sorter.add("id-" + number, "x".repeat(100));
            }

            assertThat(sorter.runs()).isBetween(9, 11);
        }
    }
}
