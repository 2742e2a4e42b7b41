# SPDX-License-Identifier: MIT
"""The visit counter as a stranger sees it: over a socket, with good, foreign and hostile cookies."""

import contextlib
import datetime
import email.utils
import re
import signal
import socket
import sqlite3
import threading

from _example import ExampleTest, Visitor, exchange, program_under_test, run_tests

TWO_WEEKS = 1209600


def count_in(response):
    found = re.search(r"Visit count: (\d+)", response.text)
    return int(found[1]) if found else None


class VisitCounter(ExampleTest):
    program = program_under_test()

    def visit(self, server, visitor):
        response = visitor.get(server, "/visit/")
        self.assertEqual(response.status, 200, server.errors())
        return count_in(response)

    def records(self):
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            return connection.execute("SELECT count(*) FROM django_session").fetchone()[0]

    def test_counts_one_two_three_for_each_browser_and_across_a_restart(self):
        server = self.start()
        first, second = Visitor(), Visitor()
        self.assertEqual([self.visit(server, first) for _ in range(3)], [1, 2, 3])
        self.assertEqual([self.visit(server, second) for _ in range(2)], [1, 2])
        self.assertNotEqual(first.cookie, second.cookie)
        self.end(server)

        server = self.start()
        self.assertEqual(self.visit(server, first), 4)
        self.assertEqual(self.visit(server, second), 3)
        self.end(server, signal.SIGINT)
        self.assertEqual(self.records(), 2)

    def test_in_production_it_says_what_to_look_at_and_goes_on(self):
        server = self.assert_says_what_production_needs()
        self.assertEqual(self.visit(server, Visitor()), 1)
        self.assertEqual(server.stop(), 0)
        self.end(self.start())

    def test_counts_survive_a_kill(self):
        server = self.start()
        visitor = Visitor()
        self.assertEqual(self.visit(server, visitor), 1)
        self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)
        server = self.start()
        self.assertEqual(self.visit(server, visitor), 2)
        self.end(server)

    def test_the_response_is_a_page_with_djangos_cookie(self):
        server = self.start()
        response = Visitor().get(server, "/visit/")
        value, attributes = response.set_cookie()
        self.assertRegex(value, r"\A[a-z0-9]{32}\Z")
        expires = email.utils.parsedate_to_datetime(attributes.pop("expires"))
        age = expires - datetime.datetime.now(datetime.timezone.utc)
        self.assertAlmostEqual(age.total_seconds(), TWO_WEEKS, delta=60)
        self.assertEqual(attributes, {"HttpOnly": "", "Max-Age": str(TWO_WEEKS), "Path": "/", "SameSite": "Lax"})
        self.assertEqual(response.all("Vary"), ["Cookie"])
        self.assertEqual(response.all("Content-Type"), ["text/html; charset=utf-8"])
        self.assertIn('<html lang="en">', response.text)
        self.assertIn('name="viewport"', response.text)
        self.end(server)

    def test_bad_cookies_are_new_visitors(self):
        server = self.start()
        known = Visitor()
        self.assertEqual(self.visit(server, known), 1)
        key = known.cookie.encode()
        cookies = {
            "empty": b"sessionid=",
            "without a name": b"=" + key,
            "under another name": b"Sessionid=" + key,
            "garbage": b"sessionid=\xff\xfe;;;==; %00",
            "short": b"sessionid=abc",
            "foreign": b"sessionid=" + b"z" * 32,
            "changed in one letter": b"sessionid=" + (b"a" if key[:1] != b"a" else b"b") + key[1:],
            "in upper case": b"sessionid=" + key.upper() if key.upper() != key else b"sessionid=ABCDEFGH",
            "with something behind": b"sessionid=" + key + b"0",
            "a path": b"sessionid=../../../../etc/passwd",
            "a pattern": b"sessionid=%%%%%%%%%%%%",
            "a statement": b"sessionid=' OR '1'='1' --",
            "percent-encoded NUL": b"sessionid=" + key + b"%00",
            "quoted NUL": b'sessionid="' + key + b'\\000"',
            "8 KiB": b"sessionid=" + b"a" * 7000,
        }
        for name, cookie in cookies.items():
            with self.subTest(name):
                response = exchange(server.port, "/visit/", [b"Cookie: " + cookie])
                self.assertEqual(response.status, 200)
                self.assertEqual(count_in(response), 1)
                self.assertRegex(response.set_cookie()[0], r"\A[a-z0-9]{32}\Z")
                self.assertNotEqual(response.set_cookie()[0].encode(), key)
        self.assertEqual(self.visit(server, known), 2)
        self.end(server)

    def test_headers_that_the_http_library_may_refuse_never_end_the_server(self):
        server = self.start()
        known = Visitor()
        self.assertEqual(self.visit(server, known), 1)
        for name, cookie in {"1 MB": b"sessionid=" + b"a" * 1_000_000,
                             "1 MB of cookies": b"a=;" * 333_333,
                             "NUL": b"sessionid=" + known.cookie.encode() + b"\0",
                             "control characters": b"sessionid=\x01\x02\x1b[31m\x7f"}.items():
            with self.subTest(name):
                response = exchange(server.port, "/visit/", [b"Cookie: " + cookie])
                self.assertIn(response.status, (0, 200, 400, 431))
                if response.status == 200:
                    self.assertEqual(count_in(response), 1)
        self.assertEqual(self.visit(server, known), 2)
        self.end(server)

    def test_the_cookie_is_found_among_others_and_in_a_second_header(self):
        server = self.start()
        visitor = Visitor()
        self.assertEqual(self.visit(server, visitor), 1)
        key = visitor.cookie.encode()
        for expected, lines in enumerate([[b"Cookie: a=1; sessionid=" + key + b"; b=2"],
                                          [b"Cookie: a=1", b"cookie: sessionid=" + key],
                                          [b'Cookie: sessionid="' + key + b'"'],
                                          [b"Cookie: sessionid=" + b"y" * 32 + b"; sessionid=" + key]], 2):
            self.assertEqual(count_in(exchange(server.port, "/visit/", lines)), expected)
        self.end(server)

    def test_concurrent_requests_of_one_session_all_count(self):
        server = self.start()
        visitor = Visitor()
        self.assertEqual(self.visit(server, visitor), 1)
        threads, requests = 8, 25
        counts, failures = [], []

        def work():
            for _ in range(requests):
                response = Visitor(visitor.cookie).get(server, "/visit/")
                (counts if response.status == 200 else failures).append(count_in(response))

        workers = [threading.Thread(target=work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual(failures, [], server.errors())
        self.assertEqual(len(counts), threads * requests)
        self.assertEqual(self.visit(server, visitor), threads * requests + 2)
        self.end(server)

    def test_other_pages_touch_no_session(self):
        server = self.start()
        response = Visitor().get(server, "/nothing/here")
        self.assertEqual(response.status, 404)
        self.assertIsNone(response.set_cookie())
        self.assertEqual(self.records(), 0)
        self.end(server)

    def test_a_port_in_use_is_a_clear_message(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            result = self.call("--port", str(port), "--database", "other.sqlite3")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr,
                         f"Cannot listen on 127.0.0.1:{port}: the port is in use. Choose another one with --port N.\n")

        server = self.start()
        result = self.call(f"--port={server.port}", "--database", "other.sqlite3")
        self.assertEqual(result.returncode, 1)
        self.assertIn("the port is in use", result.stderr)
        self.end(server)

    def test_the_port_asked_for_is_the_one_that_answers(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = self.start(port=port)
        self.assertEqual(server.url, f"http://127.0.0.1:{port}/visit/")
        self.assertEqual(self.visit(server, Visitor()), 1)
        self.end(server)

    def test_mistakes_on_the_command_line_are_told(self):
        for arguments, words in {("--prot", "1"): "unknown option '--prot'",
                                 ("visits.sqlite3",): "unknown option 'visits.sqlite3'",
                                 ("--port",): "--port needs a value",
                                 ("--port", "abc"): "not 'abc'",
                                 ("--port", "80x"): "not '80x'",
                                 ("--port=",): "not ''",
                                 ("--port", "-1"): "not '-1'",
                                 ("--port", "65536"): "from 0 to 65535, not '65536'",
                                 ("--port", "99999999999999999999"): "from 0 to 65535",
                                 ("--database=",): "--database needs the name of a file"}.items():
            with self.subTest(arguments):
                result = self.call(*arguments)
                self.assertEqual(result.returncode, 2)
                self.assertIn(words, result.stderr)
                self.assertEqual(result.stdout, "")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_help_names_the_options(self):
        for option in ("--help", "-h"):
            result = self.call(option)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            for word in ("Usage:", "--port N", "8000", "--database FILE", "visits.sqlite3"):
                self.assertIn(word, result.stdout)

    def test_a_database_that_cannot_be_used_is_a_clear_message(self):
        for name in ("missing-folder/visits.sqlite3", "."):
            result = self.call("--port", "0", "--database", name)
            self.assertEqual(result.returncode, 1, result.stderr)
            self.assertEqual(result.stderr.count("\n"), 1)
        (self.folder / "text.sqlite3").write_text("this is no database, and long enough to be seen as none\n" * 20)
        result = self.call("--port", "0", "--database", "text.sqlite3")
        self.assertEqual(result.returncode, 1)
        self.assertIn("text.sqlite3", result.stderr)

    def test_the_key_stays_and_is_private(self):
        server = self.start()
        key = self.folder / "sessions.sqlite3.key"
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        before = key.read_bytes()
        self.end(server)
        self.end(self.start())
        self.assertEqual(key.read_bytes(), before)


if __name__ == "__main__":
    run_tests()
