# SPDX-License-Identifier: MIT
"""The visit counter on Crow: what a stranger sees of the one on cpp-httplib, but for how it fails to listen."""

import unittest

from _example import program_under_test, run_tests
from visit_counter import VisitCounter


class VisitCounterCrow(VisitCounter):
    program = program_under_test()

    @unittest.skip("Crow itself says so, and ends the process")
    def test_a_port_in_use_is_a_clear_message(self):
        pass


del VisitCounter

if __name__ == "__main__":
    run_tests()
