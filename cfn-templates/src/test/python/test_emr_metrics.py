"""Runs the bootstrap action for Flink's metrics, unmodified, with fake tools that only record their arguments."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import support

SCRIPT = support.TEMPLATES / "emr-metrics.sh"
SUDO = """#!/bin/sh
case $1 in
    tee) cat > "$WRITTEN/$(basename "$2")" ;;
    *) echo "$@" >> "$WRITTEN/calls"; [ "$1" != "$FAILS" ] ;;
esac
"""


@support.needs("yaml")
class EmrMetricsTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "sudo").write_text(SUDO)
        (self.folder / "sudo").chmod(0o755)

    def run_script(self, fails=""):
        environment = {"PATH": f"{self.folder}:{os.environ['PATH']}", "WRITTEN": str(self.folder), "FAILS": fails}
        return subprocess.run([SCRIPT, "taxi", "taxi-log"], capture_output=True, text=True, env=environment, timeout=60, check=False)

    def test_the_agent_reads_every_port_that_flink_may_take_and_writes_into_the_log_group(self):
        import yaml

        result = self.run_script()

        self.assertEqual((0, ""), (result.returncode, result.stderr))
        (job,) = yaml.safe_load((self.folder / "prometheus.yaml").read_text())["scrape_configs"]
        (targets,) = job["static_configs"]
        self.assertEqual({"Stack": "taxi"}, targets["labels"])
        cluster = support.load_template(support.INFRASTRUCTURE)["Resources"]["EmrCluster"]["Properties"]
        (flink,) = [one["ConfigurationProperties"] for one in cluster["Configurations"] if one["Classification"] == "flink-conf"]
        first, last = map(int, flink["metrics.reporter.prometheus.port"].split("-"))
        self.assertEqual([f"localhost:{port}" for port in range(first, last + 1)], targets["targets"])
        prometheus = json.loads((self.folder / "flink.json").read_text())["logs"]["metrics_collected"]["prometheus"]
        self.assertEqual("taxi-log", prometheus["log_group_name"])
        self.assertEqual("TaxiStream", prometheus["emf_processor"]["metric_namespace"])

    def test_what_is_kept_is_published_by_stack_or_by_shard(self):
        import yaml

        self.run_script()

        (job,) = yaml.safe_load((self.folder / "prometheus.yaml").read_text())["scrape_configs"]
        (keep,) = job["metric_relabel_configs"]
        by_stack, by_shard = json.loads((self.folder / "flink.json").read_text())["logs"]["metrics_collected"]["prometheus"]["emf_processor"]["metric_declaration"]
        self.assertEqual(([["Stack"]], [["Stack", "shardId"]]), (by_stack["dimensions"], by_shard["dimensions"]))
        operator = "flink_taskmanager_job_task_operator_"
        for name, declared in (
            ("flink_jobmanager_job_numRestarts", by_stack), (operator + "tripsLate", by_stack), (operator + "documentsDead", by_stack),
            (operator + "kinesis_shardId_millisBehindLatest", by_shard),
        ):
            with self.subTest(metric=name):
                self.assertRegex(name, f"^(?:{keep['regex']})$")
                for declaration in (by_stack, by_shard):
                    self.assertEqual(declaration is declared, any(re.search(pattern, name) for pattern in declaration["metric_selectors"]))
        self.assertNotRegex(operator + "numRecordsIn", f"^(?:{keep['regex']})$")

    def test_a_node_without_metrics_is_better_than_no_cluster(self):
        result = self.run_script(fails="dnf")

        self.assertEqual(0, result.returncode)
        self.assertRegex(result.stderr, r"^emr-metrics\.sh: line \d+ failed; this node does not send Flink metrics to CloudWatch\n$")
        self.assertFalse((self.folder / "flink.json").exists())


if __name__ == "__main__":
    unittest.main()
