"""The search engines of the local pipeline and its tests, each in a separate process."""

import contextlib
import os
import pathlib
import subprocess
import tempfile
import threading
import time

import support

LOCAL = support.ROOT / "local-pipeline"
# module, main class, and the path of the dashboards in a domain with that engine
ENGINES = {
    "OpenSearch": (LOCAL / "opensearch", "io.taxistream.local.opensearch.LocalOpenSearch", "_dashboards"),
    "Elasticsearch": (LOCAL / "engines" / "elasticsearch-7", "io.taxistream.local.elasticsearch.LocalElasticsearch", "_plugin/kibana"),
}
START_SECONDS = 120


def dashboards_path(name):
    return ENGINES[name][2]


@contextlib.contextmanager
def running(name):
    """Starts an engine and yields its address; on exit the engine is stopped and its data deleted."""
    module, main_class, _ = ENGINES[name]
    jars = sorted((module / "target").glob("local-*.jar"))
    if not jars:
        raise FileNotFoundError(f"no jar in {module.relative_to(support.ROOT)}/target; build it with: mvn -q -DskipTests package")
    java = pathlib.Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    class_path = f"{jars[0]}:{module / 'target' / 'lib'}/*"
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "engine.log")
        command = [java, "-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-cp", class_path, main_class, pathlib.Path(folder, "data")]
        with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as process:
            try:
                yield address(process, log)
            finally:
                process.terminate()
                process.wait(60)


def address(process, log):
    """Waits until the engine accepts requests; returns its address."""
    pause, end = threading.Event(), time.monotonic() + START_SECONDS
    while True:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines:
            if " listens on http://" in line:
                return line.rpartition(" ")[2]
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError("the search engine did not start:\n" + "\n".join(lines[-20:]))
        pause.wait(0.2)
