# SPDX-License-Identifier: MIT
"""What the tests of an engine have: both halves of the site, started once, and users in its database."""

import contextlib
import functools
import itertools
import pathlib
import tempfile
import threading
import unittest

from _sites import DJANGO, Browser, Sites
from _example import run_tests  # noqa: F401: for the scripts

PASSWORD = "correct horse <battery>"
MEETING_SECONDS = 30


def since_django(*version):
    """Skips a test under an older Django."""
    shown = ".".join(map(str, version))
    return unittest.skipIf(DJANGO < version, f"Django {'.'.join(map(str, DJANGO))} here, and this is new in {shown}")


def both_ways(test):
    """A test with each half in turn as the first and the second."""
    @functools.wraps(test)
    def run(self):
        for first, second in ((self.django, self.ours), (self.ours, self.django)):
            with self.subTest(engine=self.engine.name, first=first.name, second=second.name):
                test(self, first, second)
    return run


class Meeting:
    """Holds a request at the point where it has read the session and not saved it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.reached, self.until = (pathlib.Path(self.folder.name) / name for name in ("reached", "until"))
        self.body = {"reached": str(self.reached), "until": str(self.until)}

    def wait_until_reached(self, thread):
        while not self.reached.exists():
            assert thread.is_alive(), "the request ended before it was held"
            thread.join(0.002)

    def go_on(self):
        self.until.touch()


class Request(threading.Thread):
    """A request in the background; result() is its response."""

    def __init__(self, browser, site, view, **body):
        super().__init__()
        self.function = lambda: browser.ask(site, view, **body)
        self.response = self.error = None
        self.start()

    def run(self):
        try:
            self.response = self.function()
        except BaseException as error:  # noqa: B902: raised again in result()
            self.error = error

    def result(self):
        self.join(MEETING_SECONDS * 2)
        if self.error is not None:
            raise self.error
        assert self.response is not None, "no answer"
        return self.response


class InteropTest(unittest.TestCase):
    """Failures say which engine, which halves and which step."""

    engine_class = None
    _numbers = itertools.count()

    @classmethod
    def setUpClass(cls):
        cls.sites = Sites(cls.engine_class)
        cls.addClassCleanup(cls.sites.close)

    def setUp(self):
        self.engine = self.sites.engine

    @property
    def django(self):
        return self.sites.django

    @property
    def ours(self):
        return self.sites.ours

    @contextlib.contextmanager
    def step(self, text):
        try:
            yield
        except AssertionError as error:
            raise AssertionError(f"engine {self.engine.name}, step \"{text}\": {error}") from error

    def new_user(self):
        """The name of a user who is in nobody's way."""
        name = f"user{next(self._numbers)}"
        Browser().ask(self.django, "create_user", name=name, password=PASSWORD)
        return name

    def logged_in(self, site, name, password=PASSWORD):
        browser = Browser()
        self.assertEqual(browser.ask(site, "login", name=name, password=password).json["user"], name)
        return browser

    @contextlib.contextmanager
    def held(self, browser, site, view, status=200, **body):
        """A request that has read the session when the block begins and saves it when the block has ended."""
        meeting = Meeting()
        request = Request(browser, site, view, status=status, **meeting.body, **body)
        try:
            meeting.wait_until_reached(request)
            yield request
        finally:
            meeting.go_on()
            request.join(MEETING_SECONDS)
            meeting.folder.cleanup()
        request.result()
