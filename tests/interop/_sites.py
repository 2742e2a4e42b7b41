# SPDX-License-Identifier: MIT
"""A site with two halves, a real Django and ours, and a browser that visits both."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "examples"))

import _django  # noqa: E402
import _example  # noqa: E402
import _servers  # noqa: E402

MANAGE = str(pathlib.Path(__file__).resolve().parent / "django_side" / "manage.py")
SECRET_KEY = "the secret key of the site that Django and cloakroom share"
COMMAND_SECONDS = 120


PYTHON, DJANGO = _django.python_with_django()


class DjangoSite(_servers.Server):
    """Django's own server."""

    END = signal.SIGTERM
    name = "Django"

    def __init__(self, site_file):
        super().__init__()
        self.command = ["env", f"INTEROP_SITE={site_file}", "PYTHONDONTWRITEBYTECODE=1", PYTHON, MANAGE]
        self.start(lambda port: [*self.command, "runserver", "--noreload", f"127.0.0.1:{port}"])

    def answers(self):
        return _servers.is_open(self.port)

    def words(self):
        return (self.folder / "log").read_text(errors="replace")


class OurSite(_example.Server):
    """interop_server."""

    name = "cloakroom"

    def __init__(self, site_file):
        self.launch([PROGRAM, str(site_file)])

    def words(self):
        return self.errors()


class Sites:
    """Both, on one engine, told of the site by one file."""

    def __init__(self, engine):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        self.file = self.path / "site.json"
        self.engine = engine(self.path)
        try:
            self.configure()
            self.manage("migrate")
            self.start()
        except BaseException:
            self.engine.close()
            self.folder.cleanup()
            raise

    def configure(self, secret_key=SECRET_KEY, fallback_keys=()):
        site = {"engine": self.engine.name, "database": self.engine.database, "folder": str(self.path), "cache": "",
                "secret_key": secret_key, "fallback_keys": list(fallback_keys), "iterations": 1000}
        self.file.write_text(json.dumps({**site, **self.engine.settings}), encoding="utf-8")

    def start(self):
        self.django = DjangoSite(self.file)
        try:
            self.ours = OurSite(self.file)
        except BaseException:
            self.django.close()
            raise
        self.both = (self.django, self.ours)

    def stop(self):
        """Ends both. Ours ends well and has not complained, nor have the sanitizers that it may be built with."""
        code = self.ours.stop()
        errors = self.ours.errors()
        for site in self.both:
            site.close()
        assert (code, errors) == (0, ""), f"interop_server ended with {code} and said:\n{errors}"

    def restart(self, **keys):
        self.stop()
        self.configure(**keys)
        self.start()

    def manage(self, *arguments):
        """Runs one of Django's commands."""
        done = subprocess.run([PYTHON, MANAGE, *arguments], env={**os.environ, "INTEROP_SITE": str(self.file)},
                              cwd=self.path, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)
        assert done.returncode == 0, f"manage.py {arguments[0]} failed:\n{done.stderr}"

    def clear_expired(self, site):
        """What each runs once a day."""
        if site is self.django:
            self.manage("clearsessions")
        else:
            Browser().ask(site, "clear_expired")

    def close(self):
        try:
            self.stop()
        finally:
            self.engine.close()
            self.folder.cleanup()


class Browser:
    """One cookie, which goes to both halves: a browser does not tell ports apart."""

    def __init__(self, cookie=None):
        self.cookie = cookie

    def copy(self):
        """The same visitor in another tab, or whoever has stolen the cookie."""
        return Browser(self.cookie)

    def ask(self, site, view, status=200, **body):
        """The response, whose `json` is the view's answer."""
        lines = [] if self.cookie is None else [b"Cookie: sessionid=" + self.cookie.encode()]
        response = _example.exchange(site.port, f"/{view}/", lines, json.dumps(body).encode("ascii"))
        if response.status != status:
            raise AssertionError(f"{site.name} answered {response.status} to {view} {body}: {response.text}\n"
                                 f"{site.words()[-4000:]}")
        response.json = json.loads(response.text) if status == 200 else None
        if (cookie := response.set_cookie()) is not None:
            self.cookie = None if cookie[1].get("Max-Age") == "0" else cookie[0]
        return response

    def items(self, site):
        return self.ask(site, "read").json["items"]

    def user(self, site):
        return self.ask(site, "whoami").json["user"]


PROGRAM = _example.program_under_test()
