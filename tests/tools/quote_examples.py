# SPDX-License-Identifier: MIT
"""tools/quote_examples on a small tree of its own."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools" / "quote_examples"

EXAMPLE = """// SPDX-License-Identifier: MIT
#include <x>
int main()
{
    // [body]
    if (true)
        return 0;
    // [/body]
}
"""

WHOLE = "#include <x>\nint main()\n{\n    if (true)\n        return 0;\n}"
BODY = "if (true)\n    return 0;"


class QuoteExamples(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "examples").mkdir()
        (self.root / "docs").mkdir()
        (self.root / "examples" / "a.cpp").write_text(EXAMPLE)

    def run_tool(self, *arguments):
        return subprocess.run([sys.executable, TOOL, "--root", self.root, *arguments], capture_output=True, text=True)

    def write(self, what, code, name="README.md"):
        (self.root / name).write_text(f"# Title\n\n<!-- quoted from {what} -->\n```cpp\n{code}\n```\n\nText\n")

    def read(self, name="README.md"):
        return (self.root / name).read_text()

    def test_a_stale_quotation_is_refused_and_then_mended(self):
        for what, code in {"examples/a.cpp": WHOLE, "examples/a.cpp, region body": BODY}.items():
            for name in ("README.md", "docs/page.md"):
                with self.subTest(what=what, name=name):
                    self.write(what, "old", name)
                    before = self.read(name)
                    result = self.run_tool("--check")
                    self.assertEqual(result.returncode, 1)
                    self.assertIn(name, result.stderr)
                    self.assertEqual(self.read(name), before)

                    self.assertEqual(self.run_tool().returncode, 0)
                    self.assertIn(f"```cpp\n{code}\n```\n\nText\n", self.read(name))
                    self.assertEqual(self.run_tool("--check").returncode, 0)

    def test_other_fences_stay(self):
        text = "```cpp\nmine\n```\n"
        (self.root / "README.md").write_text(text)
        self.assertEqual(self.run_tool().returncode, 0)
        self.assertEqual(self.read(), text)

    def test_what_cannot_be_quoted_is_told_with_file_and_line(self):
        self.write("examples/a.cpp", WHOLE)
        good = self.read()
        bad = {
            good.replace("a.cpp", "b.cpp"): "line 3: examples/b.cpp does not exist",
            good.replace("a.cpp", "a.cpp, region none"): "line 3: examples/a.cpp has no whole region none",
            good.replace("```cpp\n", "\n```cpp\n"): "line 3: no fence begins",
            good.replace("\n```\n", "\n"): "line 4: the fence has no end",
            good.replace("a.cpp -->", "a.cpp body -->"): "line 3: this mark is not understood",
        }
        for text, words in bad.items():
            with self.subTest(words):
                (self.root / "README.md").write_text(text)
                for mode in ([], ["--check"]):
                    result = self.run_tool(*mode)
                    self.assertEqual(result.returncode, 1)
                    self.assertIn(f"README.md: {words}", result.stderr)
                    self.assertEqual(self.read(), text)

    def test_a_region_has_one_pair_of_marks(self):
        for spoilt in (EXAMPLE.replace("[/body]", "[body]"), EXAMPLE.replace("    // [/body]\n", ""), EXAMPLE * 2):
            (self.root / "examples" / "a.cpp").write_text(spoilt)
            self.write("examples/a.cpp, region body", BODY)
            self.assertEqual(self.run_tool("--check").returncode, 1)

    def test_the_projects_own_documents_are_up_to_date(self):
        result = subprocess.run([sys.executable, TOOL, "--check"], capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
