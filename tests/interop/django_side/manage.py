# SPDX-License-Identifier: MIT
"""Django's command line for this site. INTEROP_SITE names the site's JSON file."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    execute_from_command_line(sys.argv)
