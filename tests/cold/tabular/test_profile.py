"""The profile: a model asked, its scores read, a small table converted."""

import json
import os
import urllib.request

BASE = os.environ["BASE_URL"]


def ask(path: str, body: bytes | None = None) -> bytes:
    request = urllib.request.Request(BASE + path, body, {"content-type": "application/json"})  # noqa: S310 — the service under test
    with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
        return bytes(reply.read())


assert json.loads(ask("/health")) == {"status": "ok"}
assert len(json.loads(ask("/predict/forest", json.dumps({"rows": [[0, 1, 2, 3], [1, 0, 0, 0]]}).encode()))["values"]) == 2
assert b"<td>forest" in ask("/scores")
assert b"mean" in ask("/describe", b"a,b\n1,2\n3,4\n")
print("4 passed")
