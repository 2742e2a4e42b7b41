# SPDX-License-Identifier: MIT
"""Values of Django's cache as JSON instead of pickles, so that others can read them (Django 4.0 or newer):

    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache",
                          "LOCATION": "redis://127.0.0.1:6379/1",
                          "OPTIONS": {"serializer": "json_cache.JSONSerializer"}}}
"""

import json


class JSONSerializer:
    def dumps(self, value):
        return json.dumps(value, separators=(",", ":")).encode("latin-1")

    def loads(self, data):
        return json.loads(data.decode("latin-1"))
