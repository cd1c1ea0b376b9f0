"""Runs buildspec.yml with its real commands in a clean copy of the sources."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest
import zipfile

import support

JARS = {
    "flink-taxi-stream-processor-1.0.jar": "io/taxistream/processor/TaxiStreamProcessor.class",
    "kinesis-taxi-stream-producer-1.0.jar": "io/taxistream/producer/TaxiStreamProducer.class",
}


@support.needs("yaml")
class RealBuildTest(unittest.TestCase):
    def test_the_commands_build_the_jars_of_a_clean_copy_and_every_artifact_is_there(self):
        import yaml

        spec = yaml.safe_load((support.ROOT / "buildspec.yml").read_text(encoding="utf-8"))
        source = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()), "source")
        # like an archive of the repository: without build output and history
        shutil.copytree(support.ROOT, source, ignore=shutil.ignore_patterns("target", ".git", "node_modules", "__pycache__"))

        for phase in spec["phases"].values():
            for command in phase.get("commands", []):
                result = subprocess.run(["sh", "-c", command], cwd=source, capture_output=True, text=True, check=False)
                self.assertEqual(0, result.returncode, f"{command}:\n{result.stdout[-4000:]}{result.stderr[-4000:]}")

        self.assertEqual({*JARS, "emr-metrics.sh"}, {path.name for path in (source / "artifacts").iterdir()})
        for name, main_class in JARS.items():
            with self.subTest(jar=name), zipfile.ZipFile(source / "artifacts" / name) as jar:
                self.assertIn(main_class, jar.namelist())
        for pattern in spec["artifacts"]["files"]:
            self.assertTrue(list(source.glob(pattern)), pattern)
        # the producer is self-contained; the processor lacks Flink, which its cluster provides
        producer = source / "artifacts" / "kinesis-taxi-stream-producer-1.0.jar"
        help_page = subprocess.run(["java", "-jar", producer, "-help"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(0, help_page.returncode, help_page.stderr)
        self.assertIn("-stream", help_page.stdout)


if __name__ == "__main__":
    unittest.main()
