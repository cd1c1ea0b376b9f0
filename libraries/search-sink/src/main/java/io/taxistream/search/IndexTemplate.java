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
 * Mapping and settings that an index gets when it is created, as a composable index template ({@code _index_template}),
 * which Elasticsearch has since 7.8 and OpenSearch in every version.
 *
 * @param name of the template and of the one index that it is for
 * @param json a JSON object with {@code template} and, if wanted, {@code priority}, {@code version} and {@code _meta}
 */
public record IndexTemplate(String name, String json) implements Serializable {

    private static final long serialVersionUID = 1;

    /** What the engines refuse in the name of an index, and a colon, which stands for another cluster. */
    private static final Pattern UNFIT = Pattern.compile("^[-_+]|[\\\\/*?\"<>|,#:\\s\\p{Cntrl}\\p{Lu}\\p{Lt}]");

    private static final ObjectMapper JSON = new ObjectMapper();

    /** @throws IllegalArgumentException if the name is not one of an index, or the JSON text not a template */
    public IndexTemplate {
        if (name.isEmpty() || UNFIT.matcher(name).find()) {
            throw new IllegalArgumentException("index name '" + name
                    + "' must not have capital letters, blanks or any of \\ / * ? \" < > | , # : and must not begin with"
                    + " '-', '_' or '+'");
        }
        body(name, json);
    }

    /**
     * The templates in a JSON object that has one field for each: the field's name, after the prefix and a hyphen, is
     * the name of the index, and the field's value the template.
     *
     * @throws IllegalArgumentException if the JSON text is anything else
     */
    public static List<IndexTemplate> readAll(String prefix, String json) {
        JsonNode all = parse("index templates", json);
        List<IndexTemplate> templates = new ArrayList<>();
        all.properties()
                .forEach(field -> templates.add(new IndexTemplate(
                        prefix + "-" + field.getKey(), field.getValue().toString())));
        return List.copyOf(templates);
    }

    /** The body of the request that puts the template in place. */
    String requestBody() {
        ObjectNode body = body(name, json);
        body.putArray("index_patterns").add(name);
        return body.toString();
    }

    /** The name as a part of the path of a request. */
    String pathSegment() {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The mapping alone. */
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
