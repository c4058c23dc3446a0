"""The profile: one row through one model of one engine."""

import json
import os
import urllib.request

BASE = os.environ["BASE_URL"]


def ask(path: str, body: dict | None = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, {"content-type": "application/json"})  # noqa: S310 — the service under test
    with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
        return dict(json.load(reply))


assert ask("/health") == {"status": "ok"}
row = ask("/v2/models/iris/infer", {"inputs": {"x": [[5.1, 3.5, 1.4, 0.2]]}})["outputs"]["probabilities"][0]
assert len(row) == 3, row
assert abs(sum(row) - 1) < 0.01, row
print("2 passed")
