# SPDX-License-Identifier: MIT
"""Where sessions are kept, as the tests look at it without either half's help."""

import datetime
import os
import re
import shutil
import sqlite3
import time

import _servers

COOKIE_AGE = 1209600


class Engine:
    """A store, and what is different about it."""

    kept_by_browser = False  # the cookie is the session: nothing can be taken back
    clears_itself = False  # clearsessions has nothing to do
    keeps_ages = True  # an age in seconds ends the record itself, not only the cookie
    withdraws = False  # a reader may see for an instant what a commit of ours then takes back

    def __init__(self, path):
        self.database = str(path / "site.sqlite3")
        self.settings = {}

    def close(self):
        pass


class Table(Engine):
    """Django's table django_session, in any SQL."""

    def contains(self, key):
        return self.rows(f"SELECT count(*) FROM django_session WHERE session_key = '{key}'") == ["1"]

    def text(self, key):
        return self.rows(f"SELECT session_data FROM django_session WHERE session_key = '{key}'")[0]

    def keys(self):
        return set(self.rows("SELECT session_key FROM django_session"))

    def save_copy(self):
        self.rows("DROP TABLE IF EXISTS copy")
        self.rows("CREATE TABLE copy AS SELECT * FROM django_session")

    def restore_copy(self):
        self.rows("DELETE FROM django_session")
        self.rows("INSERT INTO django_session SELECT * FROM copy")


class Sqlite(Table):
    name = "sqlite"

    def rows(self, sql):
        connection = sqlite3.connect(self.database, timeout=20)
        try:
            with connection:
                return [str(row[0]) for row in connection.execute(sql)]
        finally:
            connection.close()

    def deadline(self, key):
        [text] = self.rows(f"SELECT expire_date FROM django_session WHERE session_key = '{key}'")
        return datetime.datetime.fromisoformat(text + "+00:00").timestamp()

    def end(self, key, seconds):
        """Moves the record's end so many seconds into the past."""
        moment = datetime.datetime.fromtimestamp(time.time() - seconds, datetime.timezone.utc)
        text = f"{moment:%Y-%m-%d %H:%M:%S.%f}"
        self.rows(f"UPDATE django_session SET expire_date = '{text}' WHERE session_key = '{key}'")


class Postgres(Table):
    name = "postgres"

    def __init__(self, path):
        super().__init__(path)
        self.server = _servers.Postgres()
        self.database = self.server.url()

    def rows(self, sql):
        return self.server.sql(sql).splitlines()

    def deadline(self, key):
        [seconds] = self.rows(f"SELECT extract(epoch FROM expire_date) FROM django_session WHERE session_key = '{key}'")
        return float(seconds)

    def end(self, key, seconds):
        self.rows(f"UPDATE django_session SET expire_date = now() - interval '{seconds} seconds' "
                  f"WHERE session_key = '{key}'")

    def close(self):
        self.server.close()


class File(Engine):
    name = "file"
    keeps_ages = False  # S-211
    withdraws = True

    def __init__(self, path):
        super().__init__(path)
        self.folder = path / "sessions"
        self.folder.mkdir()
        self.copy = path / "copy"
        self.settings = {"folder": str(self.folder)}

    def path(self, key):
        return self.folder / f"sessionid{key}"

    def contains(self, key):
        return self.path(key).exists()

    def text(self, key):
        return self.path(key).read_text(encoding="ascii")

    def keys(self):
        return {file.name.removeprefix("sessionid") for file in self.folder.glob("sessionid*")}

    def deadline(self, key):
        return self.path(key).stat().st_mtime + COOKIE_AGE

    def end(self, key, seconds):
        moment = time.time() - seconds - COOKIE_AGE
        os.utime(self.path(key), (moment, moment))

    def save_copy(self):
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.folder, self.copy)

    def restore_copy(self):
        for file in self.folder.glob("sessionid*"):
            file.unlink()
        for file in self.copy.glob("sessionid*"):
            shutil.copy2(file, self.folder)


class SignedCookies(Engine):
    name = "signed_cookies"
    kept_by_browser = True
    clears_itself = True
    keeps_ages = False  # S-251

    def text(self, key):
        return key


class Redis(Engine):
    name = "redis"
    clears_itself = True

    def __init__(self, path):
        super().__init__(path)
        self.server = _servers.Redis()
        self.settings = {"cache": self.server.url()}

    def number(self, *words):
        answer = self.server.ask(*words).decode()
        return int(re.fullmatch(r":(-?\d+)", answer)[1])

    def entry(self, key):
        return f":1:django.contrib.sessions.cache{key}"

    def contains(self, key):
        return self.number("EXISTS", self.entry(key)) == 1

    def holds(self, key, text):
        compare = "return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0"
        return self.number("EVAL", compare, 1, self.entry(key), text) == 1

    def deadline(self, key):
        return time.time() + self.number("PTTL", self.entry(key)) / 1000

    def close(self):
        self.server.close()
