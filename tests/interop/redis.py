# SPDX-License-Identifier: MIT
"""A Django and ours on Django's cache engine on Redis, with JSON in place of pickles."""

from _interop import InteropTest, run_tests
from _engines import Redis
from _clearing import SharedClearing
from _races import SharedRaces
from _sessions import SharedSessions
from _users import SharedUsers


class OnRedis(SharedSessions, SharedUsers, SharedClearing, SharedRaces, InteropTest):
    engine_class = Redis


if __name__ == "__main__":
    run_tests()
