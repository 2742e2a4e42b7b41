# SPDX-License-Identifier: MIT
"""Starts an example on a free port and talks to it over a socket, as a browser that keeps one cookie would."""

import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

START_SECONDS = 60
END_SECONDS = 30


def program_under_test():
    """The example's path: what ctest gives as the first argument."""
    if len(sys.argv) < 2:
        sys.exit(f"Usage: {sys.argv[0]} PATH-OF-THE-EXAMPLE [unittest options]")
    return str(pathlib.Path(sys.argv[1]).resolve())


def run_tests():
    """Takes the program's path away and leaves the other arguments to unittest."""
    sys.argv.pop(1)
    unittest.main(verbosity=2)


class Server:
    """A running example. `url` is what it printed; `errors()` what it wrote to stderr so far."""

    def __init__(self, program, database, *arguments, port=0):
        self.launch([program, "--port", str(port), "--database", str(database), *arguments])

    def launch(self, command):
        self._errors = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._errors, text=True)
        watchdog = threading.Timer(START_SECONDS, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/\S*", line)
        if not found:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not start: {line!r} {self.errors()!r}")
        self.url = found[0]
        self.port = int(found[1])

    def errors(self):
        self._errors.seek(0)
        return self._errors.read()

    def stop(self, how=signal.SIGTERM):
        """Ends it; returns its exit code, or None if it had to be killed."""
        self.process.send_signal(how)
        try:
            return self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
        finally:
            self.process.stdout.close()

    def close(self):
        if self.process.poll() is None:
            self.stop(signal.SIGKILL)
        self._errors.close()


class Response:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if lines[0].startswith("HTTP/") else 0
        self.headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if ":" in line]
        self.text = self.body.decode("utf-8")

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def set_cookie(self):
        """The only Set-Cookie header as (value, {attribute: text}), or None."""
        lines = self.all("Set-Cookie")
        if not lines:
            return None
        assert len(lines) == 1, lines
        first, *rest = lines[0].split("; ")
        return first.partition("=")[2], {key: value for key, _, value in (part.partition("=") for part in rest)}


def exchange(port, path, header_lines=(), body=None):
    """One request, a POST if it has a body; header lines are bytes and are sent as they are. An answer that never came
    has status 0."""
    if body is not None:
        header_lines = [*header_lines, b"Content-Length: %d" % len(body)]
    method = "GET" if body is None else "POST"
    request = b"\r\n".join([f"{method} {path} HTTP/1.1".encode(), f"Host: 127.0.0.1:{port}".encode(),
                            b"Connection: close", *header_lines, b"", body or b""])
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        try:
            connection.sendall(request)
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionError:
            pass  # the server may refuse a large request before it has read all of it
    return Response(received or b"no answer\r\n\r\n")


class Visitor:
    """A browser with one cookie."""

    def __init__(self, cookie=None):
        self.cookie = cookie

    def get(self, server, path):
        lines = [] if self.cookie is None else [b"Cookie: sessionid=" + self.cookie.encode()]
        response = exchange(server.port, path, lines)
        if (cookie := response.set_cookie()) is not None:
            self.cookie = None if cookie[1].get("Max-Age") == "0" else cookie[0]
        return response


class ExampleTest(unittest.TestCase):
    """Each test has an empty folder, and a server started there on demand that is ended with the test."""

    program = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.database = self.folder / "sessions.sqlite3"

    def start(self, *arguments, **options):
        server = Server(self.program, self.database, *arguments, **options)
        self.addCleanup(server.close)
        return server

    def end(self, server, how=signal.SIGTERM):
        began = time.monotonic()
        self.assertEqual(server.stop(how), 0)
        self.assertLess(time.monotonic() - began, END_SECONDS / 2)
        self.assertEqual(server.errors(), "")

    def call(self, *arguments):
        return subprocess.run([self.program, *arguments], cwd=self.folder, capture_output=True, text=True,
                              timeout=START_SECONDS)

    def assert_says_what_production_needs(self, *ids):
        """With --production it says what to look at, shows no key, and serves. The server."""
        key = "keyword"
        file = pathlib.Path(f"{self.database}.key")
        file.write_text(key + "\n", encoding="utf-8")
        file.chmod(0o600)
        server = self.start("--production")
        said = [line.split(": ")[0] for line in server.errors().splitlines()]
        for wanted in ("security.W012", "security.W009", "cloakroom.W002", *ids):
            self.assertIn(wanted, said)
        self.assertNotIn("security.W015", said)
        self.assertNotIn(key, server.errors())
        return server
