"""Validates the manifest for the Flink Kubernetes operator against the schema of its custom resource definition."""

import functools
import re
import unittest
import zipfile

import support

EXAMPLE = support.ROOT / "examples" / "kubernetes"
DEFINITION = "META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml"


def closed(schema):
    """Returns the schema with unknown fields forbidden in every object, because Kubernetes drops them silently."""
    if not isinstance(schema, dict):
        return schema
    inner = {key: {name: closed(one) for name, one in value.items()} if key == "properties" else closed(value) for key, value in schema.items()}
    if "properties" in schema and "x-kubernetes-preserve-unknown-fields" not in schema:
        inner.setdefault("additionalProperties", False)
    return inner


@support.needs("yaml", "jsonschema")
class ManifestTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        import yaml

        cls.manifest = yaml.safe_load((EXAMPLE / "taxi-stream-processor.yml").read_text(encoding="utf-8"))

    @staticmethod
    @functools.cache
    def schema():
        import yaml

        jars = sorted((support.TEMPLATES / "target" / "flink-operator").glob("*.jar"))
        if not jars:
            raise unittest.SkipTest("the schema of the operator is missing; to download it, run ./mvnw -q generate-test-resources -pl cfn-templates")
        with zipfile.ZipFile(jars[-1]) as jar:
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            (version,) = [one for one in yaml.load(jar.read(DEFINITION), loader)["spec"]["versions"] if one["name"] == "v1beta1"]
        schema = closed(version["schema"]["openAPIV3Schema"])
        # fields of every resource, which are not in the definition
        schema["properties"] |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
        return schema

    def test_the_operator_takes_it(self):
        import jsonschema

        jsonschema.validate(self.manifest, self.schema())
        self.assertEqual(("flink.apache.org/v1beta1", "FlinkDeployment"), (self.manifest["apiVersion"], self.manifest["kind"]))

    def test_mistakes_would_be_noticed(self):
        import jsonschema

        spec, schema = self.manifest["spec"], self.schema()
        for wrong in ({"flinkVersion": "1.20"}, {"flinkConfig": {}}, {"job": {**spec["job"], "parallelism": "eight"}}, {"job": {**spec["job"], "arguments": []}}):
            with self.subTest(wrong=wrong), self.assertRaises(jsonschema.ValidationError):
                jsonschema.validate({**self.manifest, "spec": {**spec, **wrong}}, schema)

    def test_job_and_image_are_of_one_version_and_have_the_jar_of_the_build(self):
        dockerfile = (EXAMPLE / "Dockerfile").read_text(encoding="utf-8")
        flink, java = re.search(r"^FROM flink:([\d.]+)-java(\d+)$", dockerfile, re.MULTILINE).groups()
        self.assertEqual((self.manifest["spec"]["flinkVersion"], "17"), (f"v{flink.replace('.', '_')}", java))
        jar = self.manifest["spec"]["job"]["jarURI"].rpartition("/")[2]
        self.assertIn(f"COPY {jar} usrlib/", dockerfile)
        pom = (support.ROOT / "pom.xml").read_text(encoding="utf-8")
        self.assertTrue(re.search(r"<flink\.version>([\d.]+)<", pom)[1].startswith(flink + "."))

    def test_it_is_configured_as_on_emr(self):
        cluster = support.load_template(support.INFRASTRUCTURE)["Resources"]["EmrCluster"]["Properties"]
        (on_emr,) = [one["ConfigurationProperties"] for one in cluster["Configurations"] if one["Classification"] == "flink-conf"]
        here = self.manifest["spec"]["flinkConfiguration"]
        self.assertLessEqual({key for key in on_emr if not key.startswith("yarn.")}, set(here))
        for key in ("execution.checkpointing.interval", "execution.checkpointing.externalized-checkpoint-retention"):
            self.assertEqual(on_emr[key], here[key])


if __name__ == "__main__":
    unittest.main()
