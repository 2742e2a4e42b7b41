# SPDX-License-Identifier: MIT
"""The set / get pair: items, defaults, deletion and flush, over a socket."""

import re

from _example import ExampleTest, Visitor, exchange, program_under_test, run_tests


def items(response):
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", response.text))


class SetGet(ExampleTest):
    program = program_under_test()

    def get(self, server, visitor, path):
        response = visitor.get(server, path)
        self.assertEqual(response.status, 200, server.errors())
        self.assertEqual(response.all("Vary"), ["Cookie"])
        return response

    def test_in_production_it_says_what_to_look_at(self):
        server = self.assert_says_what_production_needs()
        self.assertEqual(server.stop(), 0)

    def test_what_is_set_is_got_until_it_is_deleted(self):
        server = self.start()
        visitor, other = Visitor(), Visitor()
        self.assertEqual(items(self.get(server, visitor, "/getsession")), {"Name": "nobody", "E-mail": "none"})
        self.assertIsNone(visitor.cookie)

        self.get(server, visitor, "/setsession")
        self.assertEqual(items(self.get(server, visitor, "/getsession")),
                         {"Name": "Visitor", "E-mail": "visitor@example.org"})
        self.get(server, visitor, "/setsession?name=J%C3%BCrgen%20%3Cb%3E&email=j%40example.org")
        self.assertEqual(items(self.get(server, visitor, "/getsession")),
                         {"Name": "Jürgen &lt;b&gt;", "E-mail": "j@example.org"})
        self.assertEqual(items(self.get(server, other, "/getsession")), {"Name": "nobody", "E-mail": "none"})

        self.assertIn("E-mail deleted", self.get(server, visitor, "/delsession").text)
        self.assertIn("No e-mail to delete", self.get(server, visitor, "/delsession").text)
        self.assertEqual(items(self.get(server, visitor, "/getsession")),
                         {"Name": "Jürgen &lt;b&gt;", "E-mail": "none"})
        self.end(server)

    def test_reading_writes_nothing_and_keeps_the_cookie(self):
        server = self.start()
        visitor = Visitor()
        self.assertIsNotNone(self.get(server, visitor, "/setsession").set_cookie())
        self.assertIsNone(self.get(server, visitor, "/getsession").set_cookie())
        self.end(server)

    def test_flush_ends_the_session_for_everybody_who_has_its_cookie(self):
        server = self.start()
        visitor = Visitor()
        self.get(server, visitor, "/setsession")
        thief = Visitor(visitor.cookie)
        self.assertEqual(items(self.get(server, thief, "/getsession"))["Name"], "Visitor")

        response = self.get(server, visitor, "/flush")
        self.assertEqual(response.all("Set-Cookie"), [
            'sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax'])
        self.assertEqual(items(self.get(server, thief, "/getsession"))["Name"], "nobody")
        self.assertIsNone(thief.cookie)
        self.end(server)

    def test_a_name_that_is_no_text_is_the_visitors_mistake(self):
        server = self.start()
        response = exchange(server.port, "/setsession?name=%FF%FE")
        self.assertEqual(response.status, 400)
        self.assertIsNone(response.set_cookie())
        self.end(server)

    def test_a_session_outlives_the_server(self):
        server = self.start()
        visitor = Visitor()
        self.get(server, visitor, "/setsession?name=here")
        self.end(server)
        server = self.start()
        self.assertEqual(items(self.get(server, visitor, "/getsession"))["Name"], "here")
        self.end(server)


if __name__ == "__main__":
    run_tests()
