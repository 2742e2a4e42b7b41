# SPDX-License-Identifier: MIT
"""The pages of the documentation: no link leads nowhere, the README leads to each page, and Python code is Python."""

import ast
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^(`{3,})([^\n`]*)\n(.*?)^\1$", re.M | re.S)
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(([^()\s]+)\)")


def pages(root):
    return sorted(path for pattern in ("*.md", "docs/**/*.md", "benchmarks/**/*.md") for path in root.glob(pattern))


def links(text):
    """What a page's links lead to, but for addresses of other sites."""
    text = re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))
    return [target for target in LINK.findall(text) if not re.match(r"[a-z]+:", target)]


def anchors(text):
    """The names of a page's headings, as they are written behind a # in links."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(root):
    for page in pages(root):
        for target in links(page.read_text(encoding="utf-8")):
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            if not file.exists():
                yield f"{page.relative_to(root)}: {target} is not there"
            elif anchor and anchor not in anchors(file.read_text(encoding="utf-8")):
                yield f"{page.relative_to(root)}: {target} has no such heading"


def unlinked_pages(root):
    """Pages of docs/ that the README does not lead to, over however many links, and in docs/ itself with the first."""
    def targets(page):
        found = [(page.parent / link.partition("#")[0]).resolve() for link in links(page.read_text(encoding="utf-8"))]
        return {path for path in found if path.suffix == ".md" and path.is_file()}

    readme = (root / "README.md").resolve()
    first = targets(readme)
    reached, ahead = {readme}, list(first)
    while ahead:
        page = ahead.pop()
        if page not in reached:
            reached.add(page)
            ahead += targets(page)
    for page in pages(root):
        if page.parent == root / "docs" and page.resolve() not in first:
            yield f"{page.relative_to(root)} is not linked from the README"
        elif page.resolve() not in reached:
            yield f"{page.relative_to(root)} is not reached from the README"


def bad_python(root):
    for page in pages(root):
        for _, language, code in FENCE.findall(page.read_text(encoding="utf-8")):
            if language.strip() in ("py", "python"):
                try:
                    ast.parse(code)
                except SyntaxError as error:
                    yield f"{page.relative_to(root)}: {error}"


class Documentation(unittest.TestCase):
    def test_no_link_leads_nowhere(self):
        self.assertEqual(list(dead_links(ROOT)), [])

    def test_the_readme_leads_to_each_page(self):
        self.assertEqual(list(unlinked_pages(ROOT)), [])

    def test_python_code_is_python(self):
        self.assertEqual(list(bad_python(ROOT)), [])

    def test_the_first_success_is_on_the_first_screen(self):
        lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        self.assertLess(lines.index("tools/run visit_counter --port 8000 --database visits.sqlite3"), 40)

    def test_the_pictures_are_what_the_outputs_say(self):
        result = subprocess.run([sys.executable, ROOT / "tools" / "plot_benchmarks", "--check"], capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""))


class TheseChecks(unittest.TestCase):
    """They find what they are for, in a small tree of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        (self.root / "docs" / "more").mkdir(parents=True)
        self.write("README.md", "[a](docs/a.md#second-part) [web](https://example.org/x)\n```\n[no](link.md)\n```\n")
        self.write("docs/a.md", "# A\n## Second part\n[b](more/b.md) ![p](p.svg)\n```py\nprint(1)\n```\n")
        self.write("docs/more/b.md", "# B\n[home](../../README.md) [here](#b)\n")
        self.write("docs/p.svg", "")

    def write(self, name, text):
        (self.root / name).write_text(text, encoding="utf-8")

    def problems(self):
        return [*dead_links(self.root), *unlinked_pages(self.root), *bad_python(self.root)]

    def test_a_good_tree_has_no_problem(self):
        self.assertEqual(self.problems(), [])

    def test_each_problem_is_found(self):
        (self.root / "docs" / "p.svg").unlink()
        self.write("docs/more/b.md", "# B\n[here](#c)\n")
        self.write("docs/alone.md", "# Alone\n```python\nif:\n```\n")
        found = "\n".join(self.problems())
        for wanted in ("docs/a.md: p.svg is not there", "docs/more/b.md: #c has no such heading",
                       "docs/alone.md is not linked from the README", "docs/alone.md: "):
            self.assertIn(wanted, found)

    def test_a_page_of_docs_has_to_be_linked_from_the_readme_itself(self):
        self.write("docs/c.md", "# C\n")
        self.write("docs/a.md", "# A\n## Second part\n[b](more/b.md) [c](c.md)\n")
        self.assertEqual(self.problems(), ["docs/c.md is not linked from the README"])


if __name__ == "__main__":
    unittest.main()
