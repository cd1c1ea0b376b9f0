"""Runs the unmodified dashboard loader against real search engines behind an endpoint that accepts only signed requests."""

import json
import os
import subprocess
import unittest
import urllib.error
import urllib.request

import engine
import policies
import support
from saved_objects import PATH, SavedObjects
from test_signature import why_refused

TEMPLATES = json.loads((support.DASHBOARDS / "index-templates.json").read_text(encoding="utf-8"))
INDICES = {f"taxi-dashboard-{suffix}": template for suffix, template in TEMPLATES.items()}
OBJECTS = [json.loads(line) for line in (support.DASHBOARDS / "taxi-trips-dashboard.ndjson").read_text(encoding="utf-8").splitlines()]
DOCUMENTS = {
    "taxi-dashboard-pickup-count": [
        {"timestamp": 1451606999999, "location": "dr5ru7", "pickup_count": 3},
        {"timestamp": 1451606999999, "location": "dr5ref", "pickup_count": 4},
        {"timestamp": 1451607599999, "location": "dr5ru7", "pickup_count": 5},
    ],
    "taxi-dashboard-trip-duration": [
        {"timestamp": 1451606999999, "location": "dr5ru7", "airport_code": "JFK", "trip_count": 2, "sum_trip_duration": 91.0, "avg_trip_duration": 45.5},
        {"timestamp": 1451606999999, "location": "dr5ref", "airport_code": "JFK", "trip_count": 8, "sum_trip_duration": 309.0, "avg_trip_duration": 38.625},
        {"timestamp": 1451606999999, "location": "dr5ref", "airport_code": "LGA", "trip_count": 2, "sum_trip_duration": 60.0, "avg_trip_duration": 30.0},
    ],
}


class Domain:
    """A real engine with the behavior of a domain: requests must be signed, and the dashboards have a separate path."""

    def __init__(self, address, dashboards, secret):
        self.address, self.dashboards, self.secret = address, dashboards, secret
        # statements of the signer's policies; None allows everything
        self.statements = None
        self.saved_objects = SavedObjects()

    def answer(self, request):
        refused = why_refused(request, self.secret)
        if refused:
            return 403, {"message": f"The request signature does not match: {refused}"}
        if self.statements and not policies.allows_request(self.statements, request.method, request.path):
            return 403, {"message": f"the policy of the role does not allow {request.method} {request.path}"}
        if request.path.startswith(f"/{self.dashboards}{PATH}"):
            return self.saved_objects.answer(request)
        return self.forward(request.method, request.path, request.body or None)

    def forward(self, method, path, body=None):
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, body, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def ask(self, method, path, body=None):
        """Returns the response of the engine to an unsigned request."""
        status, answer = self.forward(method, path, body)
        if status >= 300:
            raise AssertionError(f"{method} {path}: {status} {answer}")
        return json.loads(answer)

    def has_template(self, name):
        return self.forward("GET", f"/_index_template/{name}")[0] == 200


