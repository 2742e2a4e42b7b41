# SPDX-License-Identifier: MIT
"""session_admin as an operator uses it, on real stores with the sessions of a real Django."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import pty
import re
import sqlite3
import subprocess
import tempfile
import time
import unittest

from _example import program_under_test, run_tests
from _servers import Memcached, Postgres, Redis, RedisCluster, free_port

PROGRAM = program_under_test()
VECTORS = json.loads((pathlib.Path(__file__).parent.parent / "vectors/django.json").read_text(encoding="utf-8"))
SECRET = VECTORS["meta"]["secret_key"]
ROWS = {row["name"]: row for row in VECTORS["db_rows"]["rows"]}
COOKIES = {value["name"]: value for value in VECTORS["signed_cookies"]["values"]}
PLAIN, UNICODE = ROWS["plain"], ROWS["unicode"]
ENGINES = ("sqlite", "postgres", "file", "redis", "redis-cluster", "redis-bare", "memcached", "signed_cookies")
COMMANDS = ("migrate", "clearsessions", "list", "count", "show", "decode")
FUTURE, PAST = "2999-12-31 00:00:00", "2001-01-01 00:00:00"


class Answer:
    def __init__(self, done):
        self.code, self.text, self.errors = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.text)


class Admin(unittest.TestCase):
    """Each test has an empty folder and the site's key in a file there."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.secret = self.write("secret", SECRET)
        self.with_secret = ("--secret-file", self.secret)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return str(path)

    def call(self, *arguments, env=None, **options):
        """The answer. No secret stands in it, whatever was asked."""
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("CLOAKROOM_", "PG"))}
        done = subprocess.run([PROGRAM, *arguments], cwd=self.folder, env={**surroundings, **(env or {})},
                              capture_output=True, text=True, timeout=60, check=False, **options)
        for secret in (SECRET, Redis.PASSWORD, Postgres.PASSWORD, *VECTORS["meta"]["fallback_keys_used_where_said"]):
            self.assertNotIn(secret, done.stdout + done.stderr)
        return Answer(done)

    def good(self, *arguments, **options):
        answer = self.call(*arguments, **options)
        self.assertEqual((answer.code, answer.errors), (0, ""), answer.text)
        return answer

    def bad(self, code, *arguments, words, **options):
        answer = self.call(*arguments, **options)
        self.assertEqual((answer.code, answer.text), (code, ""), answer.errors)
        self.assertIn(words, answer.errors)
        self.assertEqual(len(answer.errors.splitlines()), 2 if code == 2 else 1, answer.errors)
        return answer

    def check_listing(self, store):
        """list and count, where exactly PLAIN and UNICODE live."""
        self.assertEqual(self.good("count", *store).text, "2\n")
        self.assertEqual(self.good("count", *store, "--json").json, {"count": 2})
        for form in ((), ("--json",)):
            listed = self.good("list", *store, *form).text
            self.assertNotIn(PLAIN["session_key"], listed)
            self.assertNotIn(UNICODE["session_key"], listed)
        handles = {item["handle"] for item in self.good("list", *store, "--json").json}
        self.assertEqual(handles, {handle(PLAIN["session_key"]), handle(UNICODE["session_key"])})
        self.assertIn(handle(PLAIN["session_key"]), self.good("list", *store).text)
        whole = self.good("list", *store, "--keys", "--json").json
        self.assertEqual({item["key"] for item in whole}, {PLAIN["session_key"], UNICODE["session_key"]})

    def check_show(self, store):
        """show of PLAIN and UNICODE, and of a key that is unknown."""
        for row in (PLAIN, UNICODE):
            shown = self.good("show", row["session_key"], *store, *self.with_secret, "--json").json
            self.assertEqual(shown["data"], json.loads(row["text"]))
            self.assertEqual(shown["handle"], handle(row["session_key"]))
            self.assertTrue(shown["verified"])
            self.assertRegex(shown["expires"], r"^\d{4}-\d\d-\d\dT")
        text = self.good("show", PLAIN["session_key"], *store, *self.with_secret).text
        self.assertTrue(text.endswith('\n"a": 1\n'), text)
        self.assertNotIn(PLAIN["session_key"], text)
        self.bad(1, "show", "0" * 32, *store, *self.with_secret, words="No session lives under that key.")


