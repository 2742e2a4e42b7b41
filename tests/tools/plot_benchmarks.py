# SPDX-License-Identifier: MIT
"""tools/plot_benchmarks on outputs of its own."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "plot_benchmarks"
SVG = "{http://www.w3.org/2000/svg}"


class PlotBenchmarks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for path in (ROOT / "benchmarks" / "results").glob("*.json"):
            (self.root / path.name).write_bytes(path.read_bytes())

    def run_tool(self, *arguments):
        return subprocess.run([sys.executable, TOOL, "--results", self.root, "--pictures", self.root, *arguments],
                              capture_output=True, text=True)

    def texts(self, name):
        tree = xml.etree.ElementTree.parse(self.root / name)
        return [element.text for element in tree.iter(f"{SVG}text")]

    def test_the_median_of_the_repetitions_is_drawn(self):
        path = self.root / "redis.json"
        output = json.loads(path.read_text())
        name = "redis<OneServer, Work::load>/min_time:2.000/manual_time"
        rest = [run for run in output["benchmarks"] if run["name"] != name]
        output["benchmarks"] = rest + [{"name": name, "ratio": ratio} for ratio in (1.31, 9.0, 0.2)]
        path.write_text(json.dumps(output))
        self.assertEqual(self.run_tool().returncode, 0)
        self.assertIn("1.31", self.texts("cost.svg"))
        self.assertIn("Redis Cluster", self.texts("cost.svg"))

    def test_a_picture_that_is_not_what_the_outputs_say_is_found(self):
        self.assertEqual(self.run_tool().returncode, 0)
        self.assertEqual(self.run_tool("--check").returncode, 0)
        picture = self.root / "growth.svg"
        picture.write_text(picture.read_text().replace("Memory", "Melody"))
        result = self.run_tool("--check")
        self.assertEqual(result.returncode, 1)
        self.assertIn("growth.svg", result.stderr)

    def test_a_missing_output_is_named(self):
        (self.root / "sqlite.json").unlink()
        result = self.run_tool()
        self.assertEqual(result.returncode, 1)
        self.assertIn("sqlite.json is missing", result.stderr)
        (self.root / "sqlite.json").write_text(json.dumps({"context": [], "benchmarks": []}))
        self.assertIn("has no sqlite<Work::load>", self.run_tool().stderr)

    def test_what_is_kept_names_no_machine(self):
        for path in self.root.glob("*.json"):
            for context in json.loads(path.read_text())["context"]:
                self.assertNotIn("host_name", context)
                self.assertNotIn("executable", context)


if __name__ == "__main__":
    unittest.main()
