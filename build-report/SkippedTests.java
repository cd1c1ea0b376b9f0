import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Prints one line for each test that this build skipped, with the reason, from the XML reports of Surefire and Failsafe.
 *
 * <p>Arguments: the root of the checkout, the start of the build (ISO-8601; older reports are ignored), and what to do
 * about skipped tests: {@code report} or {@code fail}.
 */
final class SkippedTests {

    private SkippedTests() {}

    public static void main(String[] arguments) throws Exception {
        Path root = Path.of(arguments[0]);
        Instant start = Instant.parse(arguments[1]);
        boolean fail = arguments[2].equals("fail");

        List<String> skipped = new ArrayList<>();
        DocumentBuilder parser = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        for (Path report : reports(root, start)) {
            NodeList tests = parser.parse(report.toFile()).getElementsByTagName("testcase");
            for (int i = 0; i < tests.getLength(); i++) {
                Element test = (Element) tests.item(i);
                NodeList reasons = test.getElementsByTagName("skipped");
                if (reasons.getLength() > 0) {
                    String reason = ((Element) reasons.item(0)).getAttribute("message");
                    skipped.add("Skipped: " + test.getAttribute("classname") + "." + test.getAttribute("name") + ": "
                            + (reason.isBlank() ? "no reason given" : reason.lines().findFirst().orElseThrow()));
                }
            }
        }
        skipped.forEach(System.out::println);
        if (fail && !skipped.isEmpty()) {
            System.out.println("Tests must not be skipped (-Dtests.skipped=fail)");
            System.exit(1);
        }
    }

    private static List<Path> reports(Path root, Instant start) throws IOException {
        List<Path> reports = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                String name = folder.getFileName() == null ? "" : folder.getFileName().toString();
                boolean ignored = !folder.equals(root) && (name.startsWith(".") || name.equals("src") || name.equals("node_modules"));
                return ignored ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = file.getFileName().toString();
                if (name.startsWith("TEST-") && name.endsWith(".xml") && !attributes.lastModifiedTime().toInstant().isBefore(start)) {
                    reports.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        reports.sort(null);
        return reports;
    }
}
