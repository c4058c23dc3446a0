"""The gateway's profile: one question, one page."""

import json
import os
import urllib.request

BASE = os.environ["BASE_URL"]


def ask(path: str, body: dict | None = None) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, {"content-type": "application/json"})  # noqa: S310 — the service under test
    with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
        return bytes(reply.read())


assert ask("/health") == b"ok"
assert json.loads(ask("/ask", {"prompt": "a cup of tea"})) == {"answer": "a cup of tea "}
assert b"one question" in ask("/asked") or b"questions" in ask("/asked")
print("3 passed")
