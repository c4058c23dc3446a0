"""The profile: one voice, one chain, one caption."""

import os
import urllib.request

BASE = os.environ["BASE_URL"]
CAPTION = b"1\n00:00:01,000 --> 00:00:02,000\ntea\n"


def ask(path: str, body: bytes | None = None) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(BASE + path, body), timeout=60) as reply:  # noqa: S310 — the service under test
        return bytes(reply.read())


assert ask("/health") == b"ok"
said = ask("/say/espeak?text=tea")
assert said[:4] == b"RIFF"
assert ask("/chain/plain", said)[:4] == b"RIFF"
assert b"WEBVTT" in ask("/captions/srt/vtt", CAPTION)
print("4 passed")
