# SPDX-License-Identifier: MIT
"""Which Python has a Django: not always the one that runs the tests, as Debian's belongs to Debian's."""

import os
import subprocess
import sys


def python_with_django():
    """Its path, and Django's version as a tuple. CLOAKROOM_DJANGO_PYTHON in the environment names another one."""
    named = os.environ.get("CLOAKROOM_DJANGO_PYTHON")
    candidates = [named] if named else [sys.executable, "/usr/bin/python3"]
    for python in candidates:
        done = subprocess.run([python, "-c", "import django; print(*django.VERSION[:3])"], capture_output=True,
                              text=True, check=False)
        if done.returncode == 0:
            return python, tuple(map(int, done.stdout.split()))
    sys.exit(f"No Django for {' or '.join(candidates)}: tools/install_dependencies django brings one, and "
             "CLOAKROOM_DJANGO_PYTHON names a Python that has another")
