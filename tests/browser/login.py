# SPDX-License-Identifier: MIT
"""The site with users in real browsers: logging in and out, the back button, other devices, cookies that are blocked or
end with the browser, forged forms, and how the pages look and read."""

import http.server
import threading

from _browser import BrowserTest
from _example import program_under_test, run_tests

PASSWORD = "correct horse <battery>"
TAB = "\ue004"


class LoginInBrowsers(BrowserTest):
    program = program_under_test()

    def setUp(self):
        super().setUp()
        self.server = self.start()

    def open(self, browser, path):
        browser.open(f"http://127.0.0.1:{self.server.port}{path}")

    def path(self, browser):
        return browser.url().removeprefix(f"http://127.0.0.1:{self.server.port}")

    def fill(self, browser, path, name, password, remember=False):
        self.open(browser, path)
        browser.type("#username", name)
        browser.type("#password", password)
        if remember:
            browser.click("#remember")
        browser.submit("main > form button")

    def sign_up(self, browser, name="ann"):
        self.fill(browser, "/signup/", name, PASSWORD)
        self.assertEqual(self.path(browser), "/")

    def log_in(self, browser, name="ann", password=PASSWORD, **options):
        self.fill(browser, "/login/", name, password, **options)

    def assert_in(self, browser):
        self.open(browser, "/")
        self.assertIn("Dashboard", browser.run("return document.querySelector('h1').innerText"))

    def assert_out(self, browser):
        self.open(browser, "/")
        self.assertEqual(self.path(browser), "/login/")

    def cookie(self, browser, name="sessionid"):
        [found] = [cookie for cookie in browser.cookies() if cookie["name"] == name]
        return found

    def test_logging_in_and_out_and_the_back_button(self):
        browser = self.browser()
        self.sign_up(browser)
        browser.submit("header button")
        self.assertIn("You are logged out.", browser.text())
        before = self.cookie(browser)["value"]

        self.log_in(browser, password="wrong")
        self.assertEqual(self.path(browser), "/login/")
        said = "return document.getElementById(document.querySelector('#password').getAttribute('aria-describedby'))"
        self.assertEqual(browser.run(said + ".innerText"), "Your username and password didn't match.")
        self.assertEqual(browser.run("return document.querySelector('#username').value"), "ann")
        self.assertEqual(self.cookie(browser)["value"], before)

        self.log_in(browser)
        self.assertEqual(self.path(browser), "/")
        self.assertIn("Welcome back, ann.", browser.text())
        self.assertNotEqual(self.cookie(browser)["value"], before)
        self.assertNotIn("expiry", self.cookie(browser))  # it ends with the browser
        self.assertEqual(browser.run("return document.cookie"), "")

        self.open(browser, "/devices/")
        browser.submit("header button")
        self.assertEqual(self.path(browser), "/login/")
        for _ in range(3):
            browser.back()
            self.assertNotIn("Your devices", browser.run("return document.querySelector('h1').innerText"))
            self.assertNotIn("Dashboard", browser.run("return document.querySelector('h1').innerText"))
        self.assert_out(browser)
        self.log_in(browser, remember=True)
        self.assertIn("expiry", self.cookie(browser))
        self.end(self.server)

    def test_logging_out_everywhere_else(self):
        first, second = self.browser(), self.browser()
        self.sign_up(first)
        self.assert_out(second)
        self.log_in(second)
        self.assert_in(second)
        self.open(first, "/devices/")
        self.assertEqual(first.run("return document.querySelectorAll('.devices li').length"), 2)
        self.assertEqual(first.text().count("this one"), 1)
        first.submit("main > form button")
        self.assertIn("You are logged out everywhere else.", first.text())
        self.assertEqual(first.run("return document.querySelectorAll('.devices li').length"), 1)
        self.assert_in(first)
        self.assert_out(second)

        self.log_in(second)
        self.open(first, "/devices/")
        first.submit(".devices button")
        self.assertIn("The device is logged out.", first.text())
        self.assert_in(first)
        self.assert_out(second)
        self.end(self.server)

    def test_who_did_not_ask_to_be_remembered_is_out_when_the_browser_was_closed(self):
        browser = self.browser()
        self.sign_up(browser)
        self.assert_in(browser)
        browser.restart()
        self.assert_out(browser)
        self.log_in(browser, remember=True)
        browser.restart()
        self.assert_in(browser)
        self.end(self.server)

    def test_blocked_cookies_are_told_of(self):
        browser = self.browser(preferences={"profile.default_content_setting_values.cookies": 2})
        self.log_in(browser)
        self.assertIn("Please enable cookies and try again.", browser.text())
        self.assertEqual(browser.cookies(), [])
        self.assertEqual(self.server.stop(), 0)

    def test_a_form_of_another_site_does_nothing(self):
        browser = self.browser()
        self.sign_up(browser)
        forged = f"""<!doctype html><title>Free coats</title>
            <form method="post" action="http://127.0.0.1:{self.server.port}/logout/">
            <input name="csrfmiddlewaretoken" value="{'a' * 64}"><button>Free coats</button></form>"""

        class OtherSite(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(forged.encode())

            def log_message(self, *_):
                pass

        # A site of another name, and one of our own name on another port, whose requests bring our cookies.
        for name in ("localhost", "127.0.0.1"):
            with http.server.HTTPServer(("127.0.0.1", 0), OtherSite) as other:
                threading.Thread(target=other.serve_forever, daemon=True).start()
                browser.open(f"http://{name}:{other.server_port}/")
                browser.submit("button")
                self.assertIn("Forbidden", browser.text())
                other.shutdown()
            self.assert_in(browser)
        self.assertEqual(self.server.stop(), 0)
        self.assertIn("Forbidden (Origin checking failed", self.server.errors())

    def look_at(self, browser, name, path):
        """Pictures of the page on a desktop and on a phone, light and dark; no page is wider than its screen."""
        for screen, width, height in (("desktop", 1000, 760), ("phone", 360, 760)):
            browser.screen(width, height, screen == "phone")
            self.open(browser, path)
            self.assertLessEqual(browser.run("return document.documentElement.scrollWidth"), width, (name, screen))
            browser.picture(f"login_{name}_{screen}")
        browser.dark(True)
        browser.picture(f"login_{name}_phone_dark")
        browser.dark(False)

    def test_how_the_pages_look_and_read(self):
        browser, other = self.browser(), self.browser()
        for name, path in (("log_in", "/login/"), ("sign_up", "/signup/")):
            self.look_at(browser, name, path)
        self.log_in(browser, password="wrong")
        browser.picture("login_wrong_phone")
        self.sign_up(browser)
        self.log_in(other)
        for name, path in (("dashboard", "/"), ("devices", "/devices/"), ("password", "/password/")):
            self.look_at(browser, name, path)
            self.assertEqual(browser.run("return document.querySelectorAll('h1').length"), 1)
            self.assertEqual(browser.run("return document.documentElement.lang"), "en")
            self.assertEqual(browser.run("""return [...document.querySelectorAll('input:not([type=hidden])')]
                .filter(input => input.labels.length !== 1 || !input.autocomplete && input.type !== 'checkbox').length"""), 0)
        # The keyboard reaches the links in order, and shows where it is.
        self.open(browser, "/password/")
        for expected in ("Dashboard", "Your devices", "Password", "Log out"):
            browser.keys(TAB)
            self.assertEqual(browser.run("return document.activeElement.innerText"), expected)
            self.assertEqual(browser.run("return getComputedStyle(document.activeElement).outlineStyle"), "solid")
        self.end(self.server)


if __name__ == "__main__":
    run_tests()
