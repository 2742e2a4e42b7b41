# SPDX-License-Identifier: MIT
"""A Django and ours with sessions that the browser keeps. There is nothing to race for."""

from _interop import InteropTest, run_tests
from _engines import SignedCookies
from _clearing import SharedClearing
from _sessions import SharedSessions
from _users import SharedUsers


class OnSignedCookies(SharedSessions, SharedUsers, SharedClearing, InteropTest):
    engine_class = SignedCookies


if __name__ == "__main__":
    run_tests()
