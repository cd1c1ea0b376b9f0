"""Checks the format of the Grafana dashboard and the names of the metrics in its queries."""

import json
import re
import unittest

import support

# metrics of Flink; all others must be in the code of this project
OF_FLINK = {
    "currentOutputWatermark", "lastCheckpointDuration", "lastCheckpointSize", "numRestarts", "numberOfCompletedCheckpoints", "numberOfFailedCheckpoints",
}


class GrafanaTest(unittest.TestCase):
    def setUp(self):
        self.board = json.loads((support.ROOT / "examples" / "grafana" / "taxi-stream.json").read_text(encoding="utf-8"))

    def test_panels_have_a_place_of_their_own(self):
        taken = set()
        for panel in self.board["panels"]:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            with self.subTest(panel=panel["title"]):
                self.assertLessEqual(place["x"] + place["w"], 24)
                self.assertEqual(set(), cells & taken)
            taken |= cells
        self.assertEqual(len(self.board["panels"]), len({panel["id"] for panel in self.board["panels"]}))

    def test_the_source_of_every_query_is_the_chosen_prometheus(self):
        variables = {one["name"] for one in self.board["templating"]["list"]}
        self.assertEqual({"source", "job"}, variables)
        for panel in self.board["panels"]:
            for query in panel["targets"]:
                with self.subTest(panel=panel["title"]):
                    self.assertEqual({"type": "prometheus", "uid": "${source}"}, query["datasource"])
                    self.assertEqual(query["expr"].count("("), query["expr"].count(")"))

    def test_metrics_are_those_of_flink_and_of_the_code_and_explained_on_the_page(self):
        page = (support.ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
        files = [file for folder in ("libraries", "flink-taxi-stream-processor") for file in (support.ROOT / folder).rglob("src/main/**/*.java")]
        code = "\n".join(file.read_text(encoding="utf-8") for file in files)
        names = set(re.findall(r"flink_(?:jobmanager_job|taskmanager_job_task_operator)_(\w+)", json.dumps(self.board)))
        self.assertGreater(len(names), 8)
        for name in names:
            with self.subTest(metric=name):
                own = name.rpartition("_")[2]
                self.assertTrue(own in OF_FLINK or f'"{own}"' in code)
                self.assertIn(name, page)

    def test_the_page_names_no_counter_that_is_not_in_the_code(self):
        page = (support.ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
        code = "\n".join(file.read_text(encoding="utf-8") for folder in ("libraries", "flink-taxi-stream-processor")
                         for file in (support.ROOT / folder).rglob("src/main/**/*.java"))
        rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
        named = {name for row in rows for name in re.findall(r"([A-Za-z]+)`", row)}
        self.assertEqual(set(), {name for name in named - OF_FLINK if f'"{name}"' not in code})


if __name__ == "__main__":
    unittest.main()
