"""Applies the changes of docs/extending.md to a copy of the index templates and saved objects, and checks the result."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import types
import unittest

import saved_objects
import support
from test_dashboards import SavedObjectsChecks

PAGE = support.ROOT / "docs" / "extending.md"


class ExtendingTest(SavedObjectsChecks, unittest.TestCase):
    def setUp(self):
        blocks = dict(re.findall(r"```(json|python)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
        repository = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        folder = repository / support.DASHBOARDS.name
        shutil.copytree(support.DASHBOARDS, folder)
        templates = folder / "index-templates.json"
        changed = {**json.loads(templates.read_text(encoding="utf-8")), **json.loads("{" + blocks["json"] + "}")}
        templates.write_text(json.dumps(changed), encoding="utf-8")
        subprocess.run([sys.executable, "-c", blocks["python"]], cwd=repository, check=True)
        self.file = folder / "taxi-trips-dashboard.ndjson"
        self.look_at(folder)

    def test_the_new_map_sums_the_new_field(self):
        self.assertIn("taxi-dashboard-dropoff-takings", self.fields)
        takings = self.objects["visualization", "Takings-by-drop-off-area"]
        metric, cells = json.loads(takings["attributes"]["visState"])["aggs"]
        (reference,) = takings["references"]
        self.assertEqual("taxi-dashboard-dropoff-takings", reference["id"])
        self.assertEqual(("sum", "total_amount", "US dollars"), (metric["type"], metric["params"]["field"], metric["params"]["customLabel"]))
        self.assertEqual(("geohash_grid", "location"), (cells["type"], cells["params"]["field"]))
        self.assertNotIn("pickup", json.dumps(takings).lower())

    def test_the_dashboard_shows_it_beside_what_was_there(self):
        board = self.objects["dashboard", "Taxi-Trips-Dashboard"]
        panels = json.loads(board["attributes"]["panelsJSON"])
        names = {reference["name"]: reference["id"] for reference in board["references"]}
        self.assertEqual(
            ["Areas-with-high-pickup-rates", "Average-trip-duration-to-JFK-and-LGA", "About-this-dashboard", "Takings-by-drop-off-area"],
            [names[panel["panelRefName"]] for panel in panels])
        self.assertEqual(len(panels), len({(panel["gridData"]["x"], panel["gridData"]["y"]) for panel in panels}))

    def test_the_servers_take_it(self):
        form = (b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.ndjson"\r\n\r\n' + self.file.read_bytes() + b"\r\n--b--\r\n")
        headers = {"kbn-xsrf": "true", "osd-xsrf": "true", "Content-Type": "multipart/form-data; boundary=b"}
        request = types.SimpleNamespace(method="POST", path=f"{saved_objects.PATH}?overwrite=true", headers=headers, body=form)
        self.assertEqual((200, {"success": True, "successCount": 8}), saved_objects.SavedObjects().answer(request))


if __name__ == "__main__":
    unittest.main()
