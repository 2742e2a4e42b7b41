# SPDX-License-Identifier: MIT
"""Django's command line for this site. INTEROP_SITE names the site's JSON file."""

import os
import pathlib
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    # The serializer of the cache is the one that the documentation shows.
    sys.path.append(str(pathlib.Path(__file__).resolve().parents[3] / "examples" / "django_side_by_side"))
    execute_from_command_line(sys.argv)
