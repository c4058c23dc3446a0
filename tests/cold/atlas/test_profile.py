"""The profile: a graph is loaded and asked, a rule is asked."""

import os
import urllib.request

BASE = os.environ["BASE_URL"]
TURTLE = b'<urn:a> <urn:knows> <urn:b> . <urn:b> <urn:name> "Bert" .'


def ask(path: str, body: bytes | None = None) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(BASE + path, body), timeout=60) as reply:  # noqa: S310 — the service under test
        return bytes(reply.read())


assert ask("/health") == b"ok"
assert b'"statements": 2' in ask("/load", TURTLE)
assert b"Bert" in ask("/query", b"select ?n { ?s <urn:name> ?n }")
assert b"doris" in ask("/task/prolog", b"")
print("4 passed")