class EveryEngine:
    """Tests for every engine; subclasses select the engine."""

    @classmethod
    def setUpClass(cls):
        cls.address = cls.enterClassContext(engine.running(cls.ENGINE))

    def setUp(self):
        import boto3

        self.enterContext(support.mock_aws())
        self.s3 = boto3.client("s3")
        self.s3.create_bucket(Bucket="artifacts")
        for file in support.DASHBOARDS.iterdir():
            self.s3.put_object(Bucket="artifacts", Key=f"kibana-dashboards/{file.name}", Body=file.read_bytes())
        # the mock has put its own credentials there
        dashboards = engine.dashboards_path(self.ENGINE)
        self.domain = Domain(self.address, dashboards, os.environ["AWS_SECRET_ACCESS_KEY"])
        self.endpoint = self.enterContext(support.HttpServer(self.domain.answer))
        self.module = support.load_function(support.LOADER, "LoadDashboardFunction")
        self.module.PAUSE_SECONDS = 0
        resource = support.load_template(support.LOADER)["Resources"]["LoadDashboard"]["Properties"]
        self.properties = {key: value for key, value in resource.items() if isinstance(value, str)}
        self.properties.update(
            Bucket="artifacts", Endpoint=self.endpoint.url, ImportPath=f"/{dashboards}{PATH}?overwrite=true", SearchEngine=self.ENGINE)
        for index in INDICES:
            self.domain.forward("DELETE", f"/{index}")
            self.domain.forward("DELETE", f"/_index_template/{index}")

    def load(self, request_type="Create", **properties):
        self.domain.statements = policies.of_role("LoadDashboardRole")
        answer = support.call(self.module, request_type, {**self.properties, **properties}, support.Context(75_000))
        self.domain.statements = None
        return answer

    def index_documents(self):
        for index, documents in DOCUMENTS.items():
            for number, document in enumerate(documents):
                self.domain.ask("PUT", f"/{index}/_doc/{number}?refresh=true", document)

    def assert_loaded(self):
        """New indices have the mappings of the templates, and the queries of the dashboards work."""
        self.index_documents()
        for index, template in INDICES.items():
            with self.subTest(index=index):
                mappings = self.domain.ask("GET", f"/{index}/_mapping")[index]["mappings"]
                self.assertEqual(template["template"]["mappings"]["properties"], mappings["properties"])
                self.assertEqual("false", str(mappings["dynamic"]).lower())
        cells = {"cells": {"geohash_grid": {"field": "location", "precision": 6}, "aggs": {"trips": {"sum": {"field": "pickup_count"}}}}}
        answer = self.domain.ask("POST", "/taxi-dashboard-pickup-count/_search", {"size": 0, "aggs": cells})
        self.assertEqual({"dr5ru7": 8, "dr5ref": 4}, {one["key"]: one["trips"]["value"] for one in answer["aggregations"]["cells"]["buckets"]})
        sums = {name: {"sum": {"field": field}} for name, field in (("minutes", "sum_trip_duration"), ("trips", "trip_count"))}
        airports = {"airports": {"terms": {"field": "airport_code"}, "aggs": sums}}
        answer = self.domain.ask("POST", "/taxi-dashboard-trip-duration/_search", {"size": 0, "aggs": airports})
        averages = {one["key"]: one["minutes"]["value"] / one["trips"]["value"] for one in answer["aggregations"]["airports"]["buckets"]}
        # sum of minutes divided by number of trips; the mean of the averages of the two cells to JFK would be 42.0625
        self.assertEqual({"JFK": 40.0, "LGA": 30.0}, averages)

    def test_the_function_of_the_stack_loads_all(self):
        answer = self.load()

        self.assertEqual("SUCCESS", answer["Status"], answer["Reason"])
        self.assertIn(f"{len(OBJECTS)} saved objects loaded", answer["Reason"])
        self.assertEqual({(one["type"], one["id"]): one for one in OBJECTS}, self.domain.saved_objects.objects)
        self.assert_loaded()

    def test_the_script_loads_the_same(self):
        result = self.script("--sign", "us-east-1", self.endpoint.url)

        self.assertEqual(0, result.returncode, result.stderr)
        self.assertIn("no results yet", result.stderr)
        self.assertEqual({(one["type"], one["id"]): one for one in OBJECTS}, self.domain.saved_objects.objects)
        self.assert_loaded()

    def test_with_results_there_function_and_script_open_the_dashboard_on_their_time(self):
        self.load()
        self.index_documents()

        for again in (lambda: self.load("Update"), lambda: self.script("--sign", "us-east-1", self.endpoint.url)):
            self.domain.saved_objects.objects.clear()
            again()
            board = self.domain.saved_objects.objects["dashboard", "Taxi-Trips-Dashboard"]["attributes"]
            self.assertEqual(("2015-12-31T23:59:59.000Z", "2016-01-01T00:29:59.000Z"), (board["timeFrom"], board["timeTo"]))

    @staticmethod
    def script(*arguments):
        return subprocess.run([support.DASHBOARDS / "import.sh", *arguments], capture_output=True, text=True, timeout=120, check=False)


@support.needs("moto", "yaml")
class ElasticsearchTest(EveryEngine, unittest.TestCase):
    ENGINE = "Elasticsearch"


