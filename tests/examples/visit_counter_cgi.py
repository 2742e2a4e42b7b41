# SPDX-License-Identifier: MIT
"""The visit counter that a web server starts for each request."""

import os

import _gateway
from _example import program_under_test, run_tests


class VisitCounterCgi(_gateway.VisitCounterBehindGateway):
    program = program_under_test()

    def gateway(self):
        gateway = _gateway.Gateway([self.program], {**os.environ, "VISITS_DATABASE": str(self.database)})
        self.addCleanup(gateway.close)
        return gateway


if __name__ == "__main__":
    run_tests()
