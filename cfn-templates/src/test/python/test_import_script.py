"""Runs the import script, unmodified, against a fake engine that records requests."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import support
from test_signature import why_refused

SCRIPT = support.DASHBOARDS / "import.sh"
ELASTICSEARCH = {"version": {"number": "7.10.2"}}
OPENSEARCH = {"version": {"distribution": "opensearch", "number": "2.19.0"}}


@unittest.skipUnless(shutil.which("bash") and shutil.which("curl"), "not installed: bash and curl; install them with your package manager")
class ImportScriptTest(unittest.TestCase):
    def setUp(self):
        self.engine, self.verify = ELASTICSEARCH, False
        self.import_answer = (200, {"success": True, "successCount": 6})
        self.found = {"aggregations": {"first": {"value": 1448946599999.0}, "last": {"value": 1449032399999.0}}}
        self.server = self.enterContext(support.HttpServer(self.answer))

    def answer(self, request):
        if self.verify:
            refused = why_refused(request, "se/cret+of=test", region="eu-west-1")
            if refused:
                return 403, {"refused": refused}
        if request.path == "/":
            return 200, self.engine
        if "_search" in request.path:
            return 200, self.found
        return self.import_answer if "_import" in request.path else (200, {"acknowledged": True})

    def imported(self):
        """Returns the saved objects of the last request, by ID."""
        lines = [line for line in self.server.requests[-1].body.decode().splitlines() if line.startswith("{")]
        return {one["id"]: one for one in map(json.loads, lines)}

    def run_script(self, *arguments, **variables):
        environment = {**os.environ, "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", **support.MOCK_ACCOUNT, **variables}
        return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, env=environment, timeout=120, check=False)

    def test_loads_templates_then_saved_objects(self):
        result = self.run_script(self.server.url, f"{self.server.url}/dashboards/")

        self.assertEqual((0, ""), (result.returncode, result.stderr))
        sent = [(request.method, request.path) for request in self.server.requests]
        self.assertEqual([
            ("PUT", "/_index_template/taxi-dashboard-pickup-count"),
            ("PUT", "/_index_template/taxi-dashboard-trip-duration"),
            ("GET", "/taxi-dashboard-pickup-count/_search?ignore_unavailable=true&size=0"),
            ("POST", "/dashboards/api/saved_objects/_import?overwrite=true"),
        ], sent)
        form = self.server.requests[-1]
        *others, _ = (support.DASHBOARDS / "taxi-trips-dashboard.ndjson").read_text(encoding="utf-8").splitlines()
        imported = self.imported()
        for one in map(json.loads, others):
            self.assertEqual(one, imported[one["id"]])
        self.assertEqual(("true", "true"), (form.headers["kbn-xsrf"], form.headers["osd-xsrf"]))
        self.assertIn(f"open {self.server.url}/dashboards/app/dashboards#/view/Taxi-Trips-Dashboard", result.stdout)

    def test_the_dashboard_opens_on_the_time_of_the_results(self):
        result = self.run_script(self.server.url)

        self.assertEqual((0, ""), (result.returncode, result.stderr))
        board = self.imported()["Taxi-Trips-Dashboard"]["attributes"]
        # windows of the first and last results, whose timestamps are the end of the window minus one millisecond
        self.assertEqual(("2015-12-01T04:59:59.000Z", "2015-12-02T05:09:59.000Z"), (board["timeFrom"], board["timeTo"]))
        self.assertIn("the dashboard shows 2015-12-01T04:59:59.000Z to 2015-12-02T05:09:59.000Z", result.stdout)

    def test_without_results_it_keeps_the_time_of_the_published_trips_and_says_so(self):
        for found in ({}, {"aggregations": {"first": {"value": None}, "last": {"value": None}}}):
            with self.subTest(found=found):
                self.found = found
                result = self.run_script(self.server.url)
                self.assertEqual(0, result.returncode)
                self.assertIn("no results yet; run this again", result.stderr)
                self.assertEqual("2015-12-31T23:00:00.000Z", self.imported()["Taxi-Trips-Dashboard"]["attributes"]["timeFrom"])

    def test_live_shows_the_last_hour_whatever_is_there(self):
        result = self.run_script("--live", self.server.url)

        self.assertEqual((0, ""), (result.returncode, result.stderr))
        board = self.imported()["Taxi-Trips-Dashboard"]["attributes"]
        self.assertEqual(("now-1h", "now", True), (board["timeFrom"], board["timeTo"], board["timeRestore"]))

    def test_finds_the_dashboards_of_a_domain_by_its_engine(self):
        for engine, path in ((ELASTICSEARCH, "_plugin/kibana"), (OPENSEARCH, "_dashboards")):
            with self.subTest(path=path):
                self.engine = engine
                result = self.run_script(self.server.url)
                self.assertEqual((0, ""), (result.returncode, result.stderr))
                self.assertEqual(f"/{path}/api/saved_objects/_import?overwrite=true", self.server.requests[-1].path)

    def test_signs_every_request(self):
        self.verify = True

        result = self.run_script("--sign", "eu-west-1", self.server.url, AWS_SECRET_ACCESS_KEY="se/cret+of=test", AWS_SESSION_TOKEN="token==")

        self.assertEqual((0, ""), (result.returncode, result.stderr))
        self.assertEqual({"token=="}, {request.headers["x-amz-security-token"] for request in self.server.requests})
        self.assertNotIn("se/cret", result.stdout)

    def test_takes_the_credentials_of_the_command_line(self):
        self.verify = True
        tools = self.enterContext(tempfile.TemporaryDirectory())
        command = pathlib.Path(tools, "aws")
        command.write_text("#!/bin/sh\n[ \"$*\" = 'configure export-credentials --format env-no-export' ] || exit 9\n"
                           "echo AWS_ACCESS_KEY_ID=testing\necho AWS_SECRET_ACCESS_KEY=se/cret+of=test\necho AWS_CREDENTIAL_EXPIRATION=2026-01-01\n")
        command.chmod(0o755)

        result = self.run_script(
            "--sign", "eu-west-1", self.server.url, PATH=f"{tools}:{os.environ['PATH']}", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")

        self.assertEqual((0, ""), (result.returncode, result.stderr))

    def test_a_wrong_secret_is_one_clear_line(self):
        self.verify = True

        result = self.run_script("--sign", "eu-west-1", self.server.url)

        self.assertEqual(1, result.returncode)
        self.assertRegex(result.stderr, r"^import\.sh: GET http://\S+: HTTP 403 ")
        self.assertEqual(1, len(result.stderr.splitlines()))

    def test_tells_what_the_dashboards_did_not_take(self):
        self.import_answer = (200, {"success": False, "errors": [{"id": "Taxi-Trips-Dashboard"}]})

        result = self.run_script(self.server.url)

        self.assertEqual(1, result.returncode)
        self.assertIn("were rejected", result.stderr)
        self.assertIn("Taxi-Trips-Dashboard", result.stderr)

    def test_says_how_it_is_called(self):
        for arguments in ([], ["--sign", "eu-west-1"], ["a", "b", "c"], ["--sign", "r", "http://a", "http://b"]):
            with self.subTest(arguments=arguments):
                result = self.run_script(*arguments)
                self.assertEqual(2, result.returncode)
                self.assertIn("import.sh [--live] --sign REGION ENDPOINT", result.stderr)

    def test_help_is_not_an_error(self):
        result = self.run_script("--help")

        self.assertEqual((0, ""), (result.returncode, result.stderr))
        self.assertIn("import.sh [--live] --sign REGION ENDPOINT", result.stdout)

    def test_an_endpoint_needs_its_scheme(self):
        result = self.run_script("search-taxi.us-east-1.es.amazonaws.com")

        self.assertEqual(1, result.returncode)
        self.assertEqual("import.sh: 'search-taxi.us-east-1.es.amazonaws.com' must start with https:// or http://\n", result.stderr)


if __name__ == "__main__":
    unittest.main()
