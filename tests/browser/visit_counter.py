# SPDX-License-Identifier: MIT
"""The visit counter in real browsers: two profiles, a restart, and the cookie as the browser stored it."""

import time

from _browser import BrowserTest
from _example import program_under_test, run_tests

TWO_WEEKS = 1209600


class VisitCounterInBrowsers(BrowserTest):
    program = program_under_test()

    def visit(self, browser, server):
        browser.open(f"http://127.0.0.1:{server.port}/visit/")
        return browser.text().strip()

    def test_two_browsers_and_a_restart(self):
        server = self.start()
        first, second = self.browser(), self.browser()

        for count in (1, 2, 3):
            self.assertIn(f"Visit count: {count}", self.visit(first, server))
        self.assertIn("Visit count: 1", self.visit(second, server))
        self.assertIn("Visit count: 4", self.visit(first, server))

        for browser in (first, second):
            [cookie] = browser.cookies()
            expiry = cookie.pop("expiry")
            self.assertAlmostEqual(expiry, time.time() + TWO_WEEKS, delta=120)
            self.assertRegex(cookie.pop("value"), r"\A[a-z0-9]{32}\Z")
            self.assertEqual(cookie, {"name": "sessionid", "domain": "127.0.0.1", "path": "/", "httpOnly": True,
                                      "secure": False, "sameSite": "Lax"})
            self.assertEqual(browser.run("return document.cookie"), "")
        self.assertNotEqual(first.cookies()[0]["value"], second.cookies()[0]["value"])

        port = server.port
        self.end(server)
        server = self.start(port=port)
        self.assertIn("Visit count: 5", self.visit(first, server))
        self.assertIn("Visit count: 2", self.visit(second, server))

        self.assertEqual(first.run("return document.characterSet"), "UTF-8")
        self.assertEqual(first.run("return document.compatMode"), "CSS1Compat")
        first.picture("visit_counter")
        first.screen(360, 640, True)
        self.assertIn("Visit count: 6", self.visit(first, server))
        self.assertLessEqual(first.run("return document.documentElement.scrollWidth"), 360)
        first.picture("visit_counter_phone")
        self.end(server)

    def test_a_session_that_the_server_does_not_know_is_replaced(self):
        server = self.start()
        browser = self.browser()
        self.assertIn("Visit count: 1", self.visit(browser, server))
        [before] = browser.cookies()
        port = server.port
        self.end(server)
        for file in self.folder.iterdir():
            file.unlink()
        server = self.start(port=port)
        self.assertIn("Visit count: 1", self.visit(browser, server))
        [after] = browser.cookies()
        self.assertNotEqual(before["value"], after["value"])
        self.end(server)


if __name__ == "__main__":
    run_tests()
