"""The profile: one PNG, one WAV."""

import json
import math
import os
import struct
import uuid
import urllib.request
import zlib

BASE = os.environ["BASE_URL"]


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((x * 5 % 256, y * 5 % 256, 90)) for y in range(height) for x in range(1)) and b"".join(b"\0" + bytes((7, 8, 9)) * width for _ in range(height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def wav(seconds: float, rate: int = 8000) -> bytes:
    data = b"".join(struct.pack("<h", int(9000 * math.sin(n / 5))) for n in range(int(seconds * rate)))
    return b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * 2, 2, 16) + b"data" + struct.pack("<I", len(data)) + data


def post(path: str, data: bytes) -> bytes:
    mark = uuid.uuid4().hex
    body = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'.encode() + data + f"\r\n--{mark}--\r\n".encode()
    request = urllib.request.Request(BASE + path, body, {"content-type": f"multipart/form-data; boundary={mark}"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return reply.read()


assert post("/picture/convert", png(20, 10)).startswith(b"\x89PNG")
assert json.loads(post("/picture/measure", png(20, 10)))["mean"] == [7.0, 8.0, 9.0]
assert json.loads(post("/sound/measure", wav(0.5)))["seconds"] == 0.5
print("3 passed")
