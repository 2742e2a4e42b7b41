# SPDX-License-Identifier: MIT
"""The names of tests, and what the tables of docs/ say of them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def tests_in(path):
    """The names of the test cases in a file, their parts put together; in Python with what is said of them."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        cases = re.findall(r'def (test_\w+)\(.*\):(?:\n +"""([^"]*)""")?', text)
        return [": ".join(filter(None, case)) for case in cases]
    cases = re.findall(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', text)
    return ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', case)) for case in cases]


def names_a_test(row):
    return "`tests/" in row or "`tools/" in row


def missing_tests(row):
    """What is not there of the files that a row names in backquotes, each followed by the beginnings of names of
    test cases in quotes."""
    path = None
    for file, name, quoted in re.findall(r'`(t(?:ests|ools)/[^`]+)`|`(test_\w+)`|"([^"]+)"', row):
        if file:
            path = ROOT / file
            if not path.is_file():
                yield f"{file} is missing"
                path = None
        elif path is not None and not any(test.startswith(name or quoted) for test in tests_in(path)):
            yield f"{path.relative_to(ROOT)} has no test '{name or quoted}'"
