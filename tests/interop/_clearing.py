# SPDX-License-Identifier: MIT
"""clearsessions of each half, on the same records."""

from _interop import since_django
from _sites import Browser


class SharedClearing:
    def key_of_session(self, site, ended=None, **expiry):
        """The key of a new session; `ended` says how many seconds ago it ended."""
        browser = Browser()
        browser.ask(site, "set", items={"a": 1})
        if expiry:
            browser.ask(site, "set_expiry", **expiry)
        if ended is not None:
            self.engine.end(browser.cookie, ended)
        return browser.cookie

    def cleared(self):
        """What is left after each half's clearsessions on the same records, Django's first."""
        left = []
        self.engine.save_copy()
        for site in (self.django, self.ours):
            self.engine.restore_copy()
            self.sites.clear_expired(site)
            left.append(self.engine.keys())
        return left

    def test_each_removes_exactly_what_the_other_would(self):
        if self.engine.clears_itself:
            return self.check_nothing_to_clear()
        live, over = set(), set()
        for site in (self.django, self.ours):
            live |= {self.key_of_session(site), self.key_of_session(site, seconds=600), self.key_of_session(site, browser_close=True),
                     self.key_of_session(site, ended=-3600), self.key_of_session(site, ended=-86400)}
            over |= {self.key_of_session(site, ended=5), self.key_of_session(site, ended=86400),
                     self.key_of_session(site, ended=5, browser_close=True)}
            if self.engine.keeps_ages:
                over.add(self.key_of_session(site, ended=5, seconds=600))
        by_django, by_ours = self.cleared()
        self.assertEqual(by_django & (live | over), live)
        self.assertEqual(by_ours & (live | over), live)

    def test_files_with_an_age_of_their_own(self):
        if self.engine.name != "file":
            self.skipTest("only Django's files keep records past their age (S-211)")
        keys = {self.key_of_session(site, ended=5, seconds=600) for site in (self.django, self.ours)}
        by_django, by_ours = self.cleared()
        self.assertEqual(by_django & keys, keys)
        self.assertEqual(by_ours & keys, set())

    @since_django(4, 1)
    def test_each_removes_what_ended_at_a_moment_of_its_own(self):
        if self.engine.clears_itself:
            self.skipTest("nothing to clear")
        past = {site: self.key_of_session(site, moment="2001-01-01T00:00:00+00:00") for site in (self.django, self.ours)}
        future = {self.key_of_session(site, moment="2100-01-01T00:00:00+00:00") for site in (self.django, self.ours)}
        by_django, by_ours = (left & {*past.values(), *future} for left in self.cleared())
        self.assertEqual(by_django, future)
        if self.engine.name == "file":  # our storage looks at the file's time alone, which Django does not set
            self.assertEqual(by_ours, {*future, past[self.django]})
        else:
            self.assertEqual(by_ours, future)

    def check_nothing_to_clear(self):
        browsers = []
        for site in (self.django, self.ours):
            browser = Browser()
            browser.ask(site, "set", items={"a": 1})
            browsers.append(browser)
        for site in (self.django, self.ours):
            self.sites.clear_expired(site)
        for browser in browsers:
            self.assertEqual(browser.items(self.django), {"a": 1})
            self.assertEqual(browser.items(self.ours), {"a": 1})
