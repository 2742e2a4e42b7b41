# SPDX-License-Identifier: MIT
"""The visit counter on Boost.Beast: all that a stranger sees of the one on cpp-httplib."""

from _example import run_tests
from visit_counter import VisitCounter  # noqa: F401 (unittest finds it here)

if __name__ == "__main__":
    run_tests()
