package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.JsonHttp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Makes the pictures of the page in {@code docs/images}, from the generated day. No test: it runs when {@code
 * docs/images/make-images.sh} asks for it.
 */
class PageImages {

    private static final Path IMAGES = Path.of("..", "..", "docs", "images");
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    /** Share of the day that the pictures show. */
    private static final double EVENING = 0.78;

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void makeImages() throws Exception {
        String[] args = {"--speedup", "5760", "--port", "0", "--no-browser"};
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        Thread pipeline =
                new Thread(() -> LocalPipeline.run(Installation.ofThisClass(), print, print, args), "pipeline");
        pipeline.start();
        try {
            URI page = PageIT.awaitPage(out, pipeline);
            await().atMost(TIMEOUT)
                    .until(() ->
                            status(page).at("/parts/producer/state").asText().equals("finished")
                                    || !pipeline.isAlive());
            try (HeadlessBrowser browser = HeadlessBrowser.open(page, folder.resolve("profile"))) {
                picture(browser, 1440, 845, false, "light", "page.png");
                picture(browser, 390, 1180, true, "dark", "phone.png");
            }
        } finally {
            pipeline.interrupt();
            pipeline.join(TIMEOUT.toMillis());
        }
    }

    private static void picture(
            HeadlessBrowser browser, int width, int height, boolean mobile, String colorScheme, String name)
            throws IOException {
        browser.emulate(width, height, mobile, colorScheme);
        await().atMost(TIMEOUT).until(() -> browser.count("#map path.cell") > 0);
        browser.script(
                "const time = document.getElementById('time'); time.value = Math.round(time.max * arguments[0]);"
                        + " time.dispatchEvent(new Event('input', {bubbles: true}));",
                EVENING);
        await().atMost(TIMEOUT).until(() -> browser.count("#legend li") > 0 && browser.count("#map path.cell") > 0);
        browser.screenshot(IMAGES.resolve(name));
        assertThat(Files.size(IMAGES.resolve(name))).isPositive();
    }

    private static JsonNode status(URI page) throws IOException {
        return new JsonHttp(page, Duration.ofSeconds(10)).get("/api/status");
    }
}
