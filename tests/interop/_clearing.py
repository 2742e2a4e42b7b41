# SPDX-License-Identifier: MIT
"""clearsessions of each half, on the same records."""

from _interop import since_django
from _sites import Browser


class SharedClearing:
    def made(self, site, ended=None, **expiry):
        """The key of a new session that `site` has saved; `ended` says how many seconds ago it ended."""
        browser = Browser()
        browser.ask(site, "set", items={"a": 1})
        if expiry:
            browser.ask(site, "set_expiry", **expiry)
        if ended is not None:
            self.engine.end(browser.cookie, ended)
        return browser.cookie

    def made_by_both(self, *kinds):
        return {self.made(site, **kind) for kind in kinds for site in (self.django, self.ours)}

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
        """S-129, S-146, S-213, S-255, S-270."""
        if self.engine.clears_itself:
            return self.check_nothing_to_clear()
        live = self.made_by_both({}, {"seconds": 600}, {"browser_close": True}, {"ended": -3600}, {"ended": -86400})
        over = self.made_by_both({"ended": 5}, {"ended": 86400}, {"ended": 5, "browser_close": True})
        if self.engine.keeps_ages:
            over |= self.made_by_both({"ended": 5, "seconds": 600})
        by_django, by_ours = self.cleared()
        self.assertEqual(by_django & (live | over), live)
        self.assertEqual(by_ours & (live | over), live)

    def test_files_with_an_age_of_their_own(self):
        """S-211."""
        if self.engine.name != "file":
            self.skipTest("only Django's files keep records past their age (S-211)")
        keys = self.made_by_both({"ended": 5, "seconds": 600})
        by_django, by_ours = self.cleared()
        self.assertEqual(by_django & keys, keys)
        self.assertEqual(by_ours & keys, set())

    @since_django(4, 1)
    def test_each_removes_what_ended_at_a_moment_of_its_own(self):
        """S-129, S-209, S-213."""
        if self.engine.clears_itself:
            self.skipTest("nothing to clear")
        past = {site: self.made(site, moment="2001-01-01T00:00:00+00:00") for site in (self.django, self.ours)}
        future = self.made_by_both({"moment": "2100-01-01T00:00:00+00:00"})
        by_django, by_ours = (left & {*past.values(), *future} for left in self.cleared())
        self.assertEqual(by_django, future)
        if self.engine.name == "file":  # our storage looks at the file's time alone, which Django does not set
            future.add(past[self.django])
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
