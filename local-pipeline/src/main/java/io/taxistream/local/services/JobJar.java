package io.taxistream.local.services;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.jar.Attributes.Name;
import java.util.jar.JarFile;
import org.apache.flink.client.program.PackagedProgram;
import org.apache.flink.client.program.ProgramInvocationException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;

/**
 * The jar of a job. If it is in the class path of this process, the job uses the classes from there, as it does from Flink's
 * {@code lib} folder: they are loaded and compiled once, and can be archived. Otherwise, it is submitted with the job, and the
 * client, the job manager and each task manager load its classes with a class loader of their own.
 */
record JobJar(Path path) {

    /**
     * Returns the program that defines the job, and sets the jars that are submitted with it.
     *
     * @throws IOException if the jar cannot be read
     * @throws ProgramInvocationException if the jar has no main class that can be loaded
     */
    PackagedProgram program(String[] arguments, Configuration client) throws IOException, ProgramInvocationException {
        PackagedProgram.Builder program =
                PackagedProgram.newBuilder().setArguments(arguments).setConfiguration(client);
        Optional<String> mainClass = mainClassInClassPath();
        mainClass.ifPresentOrElse(program::setEntryPointClassName, () -> program.setJarFile(path.toFile()));
        PackagedProgram built = program.build();
        client.set(
                PipelineOptions.JARS,
                built.getJobJarAndDependencies().stream().map(URL::toString).toList());
        return built;
    }

    /** Returns the name of the main class if the class path has it, and has it from this jar. */
    private Optional<String> mainClassInClassPath() throws IOException {
        String mainClass;
        try (var jar = new JarFile(path.toFile())) {
            mainClass = jar.getManifest() == null
                    ? null
                    : jar.getManifest().getMainAttributes().getValue(Name.MAIN_CLASS);
        }
        if (mainClass == null) {
            return Optional.empty();
        }
        URL found = JobJar.class.getClassLoader().getResource(mainClass.replace('.', '/') + ".class");
        return found != null && isInThisJar(found) ? Optional.of(mainClass) : Optional.empty();
    }

    private boolean isInThisJar(URL resource) throws IOException {
        if (!(resource.openConnection() instanceof JarURLConnection connection)) {
            return false;
        }
        try {
            return Files.isSameFile(Path.of(connection.getJarFileURL().toURI()), path);
        } catch (URISyntaxException e) {
            throw new IOException("the class path has an entry that is not a file: " + resource, e);
        }
    }
}
