package io.taxistream.local.page;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** The files of the page and of its libraries, read once from the class path. */
public final class PageFiles {

    /** A file to serve. */
    // handed to the connection and never compared
    @SuppressWarnings("ArrayRecordComponent")
    record PageFile(String type, byte[] content) {}

    private static final String SCRIPT = "text/javascript";
    private static final String STYLE = "text/css";

    private final Map<String, PageFile> files = new LinkedHashMap<>();

    /**
     * Reads the files.
     *
     * @throws IOException if a file is missing from the class path
     */
    PageFiles() throws IOException {
        add("/", "text/html", "page.html");
        add("/page.css", STYLE, "page.css");
        for (String script : new String[] {
            "page.js", "windows.js", "map.js", "chart.js", "health.js", "scaling.js", "format.js", "colors.js"
        }) {
            add("/" + script, SCRIPT, script);
        }
        add("/outlines.json", "application/json", "outlines.json");
        String leaflet = libraryFolder("leaflet");
        add("/leaflet.js", SCRIPT, leaflet + "leaflet-src.esm.js");
        add("/leaflet.css", STYLE, leaflet + "leaflet.css");
        String uplot = libraryFolder("uplot");
        add("/uplot.js", SCRIPT, uplot + "uPlot.esm.js");
        add("/uplot.css", STYLE, uplot + "uPlot.min.css");
    }

    Optional<PageFile> file(String path) {
        return Optional.ofNullable(files.get(path));
    }

    private void add(String path, String type, String resource) throws IOException {
        try (InputStream in = open(resource)) {
            files.put(path, new PageFile(type, in.readAllBytes()));
        }
    }

    /** Returns the folder with the files of a WebJar, whatever its version in the build. */
    private static String libraryFolder(String name) throws IOException {
        Properties maven = new Properties();
        try (InputStream in = open("/META-INF/maven/org.webjars.npm/" + name + "/pom.properties")) {
            maven.load(in);
        }
        return "/META-INF/resources/webjars/" + name + "/" + maven.getProperty("version") + "/dist/";
    }

    private static InputStream open(String resource) throws IOException {
        InputStream in = PageFiles.class.getResourceAsStream(resource);
        if (in == null) {
            throw new IOException("the resource " + resource + " is missing");
        }
        return in;
    }
}
