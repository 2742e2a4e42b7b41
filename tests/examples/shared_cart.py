# SPDX-License-Identifier: MIT
"""Runs the example of the shared cart: what both requests did is in the session."""

import json
import subprocess
import sys

answer = json.loads(subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout)
wanted = {"visit": 4, "best": 9, "cart": {"hat": 1, "scarf": 1}}
assert answer == wanted, answer
