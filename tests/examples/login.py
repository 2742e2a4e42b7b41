# SPDX-License-Identifier: MIT
"""The site with users over a socket: what its forms do, refuse and say, and what its responses carry."""

import contextlib
import http.client
import http.cookies
import re
import sqlite3
import urllib.parse

from _example import ExampleTest, program_under_test, run_tests

PASSWORD = "correct horse <battery>"
NOBODY = "Your username and password didn&#x27;t match."
COOKIES = "Please enable cookies and try again."


class Client:
    """A browser with a jar of cookies."""

    def __init__(self, server, agent="Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"):
        self.port = server.port
        self.agent = agent
        self.cookies = {}

    def ask(self, method, path, fields=None, **headers):
        lines = {"User-Agent": self.agent, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if fields is not None:
            lines["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, None if fields is None else urllib.parse.urlencode(fields),
                           {name: value for name, value in (lines | headers).items() if value})
        response = connection.getresponse()
        response.text = response.read().decode()
        self.set_cookies = http.cookies.SimpleCookie()
        for line in response.headers.get_all("Set-Cookie") or []:
            self.set_cookies.load(line)
        for name, cookie in self.set_cookies.items():
            if cookie["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = cookie.coded_value
        connection.close()
        return response

    def get(self, path):
        return self.ask("GET", path)

    def token(self, path="/login/"):
        return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path).text)[1]

    def send(self, path, page=None, **fields):
        """Opens the page with the form, and sends it."""
        return self.ask("POST", path, {"csrfmiddlewaretoken": self.token(page or path)} | fields)

    def sign_up(self, name, password=PASSWORD, **fields):
        return self.send("/signup/", username=name, password=password, **fields)

    def log_in(self, name, password=PASSWORD, **fields):
        return self.send("/login/", username=name, password=password, **fields)

    def key(self):
        return self.cookies.get("sessionid")

    def handles(self):
        return re.findall(r'name="device" value="(\w+)"', self.get("/devices/").text)


