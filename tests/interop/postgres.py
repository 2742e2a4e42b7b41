# SPDX-License-Identifier: MIT
"""A Django and ours on the table django_session in PostgreSQL."""

from _interop import InteropTest, run_tests
from _engines import Postgres
from _clearing import SharedClearing
from _races import SharedRaces
from _sessions import SharedSessions
from _users import SharedUsers


class OnPostgres(SharedSessions, SharedUsers, SharedClearing, SharedRaces, InteropTest):
    engine_class = Postgres


if __name__ == "__main__":
    run_tests()
