# SPDX-License-Identifier: MIT
"""Reads the headers under include/, strictly: what is not of the expected shape is refused with file and line.

A header is: the SPDX line, the guard made from its path, our includes and others, then text, and the guard's end.
Comments may stand between the includes. In the text the one kind of directive is a condition on a macro that compilers
predefine, such as __x86_64__, or on whether a library's header is there, which the condition then includes.
"""

import re
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The one place that says which headers need which switch of the single header.
SWITCHES = {
    "CLOAKROOM_WITH_BEAST": ["cloakroom/http/beast.hpp"],
    "CLOAKROOM_WITH_CEREAL": ["cloakroom/serializer/cereal*.hpp"],
    "CLOAKROOM_WITH_CROW": ["cloakroom/http/crow.hpp"],
    "CLOAKROOM_WITH_DROGON": ["cloakroom/http/drogon.hpp"],
    "CLOAKROOM_WITH_FASTCGI": ["cloakroom/http/fastcgi.hpp"],
    "CLOAKROOM_WITH_HTTPLIB": ["cloakroom/auth/httplib*.hpp", "cloakroom/http/httplib*.hpp"],
    "CLOAKROOM_WITH_MEMCACHED": ["cloakroom/adapters/libmemcached.hpp", "cloakroom/storage/memcached*.hpp"],
    "CLOAKROOM_WITH_POSTGRES": ["cloakroom/adapters/postgres.hpp", "cloakroom/storage/postgres*.hpp"],
    "CLOAKROOM_WITH_REDIS": ["cloakroom/adapters/hiredis*.hpp", "cloakroom/storage/redis*.hpp"],
    "CLOAKROOM_WITH_SQLITE": ["cloakroom/adapters/sqlite.hpp", "cloakroom/auth/sqlite*.hpp", "cloakroom/storage/sqlite*.hpp"],
    "CLOAKROOM_WITH_TESTING": ["cloakroom/testing/*.hpp"],
}

LICENCE = "// SPDX-License-Identifier: MIT"
INCLUDE = re.compile(r"#include <([^<>\s]+)>")
CONDITION = re.compile(r"#if (defined\(__[A-Za-z0-9_]+__\)|__has_include\(<hiredis/hiredis_ssl\.h>\))")


class Refused(Exception):
    def __init__(self, path, line, reason):
        super().__init__(f"include/{path}:{line}: {reason}")


@dataclass
class Header:
    path: str  # as it is included: cloakroom/core/value.hpp
    switch: str | None = None
    own: list = field(default_factory=list)  # (line number, path) of each cloakroom header that it includes
    others: list = field(default_factory=list)  # (line number, name) of each other one
    body: list = field(default_factory=list)  # lines without licence, guard and includes


def switch_of(path):
    for switch, owners in SWITCHES.items():
        if any(fnmatch(path, owner) for owner in owners):
            return switch
    return None


def read(root, path):
    lines = (root / path).read_text(encoding="utf-8").split("\n")
    guard = re.sub(r"[/.]", "_", path).upper()
    frame = {0: LICENCE, 1: f"#ifndef {guard}", 2: f"#define {guard}", len(lines) - 2: "#endif", len(lines) - 1: ""}
    for index, wanted in frame.items():
        if not 0 <= index < len(lines) or lines[index] != wanted:
            raise Refused(path, max(index, 0) + 1, f"expected {wanted!r}" if wanted else "expected the end of the file")

    header = Header(path, switch_of(path))
    in_prologue, depth = True, 0
    for number, line in enumerate(lines[3:-2], start=4):
        text = line.strip()
        include = INCLUDE.fullmatch(line)
        if include and in_prologue:
            known = header.own if include[1].startswith("cloakroom/") else header.others
            known.append((number, include[1]))
            continue
        if CONDITION.fullmatch(line):
            depth += 1
        elif line in ("#else", "#endif"):
            if depth == 0:
                raise Refused(path, number, f"{line} without a condition before it")
            depth -= line == "#endif"
        elif include and header.body[-1] == f"#if __has_include(<{include[1]}>)":
            pass
        elif text.startswith(("#", "%:", "??=")):
            raise Refused(path, number, f"a directive that is neither an include before any code nor known: {text}")
        if line.endswith("\\"):
            raise Refused(path, number, "a line that continues on the next one")
        if text and not text.startswith("//"):
            in_prologue = False
        header.body.append(line)
    if depth:
        raise Refused(path, len(lines) - 1, "a condition that is not closed")
    return header


def read_all(root):
    """All headers under `root` by path. Every header of ours that one includes exists."""
    paths = sorted(str(path.relative_to(root)) for path in root.rglob("*.hpp"))
    headers = {path: read(root, path) for path in paths}
    for header in headers.values():
        for number, path in header.own:
            if path not in headers:
                raise Refused(header.path, number, f"there is no include/{path}")
    return headers


def in_order(headers):
    """The headers, each after all that it includes; among equals by name. Refuses a cycle."""
    done, open_ = [], []

    def visit(path, includer, number):
        if path in open_:
            raise Refused(includer, number, "include cycle: " + " -> ".join([*open_[open_.index(path):], path]))
        if path in done:
            return
        open_.append(path)
        for line, inner in sorted(headers[path].own, key=lambda include: include[1]):
            visit(inner, path, line)
        open_.pop()
        done.append(path)

    for path in headers:
        visit(path, path, 1)
    return [headers[path] for path in done]
