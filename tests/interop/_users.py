# SPDX-License-Identifier: MIT
"""Users who log in on one half and are known on the other, and are out on both when they are out on one."""

from _interop import PASSWORD, both_ways, since_django
from _sites import SECRET_KEY, Browser

NEW_KEY = "the key that replaces it, which is as long as the one before it was"


class SharedUsers:
    def assert_user(self, browser, name):
        for site in (self.django, self.ours):
            with self.step(f"who {site.name} says it is"):
                self.assertEqual(browser.user(site), name)

    @both_ways
    def test_who_logs_in_on_one_is_known_on_the_other(self, first, second):
        """S-650, S-651, S-652, S-654."""
        name = self.new_user()
        browser = Browser()
        self.assertIsNone(browser.ask(first, "login", name=name, password="wrong").json["user"])
        self.assert_user(browser, None)
        browser.ask(second, "set", items={"cart": ["coat"]})
        before = browser.copy()
        browser.ask(first, "login", name=name, password=PASSWORD)
        self.assert_user(browser, name)
        self.assertEqual(browser.items(second)["cart"], ["coat"])
        self.assertNotEqual(browser.cookie, before.cookie)
        self.assert_user(before, None)

        with self.step("logging in again on the other keeps the user"):
            browser.ask(second, "login", name=name, password=PASSWORD)
            self.assert_user(browser, name)
            self.assertEqual(browser.items(first)["cart"], ["coat"])

    @both_ways
    def test_who_logs_out_on_one_is_out_on_the_other(self, first, second):
        """S-658."""
        name = self.new_user()
        browser, other = self.logged_in(first, name), self.logged_in(second, name)
        browser.ask(first, "set", items={"private": 1})
        old = browser.copy()
        browser.ask(second, "logout")
        self.assertIsNone(browser.cookie)
        self.assert_user(browser, None)
        self.assert_user(other, name)
        if not self.engine.kept_by_browser:  # a copied cookie stays good there (S-258)
            self.assert_user(old, None)
            self.assertEqual(old.items(first), {})

    @both_ways
    def test_another_user_inherits_nothing(self, first, second):
        """S-652."""
        ann, bob = self.new_user(), self.new_user()
        browser = self.logged_in(first, ann)
        browser.ask(first, "set", items={"private": 1})
        browser.ask(second, "login", name=bob, password=PASSWORD)
        self.assert_user(browser, bob)
        for site in (first, second):
            self.assertNotIn("private", browser.items(site))

    @both_ways
    def test_a_new_password_on_one_ends_the_other_sessions_on_both(self, first, second):
        """S-656, S-657, S-701, S-710."""
        name = self.new_user()
        home = self.logged_in(first, name)
        strangers = {first: self.logged_in(second, name), second: self.logged_in(first, name)}
        bystander = self.logged_in(second, self.new_user())
        self.assertEqual(home.ask(second, "set_password", password="another one").json["user"], name)
        self.assert_user(home, name)
        for site, stranger in strangers.items():
            with self.step(f"{site.name} asks first"):
                self.assertIsNone(stranger.user(site))
            self.assert_user(stranger, None)
        self.assertIsNotNone(bystander.user(first))
        for site in (first, second):
            with self.step(f"the passwords that {site.name} takes"):
                self.assertIsNone(Browser().ask(site, "login", name=name, password=PASSWORD).json["user"])
                self.assert_user(self.logged_in(site, name, "another one"), name)
        self.assert_user(home, name)  # neither has encoded the password anew

    # ---- another SECRET_KEY ----

    def rotate(self, new_keys):
        self.sites.restart(**new_keys)
        self.addCleanup(self.sites.restart)

    def three_visitors(self):
        """Logged in on one half, on the other, and anonymous."""
        name = self.new_user()
        anonymous = Browser()
        anonymous.ask(self.ours, "set", items={"a": 1})
        return name, self.logged_in(self.django, name), self.logged_in(self.ours, name), anonymous

    def test_another_secret_key_ends_sessions_on_both(self):
        """S-052, S-252, S-655."""
        name, theirs, ours, anonymous = self.three_visitors()
        self.assert_user(theirs, name)
        self.rotate({"secret_key": NEW_KEY})
        for browser, site in ((theirs, self.ours), (ours, self.django)):
            self.assertIsNone(browser.copy().user(site))
            self.assert_user(browser, None)
        if self.engine.name != "redis":  # which holds unsigned records
            for site in (self.django, self.ours):
                self.assertEqual(anonymous.copy().items(site), {})
        self.assertEqual(self.logged_in(self.django, name).user(self.ours), name)
        self.assertEqual(self.logged_in(self.ours, name).user(self.django), name)

    @since_django(4, 1)
    def test_a_secret_key_is_replaced_through_fallbacks(self):
        """S-051, S-411, S-651, S-655."""
        name, theirs, ours, anonymous = self.three_visitors()
        late = self.logged_in(self.django, name), self.logged_in(self.ours, name)
        self.rotate({"secret_key": NEW_KEY, "fallback_keys": [SECRET_KEY]})
        for browser, site in ((theirs, self.ours), (ours, self.django)):
            with self.step(f"{site.name} takes the old key and moves the session to the new one"):
                before = browser.copy()
                self.assertEqual(browser.user(site), name)
                self.assertNotEqual(browser.cookie, before.cookie)
                self.assert_user(browser, name)
        for site in (self.django, self.ours):
            self.assertEqual(anonymous.items(site), {"a": 1})
        anonymous.ask(self.ours, "set", items={"a": 2})
        self.assertEqual(anonymous.items(self.django), {"a": 2})

        self.sites.restart(secret_key=NEW_KEY)
        with self.step("without the fallback: whoever came meanwhile stays"):
            for browser in (theirs, ours):
                self.assert_user(browser, name)
            for site in (self.django, self.ours):
                self.assertEqual(anonymous.items(site), {"a": 2})
        with self.step("without the fallback: whoever did not is out"):
            for browser in late:
                self.assert_user(browser, None)
