# SPDX-License-Identifier: MIT
"""Django's own password hashes, at a cost that tests can pay."""

from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher


class Pbkdf2(PBKDF2PasswordHasher):
    iterations = settings.PASSWORD_ITERATIONS