class Login(ExampleTest):
    program = program_under_test()

    def query(self, sql, *parameters):
        with contextlib.closing(sqlite3.connect(self.database)) as connection, connection:
            return connection.execute(sql, parameters).fetchall()

    def stop(self, server):
        """Ends it; returns what it wrote to stderr."""
        self.assertEqual(server.stop(), 0)
        return server.errors()

    def assert_in(self, client):
        page = client.get("/")
        self.assertEqual(page.status, 200)
        self.assertIn("<h1>Dashboard</h1>", page.text)

    def assert_out(self, client):
        page = client.get("/")
        self.assertEqual((page.status, page.headers["Location"]), (303, "/login/"))

    def assert_goes_to(self, response, path):
        self.assertEqual((response.status, response.headers["Location"]), (303, path), response.text)

    def test_in_production_it_says_what_to_look_at(self):
        server = self.assert_says_what_production_needs("security.W016")
        self.assertEqual(server.stop(), 0)

    def test_signing_up_and_logging_in_and_out(self):
        server = self.start()
        client = Client(server)
        self.assert_out(client)
        self.assert_goes_to(client.sign_up("ann"), "/")
        page = client.get("/")
        self.assertIn("Welcome, ann.", page.text)
        self.assertIn("<dt>Visits</dt><dd>1</dd>", page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertIn("frame-ancestors 'none'", page.headers["Content-Security-Policy"])
        self.assertEqual(page.headers["Vary"], "Cookie")
        self.assertNotIn("Welcome", client.get("/").text)
        [(field,)] = self.query("SELECT password FROM auth_user WHERE username = 'ann'")
        self.assertTrue(field.startswith("pbkdf2_sha256$"))

        stolen = dict(client.cookies)
        self.assertEqual(client.get("/logout/").status, 404)  # what changes something is no link
        self.assert_in(client)
        self.assert_goes_to(client.send("/logout/", "/"), "/login/")
        self.assertIn("You are logged out.", client.get("/login/").text)
        self.assert_out(client)
        client.cookies = stolen
        self.assert_out(client)

        client = Client(server)
        client.get("/login/")
        before = client.key()
        self.assert_goes_to(client.log_in("ann"), "/")
        self.assertNotEqual(client.key(), before)
        self.assert_in(client)
        self.assertEqual(self.query("SELECT count(*) FROM django_session WHERE session_key = ?", before), [(0,)])
        self.end(server)

    def test_wrong_name_and_wrong_password_are_told_alike(self):
        server = self.start()
        self.assert_goes_to(Client(server).sign_up("ann"), "/")
        client = Client(server)
        pages = []
        for name, password in [("ann", "wrong"), ("bob", PASSWORD), ('"><script>', ""), ("\0", "\0")]:
            page = client.log_in(name, password)
            self.assertEqual(page.status, 200)
            self.assertIn(f'id="form-error" role="alert">{NOBODY}', page.text)
            self.assertEqual(page.text.count('aria-invalid="true" aria-describedby="form-error"'), 2)
            self.assertNotIn("<script", page.text)
            pages.append(re.sub(r'value="\w*"', "", page.text))
        self.assertEqual(pages[0], pages[1])
        self.assert_out(client)
        self.end(server)

    def test_signing_up_says_what_is_wrong(self):
        server = self.start()
        client = Client(server)
        self.assert_goes_to(client.sign_up("ann"), "/")
        for name, password, says in [("ann", PASSWORD, "taken"), ("", PASSWORD, "1 to 150"), ("a" * 151, PASSWORD, "1 to 150"),
                                     ("a b", PASSWORD, "1 to 150"), ("bob", "1234567", "8 characters or more."),
                                     ("bob", "a" * 4097, "too long"), ("bobby_the", "bobby_the", "must not be the name")]:
            with self.subTest(says, name=name[:9]):
                page = Client(server).sign_up(name, password)
                self.assertEqual(page.status, 200)
                [(field, text)] = re.findall(r'class="error" id="(\w+)-error">([^<]*)', page.text)
                self.assertIn(says, text)
                self.assertRegex(page.text, rf'<input id="{field}"[^>]* aria-describedby="[^"]*{field}-error"')
        self.assertEqual(self.query("SELECT username FROM auth_user"), [("ann",)])
        self.end(server)

    def test_how_long_the_browser_keeps_the_cookie(self):
        server = self.start()
        client = Client(server)
        self.assert_goes_to(client.sign_up("ann"), "/")
        self.assertEqual(client.set_cookies["sessionid"]["max-age"], "")
        self.assert_goes_to(client.send("/logout/", "/"), "/login/")
        self.assert_goes_to(client.log_in("ann", remember="yes"), "/")
        self.assertEqual(client.set_cookies["sessionid"]["max-age"], "1209600")
        self.end(server)

    def test_forged_forms_are_refused(self):
        server = self.start()
        ann, eve = Client(server), Client(server)
        self.assert_goes_to(ann.sign_up("ann"), "/")
        token = ann.token("/")
        for what, fields, headers in [("no token", {}, {}),
                                      ("another visitor's", {"csrfmiddlewaretoken": eve.token()}, {}),
                                      ("another site's", {"csrfmiddlewaretoken": token}, {"Origin": "https://evil.example"}),
                                      ("a sandbox's", {"csrfmiddlewaretoken": token}, {"Origin": "null"})]:
            for path in ["/logout/", "/devices/end/", "/devices/end-others/", "/password/", "/login/", "/signup/"]:
                with self.subTest(what, path=path):
                    page = ann.ask("POST", path, fields, **headers)
                    self.assertEqual(page.status, 403)
                    self.assertIn("did not come from a page of this site", page.text)
                    self.assertEqual(len(ann.set_cookies), 0)
        self.assert_in(ann)
        own = {"Origin": f"http://127.0.0.1:{server.port}"}
        self.assert_goes_to(ann.ask("POST", "/logout/", {"csrfmiddlewaretoken": token}, **own), "/login/")
        self.assertIn("Forbidden (Origin checking failed - https://evil.example", self.stop(server))

    def test_another_name_of_this_machine_is_no_site(self):
        server = self.start()
        client = Client(server)
        self.assertEqual(client.ask("GET", "/login/", Host="evil.example").status, 400)
        self.assertEqual(client.ask("GET", "/login/", Host=f"localhost:{server.port}").status, 200)
        self.end(server)

    def test_a_browser_without_cookies_is_told(self):
        server = self.start()
        client = Client(server)
        token = client.token()
        client.cookies = {}
        page = client.ask("POST", "/login/", {"csrfmiddlewaretoken": token, "username": "ann", "password": PASSWORD})
        self.assertEqual(page.status, 403)
        self.assertIn(COOKIES, page.text)

        client.get("/login/")  # keeps the other cookie, but not the session's
        del client.cookies["sessionid"]
        token = client.token("/signup/")
        page = client.ask("POST", "/login/", {"csrfmiddlewaretoken": token, "username": "ann", "password": PASSWORD})
        self.assertEqual(page.status, 200)
        self.assertIn(COOKIES, page.text)
        self.assertIn(NOBODY, client.log_in("ann", PASSWORD).text)
        self.assertIn("CSRF cookie not set.", self.stop(server))

    def test_looking_at_the_login_form_again_writes_nothing(self):
        server = self.start()
        client = Client(server)
        client.get("/login/")
        self.assertIn("sessionid", client.set_cookies)
        rows = self.query("SELECT * FROM django_session")
        self.assertEqual(len(rows), 1)
        for _ in range(3):
            client.get("/login/")
            self.assertNotIn("sessionid", client.set_cookies)
        self.assertIn(NOBODY, client.log_in("ann", PASSWORD).text)
        self.assertEqual(self.query("SELECT * FROM django_session"), rows)
        self.end(server)

    def test_devices(self):
        server = self.start()
        home = Client(server)
        phone = Client(server, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1")
        evil = Client(server, "<script>alert(1)</script>")
        bob = Client(server)
        self.assert_goes_to(home.sign_up("ann"), "/")
        self.assert_goes_to(phone.log_in("ann"), "/")
        self.assert_goes_to(bob.sign_up("bob"), "/")
        page = home.get("/devices/").text
        self.assertEqual(page.count("<li><h2>"), 2)
        self.assertIn("<h2>Firefox on Linux <strong>this one</strong></h2>", page)
        self.assertIn("<h2>Safari on an iPhone</h2>", page)
        for client in (home, phone):
            self.assertNotIn(client.key(), page)

        [handle] = home.handles()
        self.assert_goes_to(bob.send("/devices/end/", "/", device=handle), "/devices/")
        self.assertIn("was not logged in any more", bob.get("/devices/").text)
        self.assert_in(phone)
        self.assert_goes_to(home.send("/devices/end/", "/", device=handle), "/devices/")
        self.assertIn("The device is logged out.", home.get("/devices/").text)
        self.assert_out(phone)

        self.assert_goes_to(phone.log_in("ann"), "/")
        self.assert_goes_to(evil.log_in("ann"), "/")
        page = home.get("/devices/").text
        self.assertNotIn("<script", page)
        self.assertIn("&lt;script&gt;", page)
        before = home.key()
        self.assert_goes_to(home.send("/devices/end-others/", "/"), "/devices/")
        self.assertNotEqual(home.key(), before)
        self.assertEqual(home.handles(), [])
        self.assert_in(home)
        self.assert_in(bob)
        for client in (phone, evil):
            self.assert_out(client)
        self.end(server)

    def test_a_new_password_ends_the_other_sessions(self):
        server = self.start()
        home, phone = Client(server), Client(server)
        self.assert_goes_to(home.sign_up("ann"), "/")
        self.assert_goes_to(phone.log_in("ann"), "/")
        page = home.send("/password/", old_password="wrong", new_password="another one")
        self.assertIn("This is not your current password.", page.text)
        page = home.send("/password/", old_password=PASSWORD, new_password="short")
        self.assertIn("8 characters or more.", page.text)
        self.assert_in(phone)
        before = home.key()
        self.assert_goes_to(home.send("/password/", old_password=PASSWORD, new_password="another one"), "/")
        self.assertNotEqual(home.key(), before)
        self.assertIn("Your password is changed.", home.get("/").text)
        self.assert_out(phone)
        self.assertIn(NOBODY, phone.log_in("ann").text)
        self.assert_goes_to(phone.log_in("ann", "another one"), "/")
        self.end(server)


if __name__ == "__main__":
    run_tests()
