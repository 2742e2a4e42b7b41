# SPDX-License-Identifier: MIT
"""10,000 random dictionaries through Python's json, as Django's serializer calls it, and through serializer::Json: the
same bytes and the same values, in both directions (S-440 to S-443, S-446, S-447).

    json.py PROGRAM [SEED [COUNT]]

Each run draws a seed of its own; a failure prints the one that repeats it.
"""

import sys

# This file has the name of the module that it compares with.
sys.path = [folder for folder in sys.path if not folder.endswith("compared")]

import json
import random
import struct
import subprocess

DEEPEST = 50
REALS = [0.0, -0.0, 1.0, -1.5, 0.1, 1e16, 1e15, 9999999999999998.0, 1e-4, 1e-5, 0.00012345, 1.7976931348623157e308,
         2.2250738585072014e-308, 5e-324, -4.9e-320, float("inf"), float("-inf"), float("nan"), 2.0**53, 123456789.125]
INTEGERS = [0, -1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64 - 1, 2**64, 10**100]
CHARACTERS = "\x00\x01\x08\t\n\x0b\x0c\r\x1f !\"'/\\<>&\x7f\x80\x9f\xa0\xe9\u03a9\u2028\u2029\ufeff\ufffd\uffff\U0001f600\U0010ffff\ud800\udbff\udc00\udfff"


def text(rng):
    kind = rng.random()
    length = rng.choice([0, 1, 2, 5, 13, 40]) if rng.random() < 0.998 else 700
    if kind < 0.5:
        drawn = "".join(chr(rng.randrange(0x20, 0x7F)) for _ in range(length))
    elif kind < 0.8:
        drawn = "".join(rng.choice(CHARACTERS) for _ in range(length))
    else:
        drawn = "".join(chr(rng.randrange(0x110000)) for _ in range(length))
    # Two halves that have met are one character, in a text that was read as in one that is written.
    return drawn.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def real(rng):
    kind = rng.random()
    if kind < 0.3:
        return rng.choice(REALS)
    if kind < 0.6:
        return rng.uniform(-1e6, 1e6)
    if kind < 0.7:
        return round(rng.uniform(-1000, 1000), rng.randrange(6))
    return struct.unpack("<d", rng.randbytes(8))[0]  # any at all, subnormal ones and NaN included


def integer(rng):
    kind = rng.random()
    if kind < 0.3:
        return rng.choice(INTEGERS)
    if kind < 0.6:
        return rng.randrange(-1000, 1000)
    bits = rng.choice([31, 53, 62, 63, 64, 65, 128]) if rng.random() < 0.99 else rng.choice([1000, 14000])
    return rng.choice([-1, 1]) * rng.getrandbits(bits)


def scalar(rng):
    return rng.choice([text, text, integer, integer, real, real, lambda _: None, lambda _: True, lambda _: False])(rng)


def container(rng, depth):
    size = rng.choice([0, 1, 1, 2, 4])
    if rng.random() < 0.5:
        return [value(rng, depth - 1) for _ in range(size)]
    return {text(rng): value(rng, depth - 1) for _ in range(size)}


def value(rng, depth):
    return container(rng, depth) if depth > 0 and rng.random() < 0.3 else scalar(rng)


def dictionary(rng):
    drawn = {text(rng): value(rng, 4) for _ in range(rng.choice([0, 1, 2, 4, 12]))}
    if rng.random() < 0.1:
        inner = scalar(rng)
        for _ in range(rng.randrange(1, DEEPEST)):
            inner = [inner, scalar(rng)] if rng.random() < 0.5 else {text(rng): inner, text(rng): scalar(rng)}
        drawn[rng.choice(["", text(rng)])] = inner
    return drawn


def plain(it):
    """The form that json.cpp describes."""
    if it is None:
        return "n"
    if isinstance(it, bool):
        return "t" if it else "f"
    if isinstance(it, int):
        return f"i{it};"
    if isinstance(it, float):
        return "rnan;" if it != it else f"r{struct.pack('>d', it).hex()};"
    if isinstance(it, str):
        return f"s{it.encode('utf-8', 'surrogatepass').hex()};"
    if isinstance(it, list):
        return "[" + "".join(map(plain, it)) + "]"
    return "{" + "".join(plain(key) + plain(each) for key, each in it.items()) + "}"


def dumps(it):
    return json.dumps(it, separators=(",", ":")).encode("latin-1")


def main():
    program = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().getrandbits(32)
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 10_000
    again = f"repeat it with: {sys.argv[0]} {program} {seed} {count}"

    rng = random.Random(seed)
    dictionaries = [dictionary(rng) for _ in range(count)]
    # Of what Python reads in other spellings, too: blanks, and characters that are not escaped.
    loose = [json.dumps(it, indent=None, separators=(" , ", " :\t")).encode("latin-1") for it in dictionaries]
    lines = [b"L" + dumps(it) for it in dictionaries]
    lines += [b"L" + it for it in loose]
    lines += [b"D" + plain(it).encode("ascii") for it in dictionaries]
    result = subprocess.run([program], input=b"\n".join(lines) + b"\n", stdout=subprocess.PIPE, timeout=60)
    answers = result.stdout.splitlines()
    if result.returncode or len(answers) != len(lines):
        sys.exit(f"seed {seed}: it ended with {result.returncode} after {len(answers)} of {len(lines)} answers\n{again}")

    for index, (line, answer) in enumerate(zip(lines, answers)):
        number = index % count
        theirs, expected = dictionaries[number], dumps(dictionaries[number])
        wanted = plain(theirs).encode("ascii") + b" " + expected if line[:1] == b"L" else expected
        if answer != wanted:
            print(f"sent:   {line!r:.2000}\nanswer: {answer!r:.2000}\nwanted: {wanted!r:.2000}")
            sys.exit(f"seed {seed}: dictionary {number} differs\n{again}")
        if plain(json.loads(answer.split(b" ", 1)[-1] if line[:1] == b"L" else answer)) != plain(theirs):
            sys.exit(f"seed {seed}: Python reads dictionary {number} of ours as another\n{again}")
    print(f"seed {seed}: {count} dictionaries of {sum(map(len, lines[:count])):,} bytes, the same in both directions")


if __name__ == "__main__":
    main()
