# SPDX-License-Identifier: MIT
"""The visit counter in real browsers: two profiles, a restart, and the cookie as the browser stored it.

Chromium is driven through chromedriver by the WebDriver protocol. Pictures of the page go to the folder that the
environment variable CI_ARTIFACTS names, if it does.
"""

import base64
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "examples"))

from _example import ExampleTest, program_under_test, run_tests  # noqa: E402

TWO_WEEKS = 1209600
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]


class Driver:
    """A running chromedriver."""

    def __init__(self):
        program = shutil.which("chromedriver")
        if program is None:
            raise AssertionError("chromedriver is not installed; or configure with -D CLOAKROOM_TEST_BROWSER=OFF")
        self._process = subprocess.Popen([program, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                         text=True)
        watchdog = threading.Timer(60, self._process.kill)
        watchdog.start()
        self.port = None
        for line in self._process.stdout:
            if found := re.search(r"started successfully on port (\d+)", line):
                self.port = int(found[1])
                break
        watchdog.cancel()
        if self.port is None:
            raise AssertionError("chromedriver did not start")

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request(method, path, None if body is None else json.dumps(body),
                           {"Content-Type": "application/json"})
        value = json.loads(connection.getresponse().read())["value"]
        connection.close()
        if isinstance(value, dict) and "error" in value:
            raise AssertionError(f"{method} {path}: {value['error']}: {value.get('message')}")
        return value


class Browser:
    """A Chromium with a profile of its own, an empty one if the folder is."""

    def __init__(self, driver, profile):
        self._driver = driver
        options = {"args": FLAGS + [f"--user-data-dir={profile}", "--window-size=1000,640"]}
        session = driver.call("POST", "/session", {
            "capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}})
        self._path = f"/session/{session['sessionId']}"

    def _call(self, method, path, body=None):
        return self._driver.call(method, self._path + path, body)

    def close(self):
        self._call("DELETE", "")

    def open(self, url):
        self._call("POST", "/url", {"url": url})

    def run(self, script):
        return self._call("POST", "/execute/sync", {"script": script, "args": []})

    def text(self):
        return self.run("return document.body.innerText")

    def cookies(self):
        return self._call("GET", "/cookie")

    def screen(self, width, height, mobile):
        self._call("POST", "/goog/cdp/execute", {
            "cmd": "Emulation.setDeviceMetricsOverride",
            "params": {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}})

    def picture(self, name):
        if folder := os.environ.get("CI_ARTIFACTS"):
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
            data = base64.b64decode(self._call("GET", "/screenshot"))
            (pathlib.Path(folder) / f"{name}.png").write_bytes(data)


class VisitCounterInBrowsers(ExampleTest):
    program = program_under_test()

    def setUp(self):
        super().setUp()
        self.driver = Driver()
        self.addCleanup(self.driver.stop)

    def browser(self):
        profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(profile.cleanup)
        browser = Browser(self.driver, profile.name)
        self.addCleanup(browser.close)
        return browser

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
