package io.taxistream.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** Creates runnable jars of test classes. */
public final class TestJars {

    private TestJars() {}

    /** Creates a jar with a main class and its nested classes. */
    public static Path of(Class<?> mainClass, Path folder) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, mainClass.getName());
        Path jar = folder.resolve(mainClass.getSimpleName() + ".jar");
        String packageFolder = mainClass.getPackageName().replace('.', '/');
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (String name : classFiles(mainClass)) {
                out.putNextEntry(new JarEntry(packageFolder + "/" + name));
                try (InputStream in = mainClass.getResourceAsStream(name)) {
                    in.transferTo(out);
                }
                out.closeEntry();
            }
        }
        return jar;
    }

    private static List<String> classFiles(Class<?> mainClass) throws IOException {
        Path classes = Path.of(mainClass
                        .getResource(mainClass.getSimpleName() + ".class")
                        .getPath())
                .getParent();
        try (Stream<Path> files = Files.list(classes)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(mainClass.getSimpleName() + ".")
                            || name.startsWith(mainClass.getSimpleName() + "$"))
                    .sorted()
                    .toList();
        }
    }
}
