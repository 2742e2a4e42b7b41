# SPDX-License-Identifier: MIT
"""A Django site and the C++ service beside it: one browser, one session, whichever of the two it asks."""

import http.client
import http.cookies
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.parse

from _django import python_with_django
from _example import END_SECONDS, START_SECONDS, program_under_test, run_tests
from _servers import free_port, is_open

PROGRAM = program_under_test()
START = pathlib.Path(__file__).resolve().parents[2] / "examples" / "django_side_by_side" / "start"
PYTHON, _ = python_with_django()


class Pair:
    """The two, which the script starts in a folder and ends."""

    def __init__(self, folder, django, service):
        self.log = tempfile.NamedTemporaryFile()
        environment = os.environ | {"PYTHON": PYTHON, "DJANGO_PORT": str(django), "SERVICE_PORT": str(service)}
        self.process = subprocess.Popen([START, PROGRAM, folder], env=environment, stdout=self.log, stderr=self.log)
        limit = time.monotonic() + 5 * START_SECONDS
        while not (is_open(django) and is_open(service)):
            if self.process.poll() is not None or time.monotonic() > limit:
                self.end()
                raise AssertionError(f"the pair did not start: {self.said()}")
            time.sleep(0.05)

    def said(self):
        return pathlib.Path(self.log.name).read_text(encoding="utf-8")

    def end(self):
        """Ends both; returns what the script's exit code was."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class Browser:
    """One jar of cookies for both servers: cookies do not know ports."""

    def __init__(self, cookies=()):
        self.cookies = dict(cookies)

    def ask(self, port, method, path, fields=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, None if fields is None else urllib.parse.urlencode(fields), headers)
        response = connection.getresponse()
        response.text = response.read().decode()
        connection.close()
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, cookie in http.cookies.SimpleCookie(line).items():
                if cookie["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = cookie.coded_value
        return response

    def greeting(self, port):
        """Who is greeted, and how many visits there were."""
        page = self.ask(port, "GET", "/").text
        name, visits = re.search(r"Hello, (\w+)\. Visits in this session: (\d+)\.", page).groups()
        return name, int(visits)

    def send(self, port, page, path, **fields):
        """Opens a page and sends its form."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.ask(port, "GET", page).text)[1]
        return self.ask(port, "POST", path, {"csrfmiddlewaretoken": token} | fields)


class SideBySide(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.django, cls.service = free_port(), free_port()
        pair = Pair(folder.name, cls.django, cls.service)
        cls.addClassCleanup(pair.end)
        cls.password = re.search(r"User: visitor   Password: (\S+)", pair.said())[1]

    def logged_in(self):
        browser = Browser()
        response = browser.send(self.django, "/login/", "/login/", username="visitor", password=self.password)
        self.assertEqual(response.status, 302)
        return browser

    def test_a_stranger_has_one_session_on_both(self):
        browser = Browser()
        self.assertEqual(browser.greeting(self.django), ("stranger", 1))
        key = browser.cookies["sessionid"]
        self.assertEqual(browser.greeting(self.service), ("stranger", 2))
        self.assertEqual(browser.greeting(self.django), ("stranger", 3))
        self.assertEqual(browser.cookies["sessionid"], key)
        self.assertEqual(Browser().greeting(self.service), ("stranger", 1))

    def test_who_begins_on_the_service_goes_on_in_django(self):
        browser = Browser()
        self.assertEqual(browser.greeting(self.service), ("stranger", 1))
        self.assertEqual(browser.greeting(self.django), ("stranger", 2))

    def test_who_logs_in_on_django_is_greeted_by_the_service_and_keeps_the_visits(self):
        browser = Browser()
        browser.greeting(self.service)
        before = dict(browser.cookies)
        browser.send(self.django, "/login/", "/login/", username="visitor", password=self.password)
        self.assertNotEqual(browser.cookies["sessionid"], before["sessionid"])
        self.assertEqual(browser.greeting(self.service), ("visitor", 2))
        self.assertEqual(browser.greeting(self.django), ("visitor", 3))
        for port in (self.django, self.service):  # the key from before the log-in is dead
            self.assertEqual(Browser(before).greeting(port), ("stranger", 1))

    def test_a_logout_on_either_ends_both(self):
        for port in (self.django, self.service):
            with self.subTest(django=port == self.django):
                browser = self.logged_in()
                self.assertEqual(browser.greeting(self.service)[0], "visitor")
                copy = Browser(browser.cookies)
                self.assertIn(browser.send(port, "/", "/logout/").status, (302, 303))
                for other in (self.django, self.service):
                    self.assertEqual(browser.greeting(other)[0], "stranger")
                    self.assertEqual(copy.greeting(other)[0], "stranger")

    def test_a_logout_wants_the_token_of_a_form_of_either(self):
        browser = self.logged_in()
        self.assertEqual(browser.ask(self.service, "POST", "/logout/", {}).status, 403)
        self.assertEqual(browser.greeting(self.service)[0], "visitor")
        page = browser.ask(self.django, "GET", "/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        response = browser.ask(self.service, "POST", "/logout/", {"csrfmiddlewaretoken": token})
        self.assertEqual(response.status, 303)
        self.assertEqual(browser.greeting(self.django)[0], "stranger")

    def test_other_names_of_the_host_are_refused_by_both(self):
        for port in (self.django, self.service):
            for host, status in ((f"127.0.0.1:{port}", 200), ("elsewhere.example", 400)):
                with self.subTest(django=port == self.django, host=host):
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                    self.addCleanup(connection.close)
                    connection.request("GET", "/", headers={"Host": host})
                    self.assertEqual(connection.getresponse().status, status)


class TheScript(unittest.TestCase):
    def test_it_ends_both_and_starts_again_in_the_same_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            django, service = free_port(), free_port()
            cookies = {}
            for visits in (1, 3):
                pair = Pair(folder, django, service)
                self.addCleanup(pair.end)
                browser = Browser(cookies)
                self.assertEqual(browser.greeting(django), ("stranger", visits))
                self.assertEqual(browser.greeting(service), ("stranger", visits + 1))
                cookies = browser.cookies
                self.assertEqual(pair.end(), 0)
                self.assertFalse(is_open(django) or is_open(service))


if __name__ == "__main__":
    run_tests()
