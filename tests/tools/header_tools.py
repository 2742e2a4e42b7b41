# SPDX-License-Identifier: MIT
"""tools/amalgamate and tools/check_layers on small trees: what they accept, and what they refuse and where."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent.parent / "tools"


def header(path, *lines):
    guard = re.sub(r"[/.]", "_", path).upper()
    text = ["// SPDX-License-Identifier: MIT", f"#ifndef {guard}", f"#define {guard}", "", *lines, "", "#endif", ""]
    return "\n".join(text)


def tree(**changes):
    """The smallest tree that is in order, with the lines of some headers changed. Names: core_version for
    cloakroom/core/version.hpp."""
    lines = {
        "core_version": ["#include <string_view>", "", 'inline constexpr std::string_view version = "1.2.3";'],
        "storage_memory": ["#include <cloakroom/core/version.hpp>", "", "#include <map>", "", "struct Memory {};"],
        "serializer_cereal": ["#include <cereal/cereal.hpp>", "", "struct Cereal {};"],
        "storage_sqlite": ["#include <cloakroom/adapters/sqlite.hpp>", "", "struct Sqlite {};"],
        "auth_sqlite": ["#include <cloakroom/adapters/sqlite.hpp>", "", "struct Users {};"],
        "storage_postgres": ["#include <cloakroom/adapters/postgres.hpp>", "", "struct Postgres {};"],
        "adapters_postgres": ["#include <libpq-fe.h>", "", "struct Server {};"],
        "adapters_sqlite": ["#include <sqlite3.h>", "#include <string>", "", "struct Connection {};"],
        "storage_redis": ["#include <cloakroom/adapters/hiredis.hpp>", "", "struct Redis {};"],
        "adapters_hiredis": ["#include <hiredis/hiredis.h>", "", "struct Server {};"],
        "storage_memcached": ["#include <cloakroom/adapters/libmemcached.hpp>", "", "struct Memcached {};"],
        "adapters_libmemcached": ["#include <libmemcached/memcached.h>", "", "struct Server {};"],
        "http_beast": ["#include <boost/beast/http/message.hpp>", "", "struct Adapter {};"],
        "http_crow": ["#include <crow.h>", "", "struct Adapter {};"],
        "http_drogon": ["#include <drogon/drogon.h>", "", "struct Adapter {};"],
        "http_fastcgi": ["#include <fcgiapp.h>", "", "struct Adapter {};"],
        "http_httplib": ["#include <httplib.h>", "", "struct Adapter {};"],
        "auth_httplib": ["#include <cloakroom/http/httplib.hpp>", "", "struct Form {};"],
        "testing_law": ["#include <cloakroom/core/version.hpp>", "", "struct Law {};"],
        **changes,
    }
    files = {f"cloakroom/{name.replace('_', '/', 1)}.hpp": text for name, text in lines.items()}
    files["cloakroom.hpp"] = ["#include <cloakroom/core/version.hpp>", "#include <cloakroom/storage/memory.hpp>"]
    return files


class HeaderTools(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.output = self.root / "single" / "cloakroom.hpp"

    def write(self, files):
        for path, lines in files.items():
            place = self.root / "include" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(lines if isinstance(lines, str) else header(path, *lines), encoding="utf-8")

    def run_tool(self, name, *arguments):
        command = [sys.executable, str(TOOLS / name), "--include", str(self.root / "include"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def amalgamate(self, *arguments):
        return self.run_tool("amalgamate", "--output", str(self.output), *arguments)

    def assert_refused(self, answer, *words):
        self.assertNotEqual(answer.returncode, 0)
        for word in words:
            self.assertIn(word, answer.stderr)

    def test_a_tree_in_order_is_accepted_by_both(self):
        self.write(tree())
        self.assertEqual(self.amalgamate().stderr, "")
        self.assertEqual(self.run_tool("check_layers").stderr, "")

    def test_no_code_of_the_library_warns_of_a_name_that_a_program_has_too(self):
        self.write(tree())
        self.amalgamate()
        for part in self.output.read_text(encoding="utf-8").split("#endif // ")[:-1]:
            before, quiet, rest = part.partition('#pragma GCC diagnostic ignored "-Wshadow"')
            code, loud, after = rest.partition("#pragma GCC diagnostic pop")
            self.assertTrue(quiet and loud)
            self.assertIn("// ---- ", code)
            self.assertNotIn("#include", code)
            self.assertNotIn("// ---- ", before + after)

    def test_a_condition_on_the_processor_is_kept(self):
        lines = ["#if defined(__x86_64__)", "struct Fast {};", "#else", "struct Slow {};", "#endif"]
        self.write(tree(storage_memory=["#include <cloakroom/core/version.hpp>", "", *lines]))
        self.assertEqual(self.amalgamate().stderr, "")
        self.assertIn("\n".join(lines), self.output.read_text(encoding="utf-8"))

    def test_a_header_that_may_be_missing_stays_behind_its_condition(self):
        lines = ["#if __has_include(<hiredis/hiredis_ssl.h>)", "#include <hiredis/hiredis_ssl.h>", "#endif"]
        self.write(tree(adapters_hiredis=["#include <hiredis/hiredis.h>", "", *lines]))
        self.assertEqual(self.amalgamate().stderr, "")
        self.assertIn("\n".join(lines), self.output.read_text(encoding="utf-8"))
        for others in (["#include <map>"], ["#include <hiredis/hiredis_ssl.h>"] * 2):
            self.write(tree(adapters_hiredis=["#include <hiredis/hiredis.h>", "", lines[0], *others, "#endif"]))
            self.assert_refused(self.amalgamate(), "adapters/hiredis.hpp")

    def test_the_single_header_hoists_includes_and_keeps_optional_parts_behind_their_switch(self):
        self.write(tree())
        self.amalgamate()
        text = self.output.read_text(encoding="utf-8")
        always, optional = text.split("#endif // CLOAKROOM_HPP")
        self.assertIn("#include <map>\n#include <string_view>\n", always)
        self.assertLess(always.index("version ="), always.index("struct Memory"))
        self.assertNotIn("sqlite3.h", always)
        self.assertLess(optional.index("defined(CLOAKROOM_WITH_SQLITE)"), optional.index("#include <sqlite3.h>"))
        self.assertLess(optional.index("struct Connection"), optional.index("struct Sqlite"))
        self.assertNotIn("#include <cloakroom/", text)

    def test_check_tells_a_stale_file_from_a_current_one(self):
        self.write(tree())
        self.assert_refused(self.amalgamate("--check"), "run tools/amalgamate")
        self.amalgamate()
        self.assertEqual(self.amalgamate("--check").returncode, 0)
        self.write(tree(core_version=['inline constexpr std::string_view version = "1.2.4";']))
        self.assert_refused(self.amalgamate("--check"), "run tools/amalgamate")

    def test_what_is_not_understood_is_refused_with_file_and_line(self):
        for lines, words in (
            (["#include <map>  // why"], "storage/memory.hpp:5"),
            (["#include \"map.hpp\""], "storage/memory.hpp:5"),
            (["struct Early {};", "#include <map>"], "storage/memory.hpp:6"),
            (["#define SURPRISE 1"], "storage/memory.hpp:5"),
            (["  # if 1"], "storage/memory.hpp:5"),
            (["struct Known {};", "#if defined(__x86_64__)"], "not closed"),
            (["#else"], "storage/memory.hpp:5"),
            (["#if defined(__x86_64__)", "#include <map>", "#endif"], "storage/memory.hpp:6"),
            (["/* a comment", "#include <map>", "*/"], "storage/memory.hpp:6"),
            (["// ends in a backslash \\"], "storage/memory.hpp:5"),
            (["#include <cloakroom/core/absent.hpp>"], "no include/cloakroom/core/absent.hpp"),
            ("struct NoGuard {};\n", "storage/memory.hpp:1"),
            (["#include <cloakroom/storage/sqlite.hpp>"], "CLOAKROOM_WITH_SQLITE"),
        ):
            with self.subTest(lines):
                self.write(tree(storage_memory=lines))
                self.assert_refused(self.amalgamate(), words)

    def test_a_header_that_nothing_brings_in_is_refused(self):
        self.write(tree(core_lonely=["struct Lonely {};"]))
        self.assert_refused(self.amalgamate(), "core/lonely.hpp", "neither cloakroom.hpp nor")

    def test_a_cycle_is_refused(self):
        self.write(tree(core_version=["#include <cloakroom/core/other.hpp>"],
                        core_other=["#include <cloakroom/core/version.hpp>"]))
        self.assert_refused(self.run_tool("check_layers"), "include cycle", "core/other.hpp")

    def test_dependencies_point_one_way(self):
        for name, seen in (
            ("core_upward", "storage/memory"),
            ("storage_concept", "storage/memory"),
            ("signer_hmac", "storage/memory"),
            ("session_session", "storage/memory"),
            ("http_middleware", "storage/memory"),
            ("adapters_other", "storage/memory"),
            ("storage_tested", "testing/law"),
        ):
            with self.subTest(name):
                self.write(tree(**{name: [f"#include <cloakroom/{seen}.hpp>"]}))
                path = name.replace("_", "/")
                self.assert_refused(self.run_tool("check_layers"), f"{path}.hpp:5", f"must not see cloakroom/{seen}.hpp")
                (self.root / "include" / "cloakroom" / f"{path}.hpp").unlink()

    def test_an_optional_library_is_named_once_and_an_unknown_one_never(self):
        self.write(tree(storage_sqlite=["#include <sqlite3.h>"]))
        self.assert_refused(self.run_tool("check_layers"), "sqlite3.h is named in cloakroom/adapters/sqlite.hpp already")
        self.write(tree(storage_memory=["#include <fancy/fancy.hpp>"]))
        self.assert_refused(self.run_tool("check_layers"), "storage/memory.hpp:5", "<fancy/fancy.hpp>")


if __name__ == "__main__":
    unittest.main()