@support.needs("moto", "yaml")
class OpenSearchTest(EveryEngine, unittest.TestCase):
    ENGINE = "OpenSearch"

    def test_an_update_replaces_what_is_there(self):
        self.load()
        self.index_documents()
        newer = {suffix: {**template, "version": 7} for suffix, template in TEMPLATES.items()}
        self.s3.put_object(Bucket="artifacts", Key="kibana-dashboards/index-templates.json", Body=json.dumps(newer).encode())
        self.domain.saved_objects.objects["dashboard", "Taxi-Trips-Dashboard"] = "changed by hand"

        answer = self.load("Update")

        self.assertEqual("SUCCESS", answer["Status"], answer["Reason"])
        for index in INDICES:
            (template,) = self.domain.ask("GET", f"/_index_template/{index}")["index_templates"]
            self.assertEqual(7, template["index_template"]["version"])
        board = self.domain.saved_objects.objects["dashboard", "Taxi-Trips-Dashboard"]
        self.assertEqual(OBJECTS[-1]["attributes"]["panelsJSON"], board["attributes"]["panelsJSON"])
        # the documents stay
        for index, documents in DOCUMENTS.items():
            self.assertEqual(len(documents), self.domain.ask("GET", f"/{index}/_count")["count"])

    def test_deleting_the_resource_leaves_the_domain_as_it_is(self):
        self.load()

        self.assertEqual("SUCCESS", self.load("Delete")["Status"])

        self.assertTrue(all(map(self.domain.has_template, INDICES)))
        self.assertEqual(len(OBJECTS), len(self.domain.saved_objects.objects))

    def test_a_role_that_the_domain_does_not_know_changes_nothing_and_is_told(self):
        self.domain.secret = "another secret"

        answer = self.load()

        self.assertEqual("FAILED", answer["Status"])
        self.assertIn("HTTP 403", answer["Reason"])
        self.assertFalse(any(map(self.domain.has_template, INDICES)))

    def test_what_the_engine_has_against_a_template_is_told(self):
        wrong = {"pickup-count": {"template": {"mappings": {"properties": {"location": {"type": "geopoint"}}}}}}
        self.s3.put_object(Bucket="artifacts", Key="kibana-dashboards/index-templates.json", Body=json.dumps(wrong).encode())

        answer = self.load()

        self.assertEqual("FAILED", answer["Status"])
        self.assertIn("HTTP 400", answer["Reason"])
        self.assertIn("geopoint", answer["Reason"])

    def test_the_script_without_a_signature_gets_nowhere(self):
        result = self.script(self.endpoint.url)

        self.assertEqual(1, result.returncode)
        self.assertIn("HTTP 403", result.stderr)
        self.assertFalse(any(map(self.domain.has_template, INDICES)))


class StandInTest(unittest.TestCase):
    """The fake saved objects API rejects what the servers reject."""

    def setUp(self):
        self.server = SavedObjects()

    def send(self, objects, query="overwrite=true", **headers):
        import types

        form = ('--b\r\nContent-Disposition: form-data; name="file"; filename="x.ndjson"\r\n\r\n'
                + "".join(json.dumps(one) + "\n" for one in objects) + "\r\n--b--\r\n")
        defaults = {"kbn-xsrf": "true", "osd-xsrf": "true", "Content-Type": "multipart/form-data; boundary=b"}
        sent = {name: value for name, value in {**defaults, **headers}.items() if value}
        return self.server.answer(types.SimpleNamespace(method="POST", path=f"{PATH}?{query}", headers=sent, body=form.encode()))

    def test_takes_what_is_right(self):
        self.assertEqual((200, {"success": True, "successCount": len(OBJECTS)}), self.send(OBJECTS))

    def test_an_object_that_is_there_is_a_conflict_unless_overwritten(self):
        self.send(OBJECTS)

        self.assertFalse(self.send(OBJECTS, query="")[1]["success"])
        self.assertTrue(self.send(OBJECTS)[1]["success"])

    def test_a_reference_to_nothing_is_an_error(self):
        status, answer = self.send(OBJECTS[-1:])

        self.assertEqual((200, False), (status, answer["success"]))
        self.assertEqual("missing_references", answer["errors"][0]["error"]["type"])

    def test_an_attribute_that_their_index_does_not_know_is_an_error(self):
        *others, board = OBJECTS
        wrong = {**board["attributes"], "hits": "0", "refreshInterval": {"pause": False, "value": 30000, "unit": "ms"}, "fullScreen": True}

        _, answer = self.send([*others, {**board, "attributes": wrong}])

        self.assertFalse(answer["success"])
        self.assertIn("['hits', 'refreshInterval.unit', 'fullScreen']", answer["errors"][0]["error"]["message"])

    def test_refuses_what_the_servers_refuse(self):
        newer = [{**OBJECTS[0], "migrationVersion": {"index-pattern": "7.11.0"}}]
        for expected, status in (
            ("no header", self.send(OBJECTS, **{"kbn-xsrf": None})[0]),
            ("no form", self.send(OBJECTS, **{"Content-Type": "application/json"})[0]),
            ("another boundary", self.send(OBJECTS, **{"Content-Type": "multipart/form-data; boundary=c"})[0]),
            ("new ids", self.send(OBJECTS, query="createNewCopies=true")[0]),
        ):
            with self.subTest(expected):
                self.assertEqual(400, status)
        self.assertEqual(422, self.send(newer)[0])
        self.assertEqual({}, self.server.objects)


if __name__ == "__main__":
    unittest.main()