def handle(key):
    return hashlib.sha256(b"cloakroom.session.handle:" + key.encode()).hexdigest()[:16]


def hashed(key):
    number = int.from_bytes(hashlib.sha256(b"cloakroom.storage.hashed_keys:" + key.encode()).digest(), "big")
    return "".join("abcdefghijklmnopqrstuvwxyz0123456789"[number // 36**place % 36] for place in range(40))


def signed(text):
    """What Django keeps of a session with these data, signed at the vectors' clock."""
    def encoded(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    key = hashlib.sha256(b"django.contrib.sessions.SessionStoresigner" + SECRET.encode()).digest()
    value = encoded(text.encode()) + ":" + PLAIN["session_data"].split(":")[1]
    return value + ":" + encoded(hmac.digest(key, value.encode(), "sha256"))


class CommandLine(Admin):
    def test_help_names_every_command_engine_option_and_exit_code(self):
        text = self.good("--help").text
        self.assertEqual(self.good("-h").text, text)
        for word in (*COMMANDS, *ENGINES, "--url", "--json", "CLOAKROOM_SECRET_KEY", "Exit codes"):
            self.assertIn(word, text)
        self.assertLess(max(map(len, text.splitlines())), 111)

    def test_every_command_has_help_of_its_own(self):
        texts = {self.good(command, "--help").text for command in COMMANDS}
        self.assertEqual(len(texts), len(COMMANDS))
        self.assertIn("Usage: session_admin show KEY --engine NAME", self.good("show", "--help").text)

    def test_a_wrong_command_line_is_2_and_says_what_is_right(self):
        for words, arguments in {
            "which command? There are migrate,": (),
            "unknown command lst; there are migrate,": ("lst",),
            "unknown engine mysql; there are sqlite, postgres,": ("count", "--engine", "mysql"),
            "which --engine? there are sqlite,": ("count",),
            "unknown option --colour": ("count", "--colour=red"),
            "--engine needs a value": ("count", "--engine"),
            "show needs KEY": ("show", "--engine=redis"),
            "count takes no argument": ("count", "all", "--engine=redis"),
            "one argument too many": ("show", "a", "b"),
            "needs --url FILE": ("count", "--engine=sqlite"),
            "the engine sqlite has no --key-prefix": ("count", "--engine=sqlite", "--url=x", "--key-prefix=y"),
            "--cookie-age needs a number": ("count", "--engine=file", "--url=.", "--cookie-age=soon"),
            "there is no file nowhere": ("decode", "x", "--secret-file", "nowhere"),
        }.items():
            with self.subTest(words):
                self.bad(2, *arguments, words=words)

    def test_a_url_that_is_none_is_2_and_not_repeated(self):
        answer = self.bad(2, "count", "--engine=redis", f"--url=http://:{Redis.PASSWORD}@host", words="URL")
        self.assertNotIn("host", answer.errors)
        self.bad(2, "count", "--engine=postgres", "--url=nonsense", words="session_admin: ")
        self.bad(2, "count", "--engine=file", "--url=missing", words="missing")

    def test_what_an_engine_cannot_do_is_2_and_a_sentence(self):
        self.bad(2, "migrate", "--engine=redis", words="the engine redis cannot migrate: it has no table")
        self.bad(2, "migrate", "--engine=file", "--url=missing", words="the engine file cannot migrate: it has no table")
        for command in ("list", "count"):
            self.bad(2, command, "--engine=signed_cookies", words=f"signed_cookies cannot {command}: it does not tell")
        self.bad(2, "show", "x", "--engine=signed_cookies", words="decode TEXT reads it")
        self.bad(2, "count", "--engine=signed_cookies", "--hashed-keys", words="nothing under a key")
        self.assertEqual(self.good("clearsessions", "--engine=signed_cookies").text,
                         "The visitors' browsers keep these sessions.\n")

    def test_a_full_disk_is_1(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([PROGRAM, "--help"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (1, "session_admin: The answer could not be written.\n"))


class Decode(Admin):
    def test_session_data_and_signed_cookies_of_django_are_read(self):
        for kind, text, content in (("session_data", UNICODE["session_data"], UNICODE["text"]),
                                    ("signed cookie", COOKIES["unicode"]["cookie"], COOKIES["unicode"]["text"])):
            decoded = self.good("decode", text, *self.with_secret, "--json").json
            self.assertEqual(decoded["data"], json.loads(content))
            self.assertEqual((decoded["kind"], decoded["verified"]), (kind, True))
            self.assertEqual(decoded["signed"], "2026-05-28T20:26:40+00:00")
        self.assertEqual(self.good("decode", PLAIN["session_data"], *self.with_secret).text,
                         'session_data, signed 2026-05-28 20:26:40 UTC\n\n"a": 1\n')

    def test_the_text_may_come_from_a_pipe_and_the_key_from_the_environment(self):
        answer = self.good("decode", "-", "--json", input=PLAIN["session_data"] + "\r\n",
                           env={"CLOAKROOM_SECRET_KEY": SECRET})
        self.assertEqual(answer.json["data"], {"a": 1})

    def test_a_fallback_key_is_accepted(self):
        old = self.write("old", "another-old-key\n" + SECRET + "\n")
        new = self.write("new", "the-new-key")
        self.bad(1, "decode", PLAIN["session_data"], "--secret-file", new, words="not signed with this key")
        answer = self.good("decode", PLAIN["session_data"], "--secret-file", new, "--fallback-file", old)
        self.assertIn('"a": 1', answer.text)

    def test_what_is_not_ours_is_1(self):
        data = PLAIN["session_data"]
        for text in ("x", "", "-:-:-", data[:-1] + "_", "f" + data[1:]):
            with self.subTest(text):
                self.bad(1, "decode", *self.with_secret, "--", text, words="not signed with this key")

    def test_without_a_key_nothing_is_read_unless_asked_for(self):
        self.bad(2, "decode", PLAIN["session_data"], words="SECRET_KEY is needed")
        forged = PLAIN["session_data"][:-3] + "___"
        decoded = self.good("decode", forged, "--unverified", "--json").json
        self.assertEqual((decoded["data"], decoded["verified"], decoded["kind"]), ({"a": 1}, False, "signed text"))
        self.assertIn("not verified", self.good("decode", UNICODE["session_data"], "--unverified").text)
        self.bad(1, "decode", ".AAAA:x:y", "--unverified", words="no signed text")
        self.bad(1, "decode", "AAAA:zzzzzzzzzzz:x", "--unverified", words="no dictionary")

    def test_times_far_away_are_read(self):
        for time_text in ("zzzzzzzzzz", "-zzzzzzzzzz", "zzzzzzzzzzzzzzzzzz", "", ":"):
            self.good("decode", f"e30:{time_text}:x", "--unverified", "--json")

    def test_a_key_file_that_others_may_read_is_refused(self):
        os.chmod(self.secret, 0o644)
        self.bad(2, "decode", PLAIN["session_data"], *self.with_secret, words="chmod 600")


class Sqlite(Admin):
    def setUp(self):
        super().setUp()
        self.file = str(self.folder / "db.sqlite3")
        self.store = ("--engine", "sqlite", "--url", self.file)

    def insert(self, *rows):
        with contextlib.closing(sqlite3.connect(self.file)) as connection, connection:
            connection.executemany("INSERT INTO django_session VALUES (?, ?, ?)", rows)

    def fill(self):
        self.good("migrate", *self.store)
        self.insert((PLAIN["session_key"], PLAIN["session_data"], FUTURE),
                    (UNICODE["session_key"], UNICODE["session_data"], FUTURE),
                    ("expired0", PLAIN["session_data"], PAST))

    def test_a_missing_file_is_not_made_but_by_migrate(self):
        for command in ("count", "list", "clearsessions"):
            self.bad(1, command, *self.store, words="the command migrate makes it")
        self.assertFalse(os.path.exists(self.file))
        self.assertEqual(self.good("migrate", *self.store).text, "The table is there.\n")
        self.assertEqual(self.good("migrate", *self.store, "--json").json, {"migrated": True})
        self.assertEqual(self.good("list", *self.store, "--json").json, [])
        self.assertEqual(len(self.good("list", *self.store).text.splitlines()), 1)
        self.assertEqual(self.good("count", *self.store).text, "0\n")

    def test_a_missing_table_and_a_file_that_is_no_database_are_1(self):
        sqlite3.connect(self.file).close()
        pathlib.Path(self.file).touch()
        for command in ("count", "list", "clearsessions"):
            self.bad(1, command, *self.store, words="migrate")
            self.bad(1, command, *self.store, "--json", words="migrate")
        text = self.write("text", "no database " * 100)
        self.bad(1, "count", "--engine", "sqlite", "--url", text, words="not a database")

    def test_djangos_rows_are_listed_counted_and_shown(self):
        self.fill()
        self.check_listing(self.store)
        self.check_show(self.store)
        self.bad(1, "show", "expired0", *self.store, *self.with_secret, words="No session lives")
        self.bad(1, "show", "../../etc", *self.store, *self.with_secret, words="no session key")

    def test_the_key_may_come_from_a_pipe(self):
        self.fill()
        answer = self.good("show", "-", *self.store, *self.with_secret, input=PLAIN["session_key"] + "\n")
        self.assertIn('"a": 1', answer.text)

    def test_a_row_of_another_key_is_1_and_read_unverified(self):
        self.fill()
        other = self.write("other", "another-key")
        self.bad(1, "show", PLAIN["session_key"], *self.store, "--secret-file", other, words="not signed with this key")
        self.bad(2, "show", PLAIN["session_key"], *self.store, words="SECRET_KEY is needed")
        shown = self.good("show", PLAIN["session_key"], *self.store, "--unverified", "--json").json
        self.assertEqual((shown["data"], shown["verified"]), ({"a": 1}, False))

    def test_the_mode_of_djangos_file_stays_as_it_is(self):
        self.fill()
        self.check_listing(self.store)
        self.good("clearsessions", *self.store)
        with contextlib.closing(sqlite3.connect(self.file)) as connection:
            self.assertEqual(connection.execute("PRAGMA journal_mode").fetchone()[0], "delete")

    def test_clearsessions_removes_what_has_expired(self):
        self.fill()
        self.assertEqual(self.good("clearsessions", *self.store).text, "Removed 1 expired session.\n")
        self.assertEqual(self.good("clearsessions", *self.store, "--json").json, {"removed": 0})
        self.assertEqual(self.good("count", *self.store).text, "2\n")

    def test_a_bar_moves_on_a_terminal_and_leaves_nothing_behind(self):
        self.fill()
        self.insert(*((f"old{number:013}", PLAIN["session_data"], PAST) for number in range(50_000)))
        ours, theirs = pty.openpty()
        try:
            with subprocess.Popen([PROGRAM, "clearsessions", *self.store], stdout=subprocess.PIPE, stderr=theirs,
                                  env={**os.environ, "TERM": "xterm"}) as process:
                os.close(theirs)
                drawn = b""
                with contextlib.suppress(OSError): # the terminal ends with the program
                    while part := os.read(ours, 65536):
                        drawn += part
                text = process.stdout.read()
        finally:
            os.close(ours)
        self.assertEqual((process.returncode, text), (0, b"Removed 50001 expired sessions.\n"))
        frames = drawn.decode("ascii").split("\r")[1:]
        self.assertTrue(frames[:-1])
        for frame in frames[:-1]:
            self.assertRegex(frame, r"^\[ *=+ *\] \d+ sessions removed, \d+/s\x1b\[K$")
        self.assertEqual(frames[-1], "\x1b[K")
        counts = [int(re.search(r"\] (\d+)", frame)[1]) for frame in frames[:-1]]
        self.assertEqual(counts, sorted(counts))

    def test_hashed_keys_are_found_and_not_told(self):
        self.good("migrate", *self.store, "--hashed-keys")
        self.insert((hashed(PLAIN["session_key"]), PLAIN["session_data"], FUTURE))
        store = (*self.store, "--hashed-keys")
        self.assertEqual(self.good("count", *store).text, "1\n")
        shown = self.good("show", PLAIN["session_key"], *store, *self.with_secret, "--json").json
        self.assertEqual(shown["data"], {"a": 1})
        self.bad(1, "show", PLAIN["session_key"], *self.store, *self.with_secret, words="No session lives")
        listed = self.good("list", *store, "--json").json
        self.assertEqual([item["hashed_key"] for item in listed], [hashed(PLAIN["session_key"])])
        self.bad(2, "list", *store, "--keys", words="the store holds no keys")


class Files(Admin):
    def test_djangos_files_are_listed_shown_and_cleared(self):
        folder = self.folder / "sessions"
        folder.mkdir()
        store = ("--engine", "file", "--url", str(folder))
        for row in (PLAIN, UNICODE):
            (folder / ("sid" + row["session_key"])).write_text(row["session_data"])
        named = (*store, "--cookie-name", "sid")
        self.assertEqual(self.good("count", *store).text, "0\n")
        self.check_listing(named)
        self.check_show(named)
        os.utime(folder / ("sid" + PLAIN["session_key"]), (time.time() - 1000,) * 2)
        self.assertEqual(self.good("clearsessions", *named).text, "Removed 0 expired sessions.\n")
        self.assertEqual(self.good("clearsessions", *named, "--cookie-age", "900").text, "Removed 1 expired session.\n")
        self.assertEqual(self.good("count", *named).text, "1\n")

    def test_an_end_within_the_data_counts(self):
        self.assertEqual(signed(PLAIN["text"]), PLAIN["session_data"])
        store = ("--engine=file", "--url", str(self.folder), *self.with_secret)
        for key, end in (("over0000", PAST), ("lives000", FUTURE)):
            self.write("sessionid" + key, signed(json.dumps({"_session_expiry": end.replace(" ", "T") + "+00:00"})))
        self.good("show", "lives000", *store)
        self.bad(1, "show", "over0000", *store, words="No session lives under that key.")


class OnServer(Admin):
    """Where CLOAKROOM_URL names the server of the class."""

    Server = None

    @classmethod
    def setUpClass(cls):
        cls.server = cls.Server()
        cls.addClassCleanup(cls.server.close)

    def call(self, *arguments, env=None, **options):
        return super().call(*arguments, env={"CLOAKROOM_URL": self.server.url(), **(env or {})}, **options)


class OnRedis(OnServer):
    Server = Redis

    def setUp(self):
        super().setUp()
        self.server.ask("FLUSHALL")

    def put(self, row, value, prefix=":1:django.contrib.sessions.cache"):
        self.assertEqual(self.server.ask("SET", prefix + row["session_key"], value, "EX", 1000), b"+OK")

    def test_records_are_listed_and_shown(self):
        for row in (PLAIN, UNICODE):
            self.put(row, f"cr1:{4_000_000_000_000_000:018}:{row['session_data']}")
        self.check_listing(("--engine", "redis"))
        self.check_show(("--engine", "redis"))
        self.assertEqual(self.good("count", "--engine=redis", "--key-prefix=other").text, "0\n")
        self.assertEqual(self.good("clearsessions", "--engine=redis").text, "Redis removes expired sessions itself.\n")
        self.assertEqual(self.good("clearsessions", "--engine=redis", "--json").json, {"removed": 0})

    def test_records_of_a_django_with_a_json_serializer_are_shown_without_a_key(self):
        for row in (PLAIN, UNICODE):
            self.put(row, row["text"])
        self.check_listing(("--engine", "redis-bare"))
        shown = self.good("show", UNICODE["session_key"], "--engine=redis-bare", "--json").json
        self.assertEqual((shown["data"], shown["verified"]), (json.loads(UNICODE["text"]), False))
        self.put(PLAIN, b"\x80\x05pickle")
        self.bad(1, "show", PLAIN["session_key"], "--engine=redis-bare", words="no dictionary in JSON")

    def test_a_value_of_somebody_else_is_1(self):
        self.put(PLAIN, "pickle")
        self.bad(1, "show", PLAIN["session_key"], "--engine=redis", *self.with_secret, words="session_admin: ")

    def test_a_wrong_password_and_a_port_where_nobody_listens_are_1(self):
        wrong = {"CLOAKROOM_URL": self.server.url("wrong-word")}
        answer = self.bad(1, "count", "--engine=redis", words="WRONGPASS", env=wrong)
        self.assertNotIn("wrong-word", answer.errors)
        self.bad(1, "count", "--engine=redis", f"--url=redis://127.0.0.1:{free_port()}", words="refused")


class OnRedisCluster(OnServer):
    Server = RedisCluster

    def test_records_are_listed_and_shown(self):
        for row in (PLAIN, UNICODE):
            value = f"cr1:{4_000_000_000_000_000:018}:{row['session_data']}"
            key = ":1:django.contrib.sessions.cache" + row["session_key"]
            self.assertEqual(self.server.ask("SET", key, value), b"+OK")
        self.check_listing(("--engine", "redis-cluster"))
        self.check_show(("--engine", "redis-cluster"))


class OnMemcached(OnServer):
    Server = Memcached

    def test_sessions_are_shown_and_cannot_be_listed(self):
        for row in (PLAIN, UNICODE):
            value = f"cr1:{4_000_000_000_000_000:018}:{row['session_data']}".encode()
            key = b":1:django.contrib.sessions.cache" + row["session_key"].encode()
            self.assertEqual(self.server.ask(b"set %s 0 1000 %d\r\n%s" % (key, len(value), value)), b"STORED")
        self.check_show(("--engine", "memcached"))
        for command in ("list", "count"):
            self.bad(2, command, "--engine=memcached", words=f"memcached cannot {command}: it does not tell")
            self.bad(2, command, "--engine=memcached", "--hashed-keys", words="it does not tell")
        self.bad(2, "migrate", "--engine=memcached", words="it has no table")
        self.assertIn("removes expired sessions itself", self.good("clearsessions", "--engine=memcached").text)
        self.bad(1, "show", PLAIN["session_key"], "--engine=memcached", *self.with_secret, words="session_admin: ",
                 env={"CLOAKROOM_URL": f"memcached://127.0.0.1:{free_port()}"})


class OnPostgres(OnServer):
    Server = Postgres

    def setUp(self):
        super().setUp()
        self.server.sql("DROP TABLE IF EXISTS django_session")

    def test_every_command(self):
        store = ("--engine", "postgres")
        self.bad(1, "count", *store, words="migrate")
        self.good("migrate", *store)
        self.good("migrate", *store)
        values = ", ".join(f"('{key}', '{data}', '{end}+00')" for key, data, end in (
            (PLAIN["session_key"], PLAIN["session_data"], FUTURE),
            (UNICODE["session_key"], UNICODE["session_data"], FUTURE),
            ("expired0", PLAIN["session_data"], PAST)))
        self.server.sql(f"INSERT INTO django_session VALUES {values}")
        self.check_listing(store)
        self.check_show(store)
        self.assertEqual(self.good("clearsessions", *store).text, "Removed 1 expired session.\n")
        self.assertEqual(self.server.sql("SELECT count(*) FROM django_session"), "2")
        self.assertEqual(self.good("count", *store, "--hashed-keys").text, "0\n")

    def test_what_does_not_let_in_is_1(self):
        wrong = {"CLOAKROOM_URL": self.server.url(password="wrong-word")}
        answer = self.call("count", "--engine=postgres", env=wrong)
        self.assertEqual((answer.code, answer.text), (1, ""))
        self.assertIn("password authentication failed", answer.errors)
        self.assertNotIn("wrong-word", answer.errors)
        for words, url in {"does not exist": self.server.url("nowhere"),
                           "refused": f"postgresql://x@127.0.0.1:{free_port()}/x"}.items():
            answer = self.call("count", "--engine=postgres", env={"CLOAKROOM_URL": url})
            self.assertEqual(answer.code, 1)
            self.assertIn(words, answer.errors)


run_tests()
