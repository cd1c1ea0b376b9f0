package io.taxistream.processor;

import static io.taxistream.processor.ResultDocuments.object;

import io.taxistream.processor.trips.DropoffTakings.CellTakings;
import io.taxistream.search.SearchDocument;
import java.io.Serializable;

/** The addition to {@link ResultDocuments} in docs/extending.md. */
final class DropoffTakingsDocuments implements Serializable {

    private final String indexPrefix;

    DropoffTakingsDocuments(String indexPrefix) {
        this.indexPrefix = indexPrefix;
    }

    // tag::document[]
    SearchDocument of(CellTakings result) {
        return new SearchDocument(
                indexPrefix + "-dropoff-takings", result.location() + "-" + result.timestampMillis(), object(json -> {
                    json.writeNumberField("timestamp", result.timestampMillis());
                    json.writeStringField("location", result.location());
                    json.writeNumberField("total_amount", result.totalAmount());
                }));
    }
    // end::document[]
}
