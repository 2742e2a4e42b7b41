# SPDX-License-Identifier: MIT
"""The visit counter on LMDB, MessagePack and BLAKE2: counts, also across a restart and a kill, and loses nothing."""

import re
import signal
import threading

from _example import ExampleTest, Visitor, program_under_test, run_tests


class CustomPolicies(ExampleTest):
    program = program_under_test()

    def visit(self, server, visitor):
        response = visitor.get(server, "/visit/")
        self.assertEqual(response.status, 200, server.errors())
        return int(re.search(r"Visit count: (\d+)", response.text)[1])

    def test_in_production_it_says_what_to_look_at(self):
        server = self.assert_says_what_production_needs()
        self.assertEqual(server.stop(), 0)

    def test_counts_for_each_browser_across_a_restart_and_a_kill(self):
        server = self.start()
        first, second = Visitor(), Visitor()
        self.assertEqual([self.visit(server, first) for _ in range(3)], [1, 2, 3])
        self.assertEqual(self.visit(server, second), 1)
        self.end(server)

        server = self.start()
        self.assertEqual(self.visit(server, first), 4)
        self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)

        server = self.start()
        self.assertEqual(self.visit(server, first), 5)
        self.assertEqual(self.visit(server, second), 2)
        self.end(server)

    def test_concurrent_requests_of_one_session_all_count(self):
        server = self.start()
        visitor = Visitor()
        self.assertEqual(self.visit(server, visitor), 1)
        threads = [threading.Thread(target=lambda: [self.visit(server, Visitor(visitor.cookie)) for _ in range(10)])
                   for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.visit(server, visitor), 42)
        self.end(server)

    def test_a_file_that_cannot_be_made_is_told(self):
        result = self.call("--port", "0", "--database", "missing-folder/visits.lmdb")
        self.assertEqual(result.returncode, 1)
        self.assertIn("missing-folder/visits.lmdb", result.stderr)


if __name__ == "__main__":
    run_tests()
