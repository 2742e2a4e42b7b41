# SPDX-License-Identifier: MIT
"""The counter behind a proxy: processes that share sessions, keys that change, its health; and nginx where it is there."""

import contextlib
import http.client
import pathlib
import re
import shutil
import socket
import sqlite3
import ssl
import subprocess
import time
import unittest

from _example import ExampleTest, exchange, program_under_test, run_tests
from _servers import free_port, is_open

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "examples" / "behind_proxy"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
START_SECONDS = 30


class Browser:
    """Keeps the one cookie as it is named under the strict settings."""

    def __init__(self):
        self.cookie = None

    def count(self, port):
        response = exchange(port, "/visit/", [b"Cookie: " + self.cookie.encode()] if self.cookie else [])
        assert response.status == 200, response.text
        if lines := response.all("Set-Cookie"):
            self.cookie = lines[0].partition(";")[0]
        return int(re.search(r"Visit count: (\d+)", response.text)[1])


class BehindProxy(ExampleTest):
    program = program_under_test()

    def file(self, suffix):
        return pathlib.Path(f"{self.database}{suffix}")

    def test_processes_share_the_sessions(self):
        servers = [self.start(), self.start()]
        browser = Browser()
        self.assertEqual([browser.count(server.port) for server in servers + servers], [1, 2, 3, 4])

    def test_the_cookie_is_for_this_host_over_https_alone(self):
        response = exchange(self.start().port, "/visit/")
        self.assertRegex(response.all("Set-Cookie")[0], r"^__Host-id=[a-z0-9]{32}; HttpOnly; Path=/; SameSite=Lax; Secure$")
        self.assertEqual(response.all("Cache-Control"), ["no-store"])

    def test_a_key_is_changed_in_three_steps_and_nobody_notices(self):
        """One process after the other starts anew, as docs/deploy.md has it."""
        servers, browsers = [self.start(), self.start()], [Browser(), Browser()]
        counts = []

        def visit_both():
            for browser in browsers:
                counts.append([browser.count(server.port) for server in servers])

        def restart_both():
            for i in range(2):
                servers[i].stop()
                servers[i] = self.start()
                visit_both()

        visit_both()
        key, others, new = self.file(".key"), self.file(".other_keys"), "n" * 64 + "\n"
        others.write_text(new, encoding="utf-8")
        restart_both()
        others.write_text(new + key.read_text(encoding="utf-8"), encoding="utf-8")
        key.write_text(new, encoding="utf-8")
        restart_both()
        others.unlink()
        restart_both()
        self.assertEqual(counts, [[n, n + 1] for n in range(1, 15, 2) for _ in browsers])

    def test_without_the_old_key_what_it_signed_is_no_session(self):
        server, browser = self.start(), Browser()
        self.assertEqual(browser.count(server.port), 1)
        server.stop()
        self.file(".key").unlink()
        server = self.start()
        self.assertEqual(browser.count(server.port), 1)
        self.assertIn("bad_signature 1", exchange(server.port, "/health").text)

    def test_its_health_counts_what_is_refused_and_knows_when_the_store_is_down(self):
        server = self.start()
        exchange(server.port, "/visit/", [b"Cookie: __Host-id=" + b"a" * 32])
        answer = exchange(server.port, "/health")
        self.assertEqual(answer.status, 200)
        self.assertIn("unknown_key 1\nunusable_key 0\n", answer.text)
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            connection.execute("DROP TABLE django_session")
        self.assertEqual(exchange(server.port, "/health").status, 503)


@unittest.skipUnless(NGINX and shutil.which("openssl"), "needs nginx and openssl")
class Nginx(ExampleTest):
    program = BehindProxy.program

    def setUp(self):
        super().setUp()
        self.servers = [self.start(), self.start()]
        self.http, self.https = free_port(), free_port()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=shop.example",
                        "-addext", "subjectAltName=DNS:shop.example", "-days", "2",
                        "-keyout", "privkey.pem", "-out", "fullchain.pem"],
                       cwd=self.folder, check=True, capture_output=True)
        site = (FOLDER / "site.conf").read_text(encoding="utf-8")
        for from_file, here in {"127.0.0.1:8001": f"127.0.0.1:{self.servers[0].port}",
                                "127.0.0.1:8002": f"127.0.0.1:{self.servers[1].port}",
                                "listen 80": f"listen 127.0.0.1:{self.http}",
                                "listen 443": f"listen 127.0.0.1:{self.https}",
                                "/etc/letsencrypt/live/shop.example": str(self.folder)}.items():
            self.assertIn(from_file, site)
            site = site.replace(from_file, here)
        self.folder.chmod(0o755)
        (self.folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {self.folder}/pid; error_log stderr; events {{}}\n"
            f"http {{ access_log off; " + "".join(
                f"{name}_temp_path {self.folder}/{name}; "
                for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) + f"\n{site}\n}}\n", encoding="utf-8")
        log = open(self.folder / "nginx.log", "w+", encoding="utf-8")
        self.addCleanup(log.close)
        nginx = subprocess.Popen([NGINX, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")],
                                 stderr=log, stdout=log)
        self.addCleanup(nginx.wait)
        self.addCleanup(nginx.terminate)
        end = time.monotonic() + START_SECONDS
        while nginx.poll() is None and time.monotonic() < end:
            if is_open(self.https):
                return
            time.sleep(0.05)
        self.fail((self.folder / "nginx.log").read_text(encoding="utf-8"))

    def get(self, path, cookie=None, name="shop.example"):
        context = ssl.create_default_context(cafile=self.folder / "fullchain.pem")
        raw = socket.create_connection(("127.0.0.1", self.https), timeout=START_SECONDS)
        with context.wrap_socket(raw, server_hostname=name) as connection:
            client = http.client.HTTPConnection(name)
            client.sock = connection
            client.request("GET", path, headers={"Cookie": cookie} if cookie else {})
            response = client.getresponse()
            return response, response.read().decode("utf-8")

    def test_visits_are_counted_whichever_process_answers(self):
        response, text = self.get("/visit/")
        self.assertEqual(response.getheader("Strict-Transport-Security"), "max-age=31536000")
        cookie = response.getheader("Set-Cookie").partition(";")[0]
        counts = [text] + [self.get("/visit/", cookie)[1] for _ in range(5)]
        self.assertEqual([int(re.search(r"count: (\d+)", text)[1]) for text in counts], [1, 2, 3, 4, 5, 6])

    def test_one_process_may_be_away(self):
        self.servers[0].stop()
        self.assertEqual([self.get("/visit/")[0].status for _ in range(4)], [200] * 4)

    def test_http_goes_on_to_https_and_health_is_not_shown(self):
        with socket.create_connection(("127.0.0.1", self.http), timeout=START_SECONDS) as connection:
            connection.sendall(b"GET /visit/ HTTP/1.0\r\nHost: shop.example\r\n\r\n")
            answer = connection.makefile("rb").read().decode("latin-1")
        self.assertIn("301", answer.splitlines()[0])
        self.assertIn("Location: https://shop.example/visit/", answer)
        self.assertNotIn("Set-Cookie", answer)
        self.assertEqual(self.get("/health")[0].status, 404)

    def test_another_name_is_no_site(self):
        with self.assertRaises(ssl.SSLError):
            self.get("/visit/", name="other.example")


if __name__ == "__main__":
    run_tests()
