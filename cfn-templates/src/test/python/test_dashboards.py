"""Checks the saved objects, including the JSON inside their JSON, and compares references and fields with the index templates."""

import json
import re
import unittest

import support
from saved_objects import ATTRIBUTES, NEWEST, misfits

TYPES = {"long": "number", "double": "number", "keyword": "string", "date": "date", "geo_point": "geo_point"}


def mappings(folder):
    """Returns the mapped fields of each index, by index name, from the index templates."""
    templates = json.loads((folder / "index-templates.json").read_text(encoding="utf-8"))
    return {f"taxi-dashboard-{suffix}": one["template"]["mappings"]["properties"] for suffix, one in templates.items()}


class SavedObjectsChecks:
    """Tests for every folder of dashboards; subclasses select the folder."""

    def look_at(self, folder):
        lines = (folder / "taxi-trips-dashboard.ndjson").read_text(encoding="utf-8").splitlines()
        self.objects = {(one["type"], one["id"]): one for one in map(json.loads, lines)}
        self.fields = mappings(folder)

    def of_type(self, kind):
        return {name: one for (found, name), one in self.objects.items() if found == kind}

    def visualization(self, name):
        return json.loads(self.objects["visualization", name]["attributes"]["visState"])

    def test_every_reference_leads_to_an_object_that_comes_before(self):
        seen = set()
        for key, one in self.objects.items():
            for reference in one["references"]:
                with self.subTest(object=key, reference=reference):
                    self.assertIn((reference["type"], reference["id"]), seen)
            seen.add(key)

    def test_every_named_reference_is_used_and_every_use_is_named(self):
        for key, one in self.objects.items():
            with self.subTest(object=key):
                inner = json.dumps(one["attributes"])
                used = set(re.findall(r'(?:RefName|indexRefName)\\*": *\\*"([^"\\]+)', inner))
                self.assertEqual({reference["name"] for reference in one["references"]}, used)

    def test_every_json_text_within_is_json_and_says_the_same_title(self):
        for (_, name), one in self.objects.items():
            texts = {key: value for key, value in one["attributes"].items() if key.endswith(("JSON", "State")) or key == "fields"}
            texts["searchSourceJSON"] = one["attributes"].get("kibanaSavedObjectMeta", {}).get("searchSourceJSON", "{}")
            for key, text in texts.items():
                with self.subTest(object=name, text=key):
                    inner = json.loads(text)
                    if key == "visState":
                        self.assertEqual(one["attributes"]["title"], inner["title"])

    def test_attributes_are_those_that_the_servers_map(self):
        for (kind, name), one in self.objects.items():
            with self.subTest(object=name):
                self.assertEqual({"id", "type", "attributes", "references", "migrationVersion"}, set(one))
                self.assertEqual([], misfits(one["attributes"], ATTRIBUTES[kind]) if kind in ATTRIBUTES else [])

    def test_every_field_that_is_asked_for_is_in_the_index_templates(self):
        for name, one in self.of_type("visualization").items():
            state = self.visualization(name)
            if state["type"] == "markdown":
                continue
            index = state["params"].get("index_pattern") or one["references"][0]["id"]
            asked = {aggregation["params"]["field"] for aggregation in state["aggs"]}
            for series in state["params"].get("series", []):
                asked |= {metric["field"] for metric in series["metrics"] if metric["type"] != "calculation"}
                asked |= {each["filter"]["query"].partition(":")[0] for each in series["split_filters"]}
            with self.subTest(object=name):
                self.assertTrue(asked)
                self.assertLessEqual(asked, set(self.fields[index]))

    def test_versions_are_those_that_the_oldest_server_takes(self):
        for (kind, name), one in self.objects.items():
            with self.subTest(object=name):
                self.assertEqual({kind: NEWEST[kind]}, one["migrationVersion"])
                self.assertNotIn("coreMigrationVersion", one)

    def test_index_patterns_know_the_fields_that_the_templates_map(self):
        patterns = self.of_type("index-pattern")
        self.assertEqual(set(self.fields), set(patterns))
        for name, pattern in patterns.items():
            with self.subTest(index=name):
                self.assertEqual((name, "timestamp"), (pattern["attributes"]["title"], pattern["attributes"]["timeFieldName"]))
                listed = {one["name"]: one for one in json.loads(pattern["attributes"]["fields"]) if not one["name"].startswith("_")}
                expected = {field: ([mapping["type"]], TYPES[mapping["type"]]) for field, mapping in self.fields[name].items()}
                self.assertEqual(expected, {field: (one["esTypes"], one["type"]) for field, one in listed.items()})
                self.assertTrue(all(one["aggregatable"] and one["searchable"] for one in listed.values()))


