package io.taxistream.search;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Mapping and settings of an index that does not exist yet, as a composable index template ({@code _index_template}), which is
 * supported by Elasticsearch since version 7.8 and by every version of OpenSearch.
 *
 * @param name name of the template and of the only index that it applies to
 * @param json a JSON object with {@code template} and optionally {@code priority}, {@code version} and {@code _meta}
 */
public record IndexTemplate(String name, String json) implements Serializable {

    private static final long serialVersionUID = 1;

    /** Characters that engines reject in the name of an index, and the colon, which denotes a remote cluster. */
    private static final Pattern ILLEGAL_CHARACTERS =
            Pattern.compile("^[-_+]|[\\\\/*?\"<>|,#:\\s\\p{Cntrl}\\p{Lu}\\p{Lt}]");

    private static final ObjectMapper JSON = new ObjectMapper();

    /** @throws IllegalArgumentException if the name is not a valid index name, or the JSON text is not a template */
    public IndexTemplate {
        if (name.isEmpty() || ILLEGAL_CHARACTERS.matcher(name).find()) {
            throw new IllegalArgumentException("index name '" + name
                    + "' must not contain capital letters, blanks or any of \\ / * ? \" < > | , # : and must not start"
                    + " with '-', '_' or '+'");
        }
        body(name, json);
    }

    /**
     * Parses the templates in a JSON object with one field per template. The name of the index is the prefix, a hyphen and the
     * name of the field; the value is the template.
     *
     * @throws IllegalArgumentException if the JSON text has another form
     */
    public static List<IndexTemplate> readAll(String prefix, String json) {
        JsonNode all = parse("index templates", json);
        List<IndexTemplate> templates = new ArrayList<>();
        all.properties()
                .forEach(field -> templates.add(new IndexTemplate(
                        prefix + "-" + field.getKey(), field.getValue().toString())));
        return List.copyOf(templates);
    }

    /** Returns the body of the request that creates the template. */
    String requestBody() {
        ObjectNode body = body(name, json);
        body.putArray("index_patterns").add(name);
        return body.toString();
    }

    /** Returns the name, encoded as a segment of a request path. */
    String pathSegment() {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Returns the mapping only. */
    String mappings() {
        return body(name, json).path("template").path("mappings").toString();
    }

    private static ObjectNode body(String name, String json) {
        JsonNode body = parse("index template " + name, json);
        if (body instanceof ObjectNode object
                && object.path("template").path("mappings").isObject()) {
            return object;
        }
        throw new IllegalArgumentException("index template " + name + " needs an object template.mappings");
    }

    private static JsonNode parse(String what, String json) {
        JsonNode tree;
        try {
            tree = JSON.readTree(json);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(what + ": not JSON: " + e.getOriginalMessage(), e);
        }
        if (!tree.isObject()) {
            throw new IllegalArgumentException(what + ": not a JSON object");
        }
        return tree;
    }
}
