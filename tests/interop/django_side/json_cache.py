# SPDX-License-Identifier: MIT
"""What a Django cache on Redis needs for sharing its sessions: values as JSON instead of pickles."""

import json


class JsonSerializer:
    def dumps(self, value):
        return json.dumps(value, separators=(",", ":")).encode("ascii")

    def loads(self, data):
        return json.loads(data)