class SavedObjectsTest(SavedObjectsChecks, unittest.TestCase):
    def setUp(self):
        self.look_at(support.DASHBOARDS)

    def test_the_ids_are_fixed(self):
        self.assertEqual({
            ("index-pattern", "taxi-dashboard-pickup-count"),
            ("index-pattern", "taxi-dashboard-trip-duration"),
            ("visualization", "Areas-with-high-pickup-rates"),
            ("visualization", "Average-trip-duration-to-JFK-and-LGA"),
            ("visualization", "About-this-dashboard"),
            ("dashboard", "Taxi-Trips-Dashboard"),
        }, set(self.objects))

    def test_the_map_sums_pick_ups_over_geohash_cells(self):
        state = self.visualization("Areas-with-high-pickup-rates")
        self.assertEqual("tile_map", state["type"])
        self.assertEqual("Shaded Geohash Grid", state["params"]["mapType"])
        metric, cells = state["aggs"]
        self.assertEqual(("sum", "pickup_count"), (metric["type"], metric["params"]["field"]))
        self.assertEqual(("geohash_grid", "location"), (cells["type"], cells["params"]["field"]))
        index = self.objects["visualization", "Areas-with-high-pickup-rates"]["references"][0]["id"]
        self.assertEqual("long", self.fields[index][metric["params"]["field"]]["type"])
        self.assertEqual("geo_point", self.fields[index][cells["params"]["field"]]["type"])

    def test_the_map_has_a_base_layer(self):
        wms = self.visualization("Areas-with-high-pickup-rates")["params"]["wms"]
        self.assertTrue(wms["enabled"])
        self.assertTrue(wms["url"].startswith("https://"))
        # without it the servers ignore the layer above
        self.assertIn("id", wms["selectedTmsLayer"])

    def test_the_map_counts_in_whole_numbers_and_is_the_redder_the_more(self):
        formats = json.loads(self.objects["index-pattern", "taxi-dashboard-pickup-count"]["attributes"]["fieldFormatMap"])
        self.assertEqual({"pickup_count": {"id": "number", "params": {"pattern": "0,0"}}}, formats)
        self.assertEqual("Yellow to Red", self.visualization("Areas-with-high-pickup-rates")["params"]["colorSchema"])

    def series(self):
        """Returns the panel, the bars of trips and the lines of minutes."""
        panel = self.visualization("Average-trip-duration-to-JFK-and-LGA")["params"]
        trips, minutes = panel["series"]
        return panel, trips, minutes

    def test_the_line_divides_all_minutes_by_all_trips(self):
        self.assertEqual("metrics", self.visualization("Average-trip-duration-to-JFK-and-LGA")["type"])
        panel, _, series = self.series()
        mapped = self.fields[panel["index_pattern"]]
        self.assertEqual("date", mapped[panel["time_field"]]["type"])
        self.assertEqual(("line", "left"), (series["chart_type"], series["axis_position"]))
        sums = {metric["id"]: metric["field"] for metric in series["metrics"] if metric["type"] == "sum"}
        self.assertEqual({"minutes": "sum_trip_duration", "trips": "trip_count"}, sums)
        self.assertLessEqual(set(sums.values()), set(mapped))
        average = series["metrics"][-1]
        self.assertEqual("calculation", average["type"])
        self.assertEqual({"minutes": "minutes", "trips": "trips"}, {one["name"]: one["field"] for one in average["variables"]})
        self.assertEqual("params.trips > 0 ? params.minutes / params.trips : null", average["script"])

    def test_bars_say_how_many_trips_a_line_rests_on(self):
        _, series, _ = self.series()
        self.assertEqual(("bar", "right"), (series["chart_type"], series["axis_position"]))
        (trips,) = series["metrics"]
        self.assertEqual(("sum", "trip_count"), (trips["type"], trips["field"]))

    def test_lines_and_bars_have_a_colour_of_their_own_for_each_airport(self):
        filters = []
        for series, what in zip(self.series()[1:], ("trips", "minutes"), strict=True):
            self.assertEqual(("filters", "kibana", 1), (series["split_mode"], series["split_color_mode"], series["separate_axis"]))
            queries = {one["label"]: one["filter"]["query"] for one in series["split_filters"]}
            self.assertEqual({f"JFK {what}": "airport_code:JFK", f"LGA {what}": "airport_code:LGA"}, queries)
            filters += series["split_filters"]
        self.assertEqual(4, len({one["color"] for one in filters}))
        self.assertEqual(4, len({one["id"] for one in filters}))
        self.assertEqual("keyword", self.fields["taxi-dashboard-trip-duration"]["airport_code"]["type"])

    def test_no_window_is_left_out_of_the_line(self):
        panel = self.visualization("Average-trip-duration-to-JFK-and-LGA")["params"]
        # there is one result per ten minutes: shorter intervals would leave gaps, and the last interval counts, too
        self.assertEqual((">=10m", 0), (panel["interval"], panel["drop_last_bucket"]))

    def test_the_map_is_on_the_left_and_the_line_on_the_right_below_a_text(self):
        dashboard = self.objects["dashboard", "Taxi-Trips-Dashboard"]
        panels = json.loads(dashboard["attributes"]["panelsJSON"])
        names = {reference["name"]: reference["id"] for reference in dashboard["references"]}
        shown = [(names[panel["panelRefName"]], *(panel["gridData"][side] for side in "xywh")) for panel in panels]
        self.assertEqual([
            ("Areas-with-high-pickup-rates", 0, 6, 24, 24),
            ("Average-trip-duration-to-JFK-and-LGA", 24, 6, 24, 24),
            ("About-this-dashboard", 0, 0, 48, 6),
        ], shown)
        self.assertEqual([panel["panelIndex"] for panel in panels], [panel["gridData"]["i"] for panel in panels])

    def test_the_text_says_what_to_do_when_the_panels_are_empty(self):
        state = self.visualization("About-this-dashboard")
        self.assertEqual("markdown", state["type"])
        for word in ("the redder", "empty", "import.sh", "--live", "-adaptTime ingestion", "ten minutes"):
            self.assertIn(word, state["params"]["markdown"])


if __name__ == "__main__":
    unittest.main()
