# SPDX-License-Identifier: MIT
"""The cart: classes with functions for cereal, kept as JSON."""

import base64
import json
import re
import sqlite3
import zlib

from _example import ExampleTest, Visitor, program_under_test, run_tests


class Cart(ExampleTest):
    program = program_under_test()

    def shown(self, response):
        self.assertEqual(response.status, 200, response.text)
        return re.findall(r"<li>(.*?)</li>", response.text), float(re.search(r"Sum: ([0-9.]+)", response.text)[1])

    def stored(self):
        """The one session in the database."""
        with sqlite3.connect(self.database) as connection:
            text, = connection.execute("SELECT session_data FROM django_session").fetchone()
        payload = text.split(":")[0]
        compressed = payload.startswith(".")
        data = base64.urlsafe_b64decode(payload.lstrip(".") + "===")
        return json.loads(zlib.decompress(data) if compressed else data)

    def test_in_production_it_says_what_to_look_at(self):
        server = self.assert_says_what_production_needs()
        self.assertEqual(server.stop(), 0)

    def test_what_is_added_is_there_and_readable_as_json(self):
        server = self.start()
        visitor = Visitor()
        self.assertEqual(self.shown(visitor.get(server, "/cart")), ([], 0))
        self.assertIsNone(visitor.cookie)
        visitor.get(server, "/cart?add=coat&price=12.50")
        visitor.get(server, "/cart?add=%3Chat%3E&price=3")
        self.assertEqual(self.shown(visitor.get(server, "/cart")), (["coat", "&lt;hat&gt;"], 15.5))
        self.assertEqual(self.shown(Visitor().get(server, "/cart")), ([], 0))
        self.assertEqual(self.stored(), {"cart": {
            "articles": [{"name": "coat", "price": 12.5}, {"name": "<hat>", "price": 3.0}], "vouchers": []}})
        self.end(server)

    def test_a_name_that_is_no_text_is_the_visitors_mistake(self):
        server = self.start()
        visitor = Visitor()
        response = visitor.get(server, "/cart?add=%FF&price=1")
        self.assertEqual(response.status, 400)
        self.assertIn("articles[0].name: a string that is not UTF-8 cannot be stored", response.text)
        self.assertIsNone(visitor.cookie)
        self.end(server)


if __name__ == "__main__":
    run_tests()
