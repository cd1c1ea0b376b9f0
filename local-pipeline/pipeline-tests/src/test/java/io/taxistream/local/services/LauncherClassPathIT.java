package io.taxistream.local.services;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.TestJars;
import java.nio.file.Path;
import org.apache.flink.client.program.PackagedProgram;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.runtime.rpc.RpcSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks what a launcher finds in its class path, which its jar names, instead of loading it for each job and cluster. */
class LauncherClassPathIT {

    private static final ClassLoader LAUNCHER = FlinkService.class.getClassLoader();

    @Test
    void shippedJobIsLoadedFromTheClassPath() throws Exception {
        Configuration client = new Configuration();

        try (PackagedProgram program =
                new JobJar(Installation.ofThisClass().processorJar()).program(new String[0], client)) {
            assertThat(client.get(PipelineOptions.JARS)).isEmpty();
            assertThat(program.getMainClassName()).isEqualTo("io.taxistream.processor.TaxiStreamProcessor");
            assertThat(Class.forName(program.getMainClassName(), false, program.getUserCodeClassLoader())
                            .getClassLoader())
                    .isSameAs(LAUNCHER);
        }
    }

    @Test
    void otherJobsAreSubmittedWithTheirJar(@TempDir Path folder) throws Exception {
        Path jar = TestJars.of(WindowedSumJob.class, folder);
        Configuration client = new Configuration();

        try (PackagedProgram program = new JobJar(jar).program(new String[0], client)) {
            assertThat(client.get(PipelineOptions.JARS))
                    .containsExactly(jar.toUri().toURL().toString());
            assertThat(Class.forName(program.getMainClassName(), false, program.getUserCodeClassLoader())
                            .getClassLoader())
                    .isNotSameAs(LAUNCHER);
        }
    }

    @Test
    void rpcSystemIsLoadedFromTheClassPath() throws Exception {
        try (RpcSystem system = RpcSystem.load()) {
            assertThat(system.getClass().getClassLoader()).isSameAs(LAUNCHER);
        }
    }
}
