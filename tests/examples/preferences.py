# SPDX-License-Identifier: MIT
"""A struct in the session: what it reads, what it writes, and what two requests at once make of it."""

import base64
import contextlib
import json
import re
import sqlite3
import threading

from _example import ExampleTest, Visitor, exchange, program_under_test, run_tests


def items(response):
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", response.text))


class Preferences(ExampleTest):
    program = program_under_test()

    def get(self, server, visitor, query=""):
        response = visitor.get(server, "/preferences" + query)
        self.assertEqual(response.status, 200, server.errors())
        return response

    def stored(self):
        """The JSON of the only row, as Django would decode it."""
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            [(text,)] = connection.execute("SELECT session_data FROM django_session").fetchall()
        payload = text.split(":")[0]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))

    def test_in_production_it_says_what_to_look_at(self):
        server = self.assert_says_what_production_needs()
        self.assertEqual(server.stop(), 0)

    def test_a_new_visitor_has_the_defaults_and_no_session(self):
        server = self.start()
        response = self.get(server, Visitor())
        self.assertEqual(items(response), {"Language": "en", "Dark": "no", "City": "", "Street": ""})
        self.assertIsNone(response.set_cookie())
        self.end(server)

    def test_what_is_set_stays_and_is_plain_json(self):
        server = self.start()
        visitor = Visitor()
        self.get(server, visitor, "?language=fr&city=J%C3%BClich")
        self.assertEqual(self.stored(), {"language": "fr", "address": {"city": "J\u00fclich", "street": ""}})
        self.get(server, visitor, "?dark=yes&street=Markt")
        self.assertEqual(items(self.get(server, visitor)),
                         {"Language": "fr", "Dark": "yes", "City": "J\u00fclich", "Street": "Markt"})
        self.assertEqual(self.stored(),
                         {"language": "fr", "address": {"city": "J\u00fclich", "street": "Markt"}, "dark": True})
        self.end(server)

    def test_setting_what_is_there_already_writes_nothing(self):
        server = self.start()
        visitor = Visitor()
        self.assertIsNotNone(self.get(server, visitor, "?language=fr&city=Ulm").set_cookie())
        self.assertIsNone(self.get(server, visitor, "?language=fr&city=Ulm&dark=no").set_cookie())
        self.assertIsNotNone(self.get(server, visitor, "?dark=yes").set_cookie())
        self.end(server)

    def test_requests_at_the_same_time_keep_each_others_members(self):
        server = self.start()
        visitor = Visitor()
        self.get(server, visitor, "?language=en&dark=no&city=a&street=a")
        for number in range(10):
            queries = [f"?city=c{number}", f"?street=s{number}", f"?language=l{number}"]
            workers = [threading.Thread(target=Visitor(visitor.cookie).get, args=(server, "/preferences" + query))
                       for query in queries]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            self.assertEqual(items(self.get(server, visitor)),
                             {"Language": f"l{number}", "Dark": "no", "City": f"c{number}", "Street": f"s{number}"})
        self.end(server)

    def test_a_text_that_is_none_is_the_visitors_mistake(self):
        server = self.start()
        response = exchange(server.port, "/preferences?city=%FF%FE")
        self.assertEqual(response.status, 400)
        self.assertIsNone(response.set_cookie())
        self.end(server)


if __name__ == "__main__":
    run_tests()
