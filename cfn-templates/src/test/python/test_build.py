"""Runs the unmodified commands of buildspec.yml in an empty folder, with a fake Maven that only creates the jars."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

import support

MAVEN = """#!/bin/sh
echo "$@" >> maven-was-called-with
for module in kinesis-taxi-stream-producer flink-taxi-stream-processor; do
    mkdir -p $module/target && echo $module > $module/target/$module-1.0.jar
done
"""


@support.needs("yaml")
class BuildspecTest(unittest.TestCase):
    def setUp(self):
        import yaml

        self.spec = yaml.safe_load((support.ROOT / "buildspec.yml").read_text(encoding="utf-8"))

    def test_the_commands_leave_both_jars_under_artifacts(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        tools = folder / "tools"
        tools.mkdir()
        (tools / "mvn").write_text(MAVEN)
        (tools / "mvn").chmod(0o755)
        source = folder / "source"
        (source / "cfn-templates").mkdir(parents=True)
        (source / "cfn-templates" / "emr-metrics.sh").write_text("#!/bin/sh\n")

        for command in self.spec["phases"]["build"]["commands"]:
            environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
            subprocess.run(["sh", "-c", command], cwd=source, env=environment, check=True)

        jars = {path.name: path.read_text().strip() for path in (source / "artifacts").glob("*.jar")}
        self.assertTrue((source / "artifacts" / "emr-metrics.sh").is_file())
        self.assertEqual({f"{name}-1.0.jar": name for name in ("flink-taxi-stream-processor", "kinesis-taxi-stream-producer")}, jars)
        self.assertIn("-B", (source / "maven-was-called-with").read_text().split())

    def test_the_modules_are_those_of_the_project(self):
        names = {"m": "http://maven.apache.org/POM/4.0.0"}
        project = xml.etree.ElementTree.parse(support.ROOT / "pom.xml")
        modules = {module.text for module in project.findall("m:modules/m:module", names)}
        (selected,) = re.findall(r"-pl (\S+) -am", " ".join(self.spec["phases"]["build"]["commands"]))
        self.assertLessEqual(set(selected.split(",")), modules)

    def test_what_the_stacks_take_from_the_bucket_is_among_the_artifacts(self):
        patterns = self.spec["artifacts"]["files"]
        template = "".join(one.read_text(encoding="utf-8") for one in (support.INFRASTRUCTURE, *support.NESTED))
        dashboards = set(re.findall(r"kibana-dashboards/[\w.-]+json", template))
        self.assertEqual({"kibana-dashboards/index-templates.json", "kibana-dashboards/taxi-trips-dashboard.ndjson"}, dashboards)
        for name in dashboards:
            self.assertTrue((support.ROOT / name).is_file(), name)
        self.assertEqual({"artifacts/*", "cfn-templates/flink-refarch-*.yml", "kibana-dashboards/**/*"}, set(patterns))
        nested = set(re.findall(r"cfn-templates/([\w-]+\.yml)", template))
        self.assertEqual({one.name for one in support.NESTED}, nested)
        scripts = set(re.findall(r"artifacts/([\w-]+\.sh)", template))
        self.assertEqual({"emr-metrics.sh"}, scripts)
        self.assertTrue((support.TEMPLATES / "emr-metrics.sh").is_file())
        jars = set(re.findall(r"artifacts/([a-z-]+-1\.0\.jar)", template + support.BUILD.read_text(encoding="utf-8")))
        self.assertEqual({"flink-taxi-stream-processor-1.0.jar", "kinesis-taxi-stream-producer-1.0.jar"}, jars)

    def test_it_builds_with_java_17_and_keeps_what_maven_downloads(self):
        self.assertEqual(0.2, self.spec["version"])
        self.assertEqual({"java": "corretto17"}, self.spec["phases"]["install"]["runtime-versions"])
        self.assertEqual(["/root/.m2/**/*"], self.spec["cache"]["paths"])


if __name__ == "__main__":
    unittest.main()
