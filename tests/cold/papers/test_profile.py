"""The profile: is it alive, one text taken in, one search."""

import json
import os
import urllib.request

BASE = os.environ["BASE_URL"]


def ask(path: str, body: bytes | None = None) -> dict:
    request = urllib.request.Request(BASE + path, body, {"content-type": "text/plain"})  # noqa: S310 — the service under test
    with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
        return dict(json.load(reply))


assert ask("/health")["status"] == "ok"
assert ask("/documents?name=note.txt", b"A cup of tea.\n\nA glass of milk.")["passages"] == 2
assert ask("/search?q=tea+cup")["found"]
print("3 passed")
