package io.taxistream.local;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.taxistream.local.services.JsonHttp;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A headless Chromium that records its requests and console errors. */
final class HeadlessBrowser implements AutoCloseable {

    private static final String MISSING =
            "Chromium and its driver are not on the PATH (Debian: apt-get install chromium"
                    + " chromium-driver), so what the page shows is not tested";

    private final ChromeDriver driver;
    private final List<String> requests = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();

    private HeadlessBrowser(ChromeDriver driver) {
        this.driver = driver;
    }

    /** Skips the test, with the reason, if no browser is installed. */
    static void requireInstalled() {
        assumeTrue(browser().isPresent() && driver().isPresent(), MISSING);
    }

    /**
     * Opens a page.
     *
     * @param profile an empty folder for the browser's profile
     */
    static HeadlessBrowser open(URI page, Path profile) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(browser().orElseThrow().toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--window-size=1400,1200",
                "--user-data-dir=" + profile);
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(driver().orElseThrow().toFile())
                .build();
        HeadlessBrowser browser = new HeadlessBrowser(new ChromeDriver(service, options));
        browser.driver.get(page.toString());
        return browser;
    }

    /** Returns the text of the first element that matches a CSS selector, visible or not. */
    String text(String selector) {
        return (String) script("return document.querySelector(arguments[0])?.textContent ?? ''", selector);
    }

    /** Returns the texts of all elements that match a CSS selector. */
    List<String> texts(String selector) {
        Object texts = script(
                "return [...document.querySelectorAll(arguments[0])].map(element => element.textContent)", selector);
        return ((List<?>) texts).stream().map(String::valueOf).toList();
    }

    /** Returns the number of elements that match a CSS selector. */
    long count(String selector) {
        return number("return document.querySelectorAll(arguments[0]).length", selector);
    }

    void click(String selector) {
        driver.findElement(By.cssSelector(selector)).click();
    }

    void press(String selector, Keys key) {
        driver.findElement(By.cssSelector(selector)).sendKeys(key);
    }

    /** Presses the tab key on the focused element. */
    void pressTab() {
        new Actions(driver).sendKeys(Keys.TAB).perform();
    }

    /** Selects an option of a list by its value. */
    void choose(String selector, String value) {
        driver.findElement(By.cssSelector(selector + " option[value='" + value + "']"))
                .click();
    }

    /** Returns the result of a script as a whole number. */
    long number(String script, Object... arguments) {
        return ((Number) script(script, arguments)).longValue();
    }

    Object script(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /** Returns the JavaScript heap size of the page after a garbage collection, in bytes. */
    long usedHeapBytes() {
        driver.executeCdpCommand("HeapProfiler.collectGarbage", Map.of());
        return ((Number) driver.executeCdpCommand("Runtime.getHeapUsage", Map.of())
                        .get("usedSize"))
                .longValue();
    }

    /**
     * Emulates a screen and loads the page again.
     *
     * @param width in CSS pixels
     * @param height in CSS pixels
     * @param mobile whether it is a phone's
     * @param colorScheme light or dark
     */
    void emulate(int width, int height, boolean mobile, String colorScheme) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", mobile));
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colorScheme))));
        driver.navigate().refresh();
    }

    /** Stores what the screen shows as a PNG file. */
    void screenshot(Path file) throws IOException {
        Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
    }

    /** Returns the errors in the browser's console. */
    List<String> complaints() {
        for (LogEntry entry : driver.manage().logs().get(LogType.BROWSER)) {
            if (entry.getLevel().intValue() >= Level.SEVERE.intValue()) {
                complaints.add(entry.getMessage());
            }
        }
        return complaints;
    }

    /** Returns the addresses that the page has requested over the network. */
    List<String> requests() throws IOException {
        for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
            JsonNode message = JsonHttp.JSON.readTree(entry.getMessage()).get("message");
            if (message.get("method").textValue().equals("Network.requestWillBeSent")) {
                String address = message.at("/params/request/url").textValue();
                String document = message.at("/params/documentURL").asText();
                // the browser's own pages, such as the start page, are not under test
                if (!document.startsWith("chrome") && !address.startsWith("chrome") && !address.startsWith("data:")) {
                    requests.add(address);
                }
            }
        }
        return requests;
    }

    @Override
    public void close() {
        driver.quit();
    }

    private static Optional<Path> browser() {
        return onPath("chromium", "google-chrome", "chrome");
    }

    private static Optional<Path> driver() {
        return onPath("chromedriver");
    }

    private static Optional<Path> onPath(String... names) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.of(names)
                .flatMap(name -> Stream.of(path.split(File.pathSeparator)).map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
