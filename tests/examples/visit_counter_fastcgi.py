# SPDX-License-Identifier: MIT
"""The visit counter that a web server asks by FastCGI. The web server's part is played by libfcgi's own client."""

import os
import signal
import socket
import subprocess

import _gateway
from _example import END_SECONDS, program_under_test, run_tests


class VisitCounterFastCgi(_gateway.VisitCounterBehindGateway):
    program = program_under_test()

    def gateway(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen([self.program, "--port", str(self.port), "--database", str(self.database)],
                                        stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.stop)
        self.assertEqual(self.process.stdout.readline(),
                         f"Listening for FastCGI on 127.0.0.1:{self.port} (end with Ctrl+C)\n")
        gateway = _gateway.Gateway(["cgi-fcgi", "-bind", "-connect", f"127.0.0.1:{self.port}"], os.environ)
        self.addCleanup(gateway.close)
        return gateway

    def stop(self):
        self.process.stdout.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.assertEqual(self.process.wait(END_SECONDS), 0)
        finally:
            self.process.kill()

    def test_a_port_in_use_ends_the_program(self):
        self.gateway()
        result = self.call("--port", str(self.port), "--database", "other.sqlite3")
        self.assertNotEqual(result.returncode, 0)  # libfcgi itself says why and exits
        self.assertIn("bind", result.stderr)


if __name__ == "__main__":
    run_tests()
