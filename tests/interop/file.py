# SPDX-License-Identifier: MIT
"""A Django and ours on a folder of session files."""

from _interop import InteropTest, run_tests
from _engines import File
from _clearing import SharedClearing
from _races import SharedRaces
from _sessions import SharedSessions
from _users import SharedUsers


class OnFile(SharedSessions, SharedUsers, SharedClearing, SharedRaces, InteropTest):
    engine_class = File


if __name__ == "__main__":
    run_tests()
