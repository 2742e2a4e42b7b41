# SPDX-License-Identifier: MIT
"""A session that either half reads, changes, extends, rotates, flushes and lets expire, whoever wrote it."""

import base64
import datetime
import json
import time
import zlib

from _engines import COOKIE_AGE
from _interop import both_ways, since_django
from _sites import DJANGO, Browser

DATA = {
    "text": "Grüße, 東京 \U0001f600 \"quoted\" \\ / \x00\x1f\x7f\u2028",
    "surrogate": "\ud800",
    "numbers": [0, -1, 2**53, 2**63, -(2**63), 2**64 + 1, 10**40],
    "fractions": [0.1, -0.0, 1.0, 1e16, 1e-5, 5e-324, 1.7976931348623157e308],
    "not finite": [float("nan"), float("inf"), float("-inf")],
    "others": [True, False, None],
    "nested": {"z": [], "a": {}, "": [[[{"deep": [1]}]]]},
    "long": "a long text that is worth compressing, " * 100,
    "_reserved": {"by": "Django"},
}


def payload(text):
    """The JSON text that a stored text carries."""
    encoded = text.split(":")[0]
    data = encoded.removeprefix(".")
    raw = base64.urlsafe_b64decode(data + "=" * (-len(data) % 4))
    return (zlib.decompress(raw) if encoded.startswith(".") else raw).decode("ascii")


def without_moments(response):
    """What of a response does not depend on when, and under which random key, it was made."""
    cookies = response.all("Set-Cookie")
    parts = [part for line in cookies for part in line.split("; ")[1:]]
    attributes = ["expires" if part.startswith("expires=") and "1970" not in part else part for part in parts]
    return {"status": response.status, "cookies": len(cookies), "attributes": attributes,
            "vary": response.all("Vary")}


