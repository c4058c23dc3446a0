"""The profile: one ticket, and one question to the full-text search."""

import json
import os
import urllib.request

BASE = os.environ["BASE_URL"]


def ask(path: str, body: dict | None = None) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, {"content-type": "application/json"})  # the service under test
    with urllib.request.urlopen(request, timeout=60) as reply:
        return bytes(reply.read())


assert ask("/health") == b"ok"
assert json.loads(ask("/api/tickets/", {"title": "tea", "text": "is cold"}))["title"] == "tea"
assert json.loads(ask("/api/tickets/1/"))["title"] == "a pot leaks"
assert "brewing" in json.loads(ask("/api/ask/?q=tea"))[0]
print("4 passed")
