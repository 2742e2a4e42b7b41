# SPDX-License-Identifier: MIT
"""Chromium for tests, driven through chromedriver by the WebDriver protocol.

Pictures of pages go to the folder that the environment variable CI_ARTIFACTS names, if it does.
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

from _example import ExampleTest  # noqa: E402

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
    """A Chromium with a profile of its own, an empty one if the folder is. `preferences` are Chromium's."""

    def __init__(self, driver, profile, preferences=None):
        self._driver = driver
        self._options = {"args": FLAGS + [f"--user-data-dir={profile}", "--window-size=1000,640"],
                         "prefs": preferences or {}}
        self._start()

    def _start(self):
        session = self._driver.call("POST", "/session", {
            "capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": self._options}}})
        self._path = f"/session/{session['sessionId']}"

    def _call(self, method, path, body=None):
        return self._driver.call(method, self._path + path, body)

    def close(self):
        self._call("DELETE", "")

    def restart(self):
        """Closes all windows and comes back with the same profile."""
        self.close()
        self._start()

    def open(self, url):
        self._call("POST", "/url", {"url": url})

    def run(self, script):
        return self._call("POST", "/execute/sync", {"script": script, "args": []})

    def back(self):
        self._call("POST", "/back", {})

    def url(self):
        return self._call("GET", "/url")

    def _element(self, selector):
        found = self._call("POST", "/element", {"using": "css selector", "value": selector})
        return "/element/" + next(iter(found.values()))

    def type(self, selector, text):
        element = self._element(selector)
        self._call("POST", element + "/clear", {})
        self._call("POST", element + "/value", {"text": text})

    def click(self, selector):
        self._call("POST", self._element(selector) + "/click", {})

    def submit(self, selector):
        """Clicks it, and waits for the page that this leads to."""
        self.run("window.isLeft = true")
        self.click(selector)
        for _ in range(600):
            try:
                if self.run("return !window.isLeft && document.readyState === 'complete'"):
                    return
            except AssertionError:
                pass  # between two pages
            time.sleep(0.05)
        raise AssertionError(f"no new page after a click on {selector}")

    def keys(self, text):
        """Types where the focus is."""
        actions = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self._call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def text(self):
        return self.run("return document.body.innerText")

    def cookies(self):
        return self._call("GET", "/cookie")

    def screen(self, width, height, mobile):
        self._call("POST", "/goog/cdp/execute", {
            "cmd": "Emulation.setDeviceMetricsOverride",
            "params": {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}})

    def dark(self, is_dark):
        self._call("POST", "/goog/cdp/execute", {
            "cmd": "Emulation.setEmulatedMedia",
            "params": {"features": [{"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}]}})

    def picture(self, name):
        if folder := os.environ.get("CI_ARTIFACTS"):
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
            data = base64.b64decode(self._call("GET", "/screenshot"))
            (pathlib.Path(folder) / f"{name}.png").write_bytes(data)


class BrowserTest(ExampleTest):
    """An ExampleTest that also has browsers, each with an empty profile of its own."""

    def setUp(self):
        super().setUp()
        self.driver = Driver()
        self.addCleanup(self.driver.stop)

    def browser(self, **options):
        profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(profile.cleanup)
        browser = Browser(self.driver, profile.name, **options)
        self.addCleanup(browser.close)
        return browser
