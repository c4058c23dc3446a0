"""The profile: is it there, and one text."""

import json
import os
import urllib.request

BASE = os.environ["BASE_URL"]


def ask(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)


assert ask("/health") == {"status": "ok"}
assert ask("/upper", {"text": "tea"}) == {"text": "TEA"}
print("2 passed")