class SharedSessions:
    def assert_items(self, browser, expected):
        """On both halves: the values, their types and their order."""
        for site in (self.django, self.ours):
            with self.step(f"what {site.name} reads"):
                self.assertEqual(json.dumps(browser.items(site)), json.dumps(expected))

    def assert_gone(self, browser):
        """Neither half knows the session under this cookie, and each has it deleted."""
        for site in (self.django, self.ours):
            with self.step(f"{site.name} does not know the old cookie"):
                visitor = browser.copy()
                self.assertEqual(visitor.items(site), {})
                self.assertIsNone(visitor.cookie)

    @both_ways
    def test_each_reads_what_the_other_wrote(self, first, second):
        """S-050, S-120, S-203, S-240, S-500: the same items, types and order under the same key."""
        browser = Browser()
        browser.ask(first, "set", items=DATA)
        self.assert_items(browser, DATA)
        key = browser.cookie
        browser.ask(second, "set", items={"again": 1})
        self.assert_items(browser, {**DATA, "again": 1})
        if not self.engine.kept_by_browser:
            self.assertEqual(browser.cookie, key)
        self.assertEqual(Browser().items(second), {})

    @both_ways
    def test_each_changes_what_the_other_wrote(self, first, second):
        """S-013, S-023, S-024, S-030."""
        browser = Browser()
        browser.ask(first, "set", items={"cart": {"n": 1, "what": ["coat"]}, "goes": 1, "stays": 2, "count": 3})
        browser.ask(second, "nest", name="cart", inner="n", value=2)
        self.assertTrue(browser.ask(second, "delete", name="goes").json["was_there"])
        self.assertFalse(browser.ask(first, "delete", name="goes").json["was_there"])
        browser.ask(second, "add", name="count", by=4)
        browser.ask(first, "add", name="count", by=1)
        browser.ask(second, "set", items={"stays": "changed", "new": [1]})
        browser.ask(first, "nest", name="cart", inner="more", value=None)
        self.assert_items(browser, {"cart": {"n": 2, "what": ["coat"], "more": None}, "stays": "changed",
                                    "count": 8, "new": [1]})
        browser.ask(second, "clear")
        self.assert_items(browser, {})

    def test_both_write_the_same_text(self):
        """S-440 to S-443."""
        text = json.dumps(DATA, separators=(",", ":"))
        for site in (self.django, self.ours):
            with self.subTest(engine=self.engine.name, site=site.name):
                browser = Browser()
                browser.ask(site, "set", items=DATA)
                if self.engine.name != "redis":
                    self.assertEqual(payload(self.engine.text(browser.cookie)), text)
                elif site is self.ours or DJANGO >= (4, 0):
                    self.assertTrue(self.engine.holds(browser.cookie, text))
                else:
                    self.skipTest("Django before 4.0 has no Redis cache, and django-redis writes JSON with blanks")

    # ---- expiry ----

    def assert_deadline(self, browser, age):
        if self.engine.keeps_ages:
            self.assertAlmostEqual(self.engine.deadline(browser.cookie) - time.time(), age, delta=120)

    def assert_max_age(self, response, age):
        attributes = response.set_cookie()[1]
        self.assertEqual(attributes.get("Max-Age"), age)
        self.assertEqual("expires" in attributes, age is not None)

    @both_ways
    def test_each_extends_what_the_other_wrote(self, first, second):
        """S-070, S-071, S-076, S-077, S-079, S-088, S-309."""
        browser = Browser()
        self.assert_max_age(browser.ask(first, "set", items={"a": 1}), str(COOKIE_AGE))
        self.assert_deadline(browser, COOKIE_AGE)
        with self.step("seconds"):
            self.assert_max_age(browser.ask(first, "set_expiry", seconds=600), "600")
            self.assert_deadline(browser, 600)
            self.assertEqual(browser.ask(second, "expiry").json, {"age": 600, "browser_close": False})
        with self.step("longer"):
            self.assert_max_age(browser.ask(second, "set_expiry", seconds=7200), "7200")
            self.assert_deadline(browser, 7200)
            self.assertEqual(browser.ask(first, "expiry").json, {"age": 7200, "browser_close": False})
        with self.step("what the other saves keeps the age"):
            self.assert_max_age(browser.ask(first, "set", items={"a": 2}), "7200")
            self.assert_deadline(browser, 7200)
        with self.step("until the browser is closed"):
            self.assert_max_age(browser.ask(second, "set_expiry", browser_close=True), None)
            self.assert_deadline(browser, COOKIE_AGE)
            self.assertEqual(browser.ask(first, "expiry").json, {"age": COOKIE_AGE, "browser_close": True})
            self.assert_max_age(browser.ask(first, "set", items={"a": 3}), None)
        with self.step("as the settings say"):
            self.assert_max_age(browser.ask(first, "set_expiry"), str(COOKIE_AGE))
            self.assertEqual(browser.ask(second, "expiry").json, {"age": COOKIE_AGE, "browser_close": False})
        self.assert_items(browser, {"a": 3})

    @since_django(4, 1)  # before, a session as JSON could not hold a moment (S-853)
    @both_ways
    def test_a_moment_stays_where_it_is(self, first, second):
        """S-073, S-074."""
        browser = Browser()
        moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        browser.ask(first, "set_expiry", moment=moment.isoformat())
        for site in (second, first):
            self.assertLess(abs(browser.ask(site, "expiry").json["age"] - 3600), 120)
            browser.ask(site, "set", items={"a": 1})
            self.assert_items(browser, {"_session_expiry": moment.isoformat(), "a": 1})
            self.assert_deadline(browser, 3600)

    def test_a_django_before_4_1_cannot_save_beside_a_moment(self):
        """S-853."""
        if DJANGO >= (4, 1):
            self.skipTest("it can since 4.1 (S-853)")
        browser = Browser()
        browser.ask(self.ours, "set_expiry", moment="2100-01-01T00:00:00+00:00")
        browser.copy().ask(self.django, "set", status=500, items={"a": 1})
        self.assertEqual(browser.items(self.ours), {"_session_expiry": "2100-01-01T00:00:00+00:00"})
        browser.ask(self.ours, "flush")  # such a file would even end its clearsessions

    def test_what_expires_on_one_is_expired_on_the_other(self):
        """S-121, S-145, S-211, S-251."""
        directions = ((self.django, self.ours), (self.ours, self.django))
        expiring, extended = {}, {}
        for first, second in directions:
            extended[first] = Browser()
            extended[first].ask(first, "set", items={"a": 1})
            extended[first].ask(first, "set_expiry", seconds=60)
            extended[first].ask(second, "set_expiry", seconds=600)
            expiring[first] = Browser()
            expiring[first].ask(first, "set", items={"a": 1})
            expiring[first].ask(first, "set_expiry", seconds=2)
        time.sleep(2.1)
        for first, second in directions:
            with self.subTest(engine=self.engine.name, first=first.name, second=second.name):
                self.assert_items(extended[first], {"a": 1, "_session_expiry": 600})
                if self.engine.keeps_ages:
                    self.assert_gone(expiring[first])
                    continue
                # Django's files and signed cookies live on (S-211, S-251), but for files that ours has written.
                lives = {"a": 1, "_session_expiry": 2}
                is_over = self.engine.name == "file" and first is self.ours
                self.assertEqual(expiring[first].copy().items(self.django), lives)
                self.assertEqual(expiring[first].copy().items(self.ours), {} if is_over else lives)

    @both_ways
    def test_a_deadline_that_is_past(self, first, second):
        """S-121, S-209, S-210."""
        if self.engine.clears_itself:
            self.skipTest("the record has no deadline that a test could move")
        for site in (first, second):
            browser = Browser()
            browser.ask(first, "set", items={"a": 1})
            self.engine.end(browser.cookie, -3600)
            self.assertEqual(browser.items(site), {"a": 1})
            self.engine.end(browser.cookie, 1)
            with self.step(f"{site.name} does not read it"):
                self.assertEqual(browser.copy().items(site), {})

    # ---- keys ----

    @both_ways
    def test_a_key_that_one_has_rotated(self, first, second):
        """S-111, S-113, S-257."""
        browser = Browser()
        browser.ask(first, "set", items={"a": 1})
        old = browser.copy()
        browser.ask(second, "cycle_key")
        self.assert_items(browser, {"a": 1})
        if self.engine.kept_by_browser:
            self.assert_items(old, {"a": 1})  # S-257
            return
        self.assertNotEqual(browser.cookie, old.cookie)
        self.assertFalse(self.engine.contains(old.cookie))
        self.assertTrue(self.engine.contains(browser.cookie))
        self.assert_gone(old)

    @both_ways
    def test_a_session_that_one_has_flushed(self, first, second):
        """S-110, S-258."""
        browser = Browser()
        browser.ask(first, "set", items={"a": 1})
        old = browser.copy()
        browser.ask(second, "flush")
        self.assertIsNone(browser.cookie)
        if self.engine.kept_by_browser:
            self.assert_items(old, {"a": 1})  # S-258
            return
        self.assertFalse(self.engine.contains(old.cookie))
        self.assert_gone(old)

    # ---- the wire ----

    def test_both_answer_alike(self):
        """S-304 to S-307, S-315 to S-317, S-320 to S-322, S-340, S-345: cookies, their attributes in order, Vary."""
        requests = [("nothing", {}), ("read", {}), ("set", {"items": {"a": 1}}), ("nothing", {}), ("read", {}),
                    ("set", {"items": {"a": 1}}), ("set_expiry", {"seconds": 300}), ("expiry", {}),
                    ("set_expiry", {"browser_close": True}), ("expiry", {}), ("set_expiry", {}), ("set_expiry", {}),
                    ("delete", {"name": "none"}), ("cycle_key", {}), ("add", {"name": "a", "by": 1}),
                    ("delete", {"name": "a"}), ("read", {}), ("set", {"items": {"b": 1}}), ("clear", {}),
                    ("flush", {}), ("read", {}), ("flush", {}), ("clear", {}), ("cycle_key", {})]
        browsers = {self.django: Browser(), self.ours: Browser()}
        self.assert_alike(browsers, requests)
        for cookie in ("0" * 32, "a" * 300, "short", "", "UPPERCASE" * 4, "../../../etc/passwd"):
            for request in (("nothing", {}), ("read", {}), ("set", {"items": {"a": 1}}), ("flush", {})):
                if self.engine.name == "file" and request[0] == "flush" and cookie.startswith(("UPPER", "..")):
                    Browser(cookie).ask(self.django, "flush", status=400)  # a key that is no file's name (S-202)
                    Browser(cookie).ask(self.ours, "flush")
                else:
                    self.assert_alike({site: Browser(cookie) for site in browsers}, [request], cookie)

    def assert_alike(self, browsers, requests, cookie="the session's"):
        for view, body in requests:
            with self.subTest(engine=self.engine.name, view=view, body=body, cookie=cookie):
                theirs, ours = (browser.ask(site, view, **body) for site, browser in browsers.items())
                self.assertEqual(theirs.json, ours.json)
                self.assertEqual(without_moments(theirs), without_moments(ours))
                self.assertEqual(*(browser.cookie is None for browser in browsers.values()))
