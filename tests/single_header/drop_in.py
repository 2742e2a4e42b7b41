# SPDX-License-Identifier: MIT
"""single_include/cloakroom.hpp alone in an empty folder, as docs/install.md and README.md say.

Usage: drop_in.py COMPILER INCLUDE_FLAGS COMPONENT...
INCLUDE_FLAGS is a file of flags for the compiler, the components are those whose libraries are here.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import headers  # noqa: E402

HEADER = ROOT / "single_include" / "cloakroom.hpp"
PAGE = ROOT / "docs" / "install.md"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
COMPILER, FLAGS, COMPONENTS = sys.argv[1], "@" + sys.argv[2], sys.argv[3:]
SWITCHES = [switch for switch in sorted(headers.SWITCHES)
            if switch.removeprefix("CLOAKROOM_WITH_").lower() in [*COMPONENTS, "testing"]]


def documented_commands():
    """The lines that begin with g++ in the documents, without comments."""
    for document in (PAGE, ROOT / "README.md"):
        for block in re.findall(r"^```sh\n(.*?)^```$", document.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
            for line in block.splitlines():
                if line.startswith("g++ "):
                    yield document.name, shlex.split(line, comments=True)


def botan_is_there(command):
    return all(Path(word[2:]).is_dir() for word in command if word.startswith("-I/"))


def switch_table():
    """switch -> the flags that it always needs on Debian, of the table in docs/install.md."""
    row = re.compile(r"^\| `(CLOAKROOM_WITH_\w+)` \|[^|]*\|[^|]*\| (?:`(-[^`]+)`)?[^|]*\|$", re.MULTILINE)
    return {switch: flags.split() for switch, flags in row.findall(PAGE.read_text(encoding="utf-8"))}


class DropIn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        shutil.copy(HEADER, cls.folder)

    def run_in_folder(self, *command):
        result = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, shlex.join(command) + "\n" + result.stdout + result.stderr)
        return result.stdout

    def write(self, name, *lines):
        (self.folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return name

    def macros(self, *lines):
        source = self.write("macros.cpp", *lines)
        output = self.run_in_folder(COMPILER, "-std=c++20", FLAGS, "-dM", "-E", source)
        return set(re.findall(r"^#define (\w+)", output, re.MULTILINE))

    def test_the_documented_command_builds_the_documented_program(self):
        shutil.copy(ROOT / "test_package" / "main.cpp", self.folder)
        usable = {shlex.join(command): (place, command) for place, command in documented_commands() if botan_is_there(command)}
        self.assertIn(PAGE.name, [place for place, _ in documented_commands()])
        self.assertTrue(usable, "no documented command has this machine's Botan")
        for place, command in usable.values():
            with self.subTest(place, command=command):
                self.run_in_folder(COMPILER, *command[1:])
                self.assertEqual(self.run_in_folder("./a.out"), "visit 2\n")

    def test_each_switch_alone_and_all_together_compile_without_a_warning(self):
        compile_ = [COMPILER, "-std=c++20", FLAGS, *WARNINGS]
        together = self.write("all.cpp", *(f"#define {switch}" for switch in SWITCHES), '#include "cloakroom.hpp"')
        self.run_in_folder(*compile_, "-fsyntax-only", together)
        # What has no switch stands first in the header and is the same under all of them: it is compiled once.
        core = self.write("core.hpp", '#include "cloakroom.hpp"')
        self.run_in_folder(*compile_, "-x", "c++-header", core, "-o", "core.hpp.gch")
        for switch in SWITCHES:
            with self.subTest(switch):
                alone = self.write("alone.cpp", f"#define {switch}", '#include "cloakroom.hpp"')
                self.run_in_folder(*compile_, "-include", core, "-fsyntax-only", alone)

    def test_only_the_documented_macros_are_defined(self):
        defines = [f"#define {switch}" for switch in SWITCHES]
        ours = self.macros(*defines, '#include "cloakroom.hpp"')
        others = self.macros(*defines, *self.includes_of_others())
        self.assertEqual(ours - others, {"CLOAKROOM_HPP"} | {f"{switch}_INCLUDED" for switch in SWITCHES})
        self.assertEqual(others - ours, set())
        text = PAGE.read_text(encoding="utf-8")
        for name in ("`CLOAKROOM_HPP`", "`CLOAKROOM_WITH_…_INCLUDED`"):
            self.assertIn(name, text)

    def includes_of_others(self):
        """The single header without its own code."""
        kept = re.compile(r"#(include <|if __has_include|if defined\(CLOAKROOM_WITH_)")
        depth = []
        for line in HEADER.read_text(encoding="utf-8").splitlines():
            if re.match(r"#if", line):
                depth.append(bool(kept.match(line)))
                if depth[-1]:
                    yield re.sub(r" && !defined.*", "", line)
            elif line.startswith("#endif"):
                if depth.pop():
                    yield "#endif"
            elif kept.match(line):
                yield line

    def test_the_table_of_switches_is_whole(self):
        self.assertEqual(sorted(switch_table()), sorted(headers.SWITCHES))

    @unittest.skipUnless(Path("/etc/debian_version").exists(), "the documented flags are Debian's")
    def test_the_flags_of_each_switch_find_its_headers_and_libraries(self):
        table = switch_table()
        botan = next(word for _, command in documented_commands() if botan_is_there(command) for word in command if word.startswith("-I/"))
        for switch in SWITCHES:
            with self.subTest(switch):
                source = self.write("found.cpp", f"#define {switch}", '#include "cloakroom.hpp"')
                folders = [flag for flag in table[switch] if flag.startswith("-I")]
                self.run_in_folder(COMPILER, "-std=c++20", botan, *folders, "-E", "-o", os.devnull, source)
        libraries = sorted({flag for switch in SWITCHES for flag in table[switch] if flag.startswith("-l")})
        self.assertIn("-lsqlite3", libraries)
        self.run_in_folder(COMPILER, self.write("empty.cpp", "int main() {}"), "-Wl,--no-as-needed", *libraries)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
