# SPDX-License-Identifier: MIT
"""A site whose sessions a C++ service shares. Its JSON file is the one that interop_server reads."""

import json
import os
import pathlib
import urllib.parse

import django

SITE = json.loads(pathlib.Path(os.environ["INTEROP_SITE"]).read_text(encoding="utf-8"))

SECRET_KEY = SITE["secret_key"]
SECRET_KEY_FALLBACKS = SITE["fallback_keys"]
PASSWORD_ITERATIONS = SITE["iterations"]
PASSWORD_HASHERS = ["passwords.Pbkdf2"]
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
ROOT_URLCONF = "views"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
                "django.server": {"handlers": ["stderr"], "level": "ERROR", "propagate": False}},
}

if SITE["engine"] == "postgres":
    url = urllib.parse.urlsplit(SITE["database"])
    DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": url.path[1:], "HOST": url.hostname,
                             "PORT": url.port, "USER": url.username, "PASSWORD": url.password}}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": SITE["database"],
                             "OPTIONS": {"timeout": 20}}}

if SITE["engine"] == "file":
    SESSION_ENGINE = "django.contrib.sessions.backends.file"
    SESSION_FILE_PATH = SITE["folder"]
elif SITE["engine"] == "signed_cookies":
    SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
elif SITE["engine"] == "redis":
    SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    if django.VERSION >= (4, 0):
        CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": SITE["cache"],
                              "OPTIONS": {"serializer": "json_cache.JSONSerializer"}}}
    else:  # before Django had one of its own
        CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": SITE["cache"],
                              "OPTIONS": {"SERIALIZER": "django_redis.serializers.json.JSONSerializer"}}}
