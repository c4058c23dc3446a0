"""The profile: a mood, entities, a score."""

import json
import os
import urllib.request

BASE = os.environ["BASE_URL"]


def ask(path: str, body: dict) -> dict:
    request = urllib.request.Request(BASE + path, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=90) as reply:
        return json.loads(reply.read())


assert ask("/classify", {"text": "a good day"})["finite"]
assert ask("/entities", {"text": "We had tea in Oslo. It was good."})["entities"] == [["tea", "DRINK"], ["Oslo", "PLACE"]]
assert ask("/score", {"rows": [[1, 2, 3]]})["scores"][0][1] > 0.5
print("3 passed")
