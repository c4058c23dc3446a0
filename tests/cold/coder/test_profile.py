"""The profile: a file linted, a tree, a line in the repository."""

import json
import os
import urllib.request

BASE = os.environ["BASE_URL"]


def ask(path: str, given: object = None) -> object:
    body = None if given is None else json.dumps(given).encode()
    request = urllib.request.Request(BASE + path, body, {"content-type": "application/json"})  # noqa: S310 — the service under test
    with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
        return json.loads(reply.read())


assert ask("/health") == {"status": "ok"}
assert "F401" in str(ask("/tools/lint", {"text": "import os\n"}))
assert "function_definition" in str(ask("/tools/tree", {"text": "def f(): pass\n"}))
assert "start" in str(ask("/tools/git", {"what": "log"}))
print("4 passed")
