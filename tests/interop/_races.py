# SPDX-License-Identifier: MIT
"""Requests to both halves at once on one session: what Django has saved, ours never loses."""

import threading
import time

from _sites import Browser

STRESS_SECONDS = 2


class SharedRaces:
    def django_session(self, **items):
        browser = Browser()
        browser.ask(self.django, "set", items=items)
        return browser

    def assert_both_read(self, browser, items):
        for site in (self.django, self.ours):
            with self.step(f"what {site.name} reads"):
                self.assertEqual(browser.copy().items(site), items)

    # ---- a request of ours is under way while Django saves ----

    def test_ours_keeps_what_django_set_meanwhile(self):
        """S-107 the other way round."""
        browser = self.django_session(before=1)
        with self.held(browser.copy(), self.ours, "set", items={"ours": 1}):
            browser.ask(self.django, "set", items={"django": 1})
        self.assert_both_read(browser, {"before": 1, "django": 1, "ours": 1})

    def test_ours_keeps_what_django_deleted_meanwhile_deleted(self):
        browser = self.django_session(goes=1, stays=1)
        with self.held(browser.copy(), self.ours, "set", items={"ours": 1}):
            browser.ask(self.django, "delete", name="goes")
        self.assert_both_read(browser, {"stays": 1, "ours": 1})

    def test_ours_counts_on_from_where_django_counted_to(self):
        browser = self.django_session(count=1)
        with self.held(browser.copy(), self.ours, "add", name="count", by=10):
            browser.ask(self.django, "add", name="count", by=100)
        self.assert_both_read(browser, {"count": 111})

    def test_ours_that_only_reads_changes_nothing(self):
        browser = self.django_session(before=1)
        with self.held(browser.copy(), self.ours, "read"):
            browser.ask(self.django, "set", items={"django": 1})
        self.assert_both_read(browser, {"before": 1, "django": 1})

    def test_ours_brings_back_no_session_that_django_ended(self):
        """S-105, S-311."""
        for view in ("flush", "cycle_key"):
            with self.subTest(engine=self.engine.name, view=view):
                browser = self.django_session(before=1)
                old = browser.copy()
                with self.held(browser.copy(), self.ours, "set", status=400, items={"ours": 1}):
                    browser.ask(self.django, view)
                self.assertFalse(self.engine.contains(old.cookie))
                self.assert_both_read(old, {})
                self.assert_both_read(browser, {} if view == "flush" else {"before": 1})

    # ---- Django is under way while ours saves: Django's own rule, the last one wins (S-107) ----

    def test_django_loses_what_ours_set_meanwhile(self):
        """S-107."""
        browser = self.django_session(before=1)
        with self.held(browser.copy(), self.django, "set", items={"django": 1}):
            browser.ask(self.ours, "set", items={"ours": 1})
        self.assert_both_read(browser, {"before": 1, "django": 1})

    def test_django_brings_back_no_session_that_ours_ended(self):
        """S-105, S-144, S-311."""
        for view in ("flush", "cycle_key"):
            with self.subTest(engine=self.engine.name, view=view):
                browser = self.django_session(before=1)
                old = browser.copy()
                with self.held(browser.copy(), self.django, "set", status=400, items={"django": 1}):
                    browser.ask(self.ours, view)
                self.assertFalse(self.engine.contains(old.cookie))
                self.assert_both_read(old, {})
                self.assert_both_read(browser, {} if view == "flush" else {"before": 1})

    # ---- many at once ----

    def run_together(self, *workers):
        """Runs each worker again and again for two seconds, and five times at least; how often each ran."""
        end = time.monotonic() + STRESS_SECONDS
        counts, errors = [0] * len(workers), []

        def run(index, worker):
            try:
                while not errors and (time.monotonic() < end or counts[index] < 5):
                    worker(counts[index])
                    counts[index] += 1
            except BaseException as error:  # noqa: B902: raised again below
                errors.append(error)

        threads = [threading.Thread(target=run, args=pair) for pair in enumerate(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]
        return counts

    def test_nothing_of_djangos_is_lost_among_many(self):
        """Django's requests one after the other, so that they lose nothing to each other; ours all the time."""
        browser = self.django_session(before=1)

        def django(number):
            browser.copy().ask(self.django, "set", items={f"django{number}": number})
            if self.engine.withdraws:  # a commit of ours waits for the one that may have to be taken back
                browser.copy().ask(self.ours, "set", items={"settled": number})

        def ours(name):
            return lambda number: browser.copy().ask(self.ours, "set", items={name: number})

        done, *own = self.run_together(django, ours("ours0"), ours("ours1"), ours("ours2"))
        items = browser.items(self.django)
        self.assertEqual(items, browser.items(self.ours))
        missing = [number for number in range(done) if items.get(f"django{number}") != number]
        self.assertEqual(missing, [], f"of {done} requests to Django beside {own} to ours")
        self.assertEqual(items["before"], 1)

    def test_nothing_of_ours_is_lost_while_django_reads(self):
        browser = self.django_session(count=0)

        def add(_):
            browser.copy().ask(self.ours, "add", name="count", by=1)

        seen = []
        *added, _ = self.run_together(add, add, lambda _: seen.append(browser.copy().items(self.django)["count"]))
        self.assert_both_read(browser, {"count": sum(added)})
        self.assertEqual(seen, sorted(seen))
