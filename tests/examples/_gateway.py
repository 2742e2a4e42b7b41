# SPDX-License-Identifier: MIT
"""A small web server that runs a CGI program for each request, and what a stranger sees of the visit counter there."""

import contextlib
import http.server
import re
import sqlite3
import subprocess
import threading
import unittest

from _example import ExampleTest, Visitor, exchange


class Gateway:
    """On a free port of 127.0.0.1. `variables` are there in the environment of each program; `errors` is what the
    programs wrote to stderr."""

    def __init__(self, command, variables):
        gateway = self
        self.errors = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                environment = {**variables, "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
                               "PATH_INFO": self.path, "SCRIPT_NAME": "", "SERVER_PROTOCOL": "HTTP/1.1"}
                cookies = self.headers.get_all("Cookie", [])
                if cookies:
                    environment["HTTP_COOKIE"] = "; ".join(cookies)
                done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
                if done.stderr:
                    gateway.errors.append(done.stderr.decode())
                head, _, body = done.stdout.partition(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")
                status = re.fullmatch(r"Status: (\d+)", lines[0])
                self.send_response(int(status[1]) if status else 502)
                for line in lines[1:]:
                    self.send_header(*line.split(": ", 1))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class VisitCounterBehindGateway(ExampleTest):
    def gateway(self):
        """A running one; what the tests of a program define."""
        raise unittest.SkipTest("of no program")

    def count(self, response):
        self.assertEqual(response.status, 200, response.text)
        return int(re.search(r"Visit count: (\d+)", response.text)[1])

    def test_counts_one_two_three_for_each_browser(self):
        gateway = self.gateway()
        first, second = Visitor(), Visitor()
        self.assertEqual([self.count(first.get(gateway, "/")) for _ in range(3)], [1, 2, 3])
        self.assertEqual([self.count(second.get(gateway, "/")) for _ in range(2)], [1, 2])
        self.assertNotEqual(first.cookie, second.cookie)
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            self.assertEqual(connection.execute("SELECT count(*) FROM django_session").fetchone()[0], 2)
        self.assertEqual(gateway.errors, [])

    def test_the_response_is_a_page_with_djangos_cookie(self):
        response = Visitor().get(self.gateway(), "/")
        value, attributes = response.set_cookie()
        self.assertRegex(value, r"\A[a-z0-9]{32}\Z")
        attributes.pop("expires")
        self.assertEqual(attributes, {"HttpOnly": "", "Max-Age": "1209600", "Path": "/", "SameSite": "Lax"})
        self.assertEqual(response.all("Vary"), ["Cookie"])
        self.assertEqual(response.all("Content-Type"), ["text/html; charset=utf-8"])
        self.assertTrue(response.text.rstrip().endswith("</html>"))

    def test_the_cookie_is_found_among_others_and_in_a_second_header(self):
        gateway = self.gateway()
        visitor = Visitor()
        self.assertEqual(self.count(visitor.get(gateway, "/")), 1)
        key = visitor.cookie.encode()
        for expected, lines in enumerate([[b"Cookie: a=1; sessionid=" + key + b"; b=2"],
                                          [b"Cookie: a=1", b"Cookie: sessionid=" + key]], 2):
            self.assertEqual(self.count(exchange(gateway.port, "/", lines)), expected)

    def test_bad_cookies_are_new_visitors(self):
        gateway = self.gateway()
        for cookie in (b"sessionid=", b"sessionid=../../etc/passwd", b"sessionid=" + b"z" * 32, b"=;;=", b"a" * 9000):
            response = exchange(gateway.port, "/", [b"Cookie: " + cookie])
            self.assertEqual(self.count(response), 1)
            self.assertRegex(response.set_cookie()[0], r"\A[a-z0-9]{32}\Z")

    def test_concurrent_requests_of_one_session_all_count(self):
        gateway = self.gateway()
        visitor = Visitor()
        visitor.get(gateway, "/")
        workers = [threading.Thread(target=lambda: [Visitor(visitor.cookie).get(gateway, "/") for _ in range(5)])
                   for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual(self.count(visitor.get(gateway, "/")), 22)
        self.assertEqual(gateway.errors, [])

    def test_a_storage_that_fails_is_told_to_the_log_and_not_to_the_visitor(self):
        gateway = self.gateway()
        Visitor().get(gateway, "/")
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            connection.execute("ALTER TABLE django_session RENAME COLUMN session_data TO other")
        response = Visitor("z" * 32).get(gateway, "/")
        self.assertGreaterEqual(response.status, 500)
        self.assertIsNone(response.set_cookie())
        self.assertNotIn("session_data", response.text)
        self.assertIn("session_data", "".join(gateway.errors))
