"""The profile: one question."""

import os
import urllib.request

BASE = os.environ["BASE_URL"]


def ask(path: str, body: bytes | None = None) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(BASE + path, body), timeout=60) as reply:  # noqa: S310 — the service under test
        return bytes(reply.read())


assert ask("/health") == b"ok\n"
assert b"hello" in ask("/ask", b'{"text": "hello"}')
print("2 passed")
