"""Form bodies and the files in them."""

import json
import zlib
from collections.abc import Mapping
from typing import Any

BOUNDARY = "careen-boundary"


def png() -> bytes:
    """Return a PNG of eight by eight grey pixels."""

    def part(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    rows = b"".join(b"\0" + bytes(range(0, 256, 32)) for _ in range(8))
    head = (8).to_bytes(4) + (8).to_bytes(4) + bytes((8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + part(b"IHDR", head)
        + part(b"IDAT", zlib.compress(rows, 0))
        + part(b"IEND", b"")
    )


FILES = (
    ("notes.txt", "text/plain", b"first line\nsecond line\n"),
    ("dots.png", "image/png", png()),
    ("noise.bin", "application/octet-stream", bytes(range(256))),
)


def written(value: object) -> str:
    """Return a value as text for a query or a form."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list) and value:
        return written(value[0])
    return "" if value is None else json.dumps(value)


def multipart(
    value: Mapping[str, Any], files: Mapping[str, bool], file: tuple[str, str, bytes]
) -> bytes:
    """Return a multipart form; all its files are `file`."""
    out = bytearray()
    for name in dict.fromkeys((*files, *value)):
        quoted = (
            name.replace('"', "%22").replace("\r", "").replace("\n", "").encode("utf-8", "replace")
        )
        out += b'--%b\r\nContent-Disposition: form-data; name="%b"' % (BOUNDARY.encode(), quoted)
        if name in files:
            out += (
                f'; filename="{file[0]}"\r\nContent-Type: {file[1]}\r\n\r\n'.encode()
                + file[2]
                + b"\r\n"
            )
        else:
            out += b"\r\n\r\n" + written(value[name]).encode() + b"\r\n"
    return bytes(out + f"--{BOUNDARY}--\r\n".encode())
