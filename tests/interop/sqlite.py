# SPDX-License-Identifier: MIT
"""A Django and ours on the table django_session in an SQLite file."""

from _interop import InteropTest, run_tests
from _engines import Sqlite
from _clearing import SharedClearing
from _races import SharedRaces
from _sessions import SharedSessions
from _users import SharedUsers


class OnSqlite(SharedSessions, SharedUsers, SharedClearing, SharedRaces, InteropTest):
    engine_class = Sqlite


if __name__ == "__main__":
    run_tests()
