"""The shop's profile: an order placed, read, and the page."""

import json
import os
import urllib.request

BASE = os.environ["BASE_URL"]


def ask(path: str, body: dict | None = None) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, {"content-type": "application/json"})  # noqa: S310 — the service under test
    with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
        return bytes(reply.read())


assert ask("/health")
assert json.loads(ask("/orders", {"who": "Ann", "what": "tea"}))["who"] == "Ann"
assert json.loads(ask("/orders/1"))["what"] == "tea"
assert b"Ann: tea" in ask("/")
print("4 passed")
