"""The profile: a series measured, its bends, one chart."""

import json
import os
import urllib.request

BASE = os.environ["BASE_URL"]


def ask(path: str, given: object = None) -> bytes:
    body = None if given is None else json.dumps(given).encode()
    request = urllib.request.Request(BASE + path, body, {"content-type": "application/json"})  # noqa: S310 — the service under test
    with urllib.request.urlopen(request, timeout=120) as reply:  # noqa: S310
        return bytes(reply.read())


assert json.loads(ask("/health")) == {"status": "ok"}
assert json.loads(ask("/measures/level", {"values": [1, 2, 3]}))["answer"][-1] == 2
assert json.loads(ask("/measures/bends", {"values": [0] * 20 + [9] * 20}))["answer"] == [20, 40]
assert b"<svg" in ask("/charts/svg", {"values": [1, 2, 3]})
print("4 passed")
