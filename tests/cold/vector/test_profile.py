"""The profile: a text taken in, and found by a word."""

import json
import os
import urllib.request
import uuid

BASE = os.environ["BASE_URL"]


def post(path: str, data: bytes, kind: str) -> object:
    request = urllib.request.Request(BASE + path, data, {"content-type": kind})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.loads(reply.read())


mark = uuid.uuid4().hex
body = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{mark}.txt"\r\n\r\nA cup of tea.\nA glass of milk.\r\n--{mark}--\r\n'
assert post("/documents", body.encode(), f"multipart/form-data; boundary={mark}") == {"parts": 2}
assert "tea" in str(post("/search", b'{"text": "tea"}', "application/json"))
print("2 passed")
