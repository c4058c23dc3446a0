"""The profile: is it there, and what is aspirin like."""

import json
import os
import urllib.request

BASE = os.environ["BASE_URL"]


def ask(path: str, body: dict | None = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, {"content-type": "application/json"})  # noqa: S310 — the service under test
    with urllib.request.urlopen(request, timeout=120) as reply:  # noqa: S310
        return dict(json.load(reply))


assert ask("/health") == {"status": "ok"}
assert ask("/molecules/descriptors", {"smiles": "CC(=O)Oc1ccccc1C(=O)O"})["MolWt"] == 180.159
print("2 passed")
