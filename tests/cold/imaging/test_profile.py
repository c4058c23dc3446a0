"""The profile: is it there, and what does one plain DICOM file say."""

import json
import os
import struct
import urllib.request

BASE = os.environ["BASE_URL"]


def ask(path: str, body: bytes | None = None) -> dict:
    with urllib.request.urlopen(urllib.request.Request(BASE + path, body), timeout=120) as reply:  # noqa: S310 — the service under test
        return dict(json.load(reply))


def element(group: int, number: int, kind: bytes, value: bytes) -> bytes:
    value += b"\0" * (len(value) % 2)
    return struct.pack("<HH2s", group, number, kind) + struct.pack("<H", len(value)) + value


syntax = element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1")
plate = bytes(128) + b"DICM" + element(2, 0, b"UL", struct.pack("<I", len(syntax))) + syntax
plate += (
    element(8, 0x60, b"CS", b"CT") + element(0x10, 0x10, b"PN", b"Doe^Jane") + element(0x28, 0x10, b"US", b"\x20\0") + element(0x28, 0x11, b"US", b"\x40\0")
)
assert ask("/health") == {"status": "ok"}
assert ask("/dicom/tags", plate) == {"patient": "Doe^Jane", "modality": "CT", "size": [32, 64]}
print("2 passed")
