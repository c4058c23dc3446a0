"""Frames as the sensor's helper writes them, for tests of what reads them."""

import io
import struct

from careen.sensor.wire import (
    FILE_KEY,
    FRAME,
    LOSSES,
    NAME_KEY,
    OTHER_COUNTERS,
    SIGHT,
    TALLY,
    FrameType,
    Kind,
    SightType,
)

ROOT_DEV, VOLUME_DEV, WHO = 39, 254 << 20, 1 << 16 | 1
NO_FILE = bytes(FILE_KEY.size)
NO_NAME = bytes(NAME_KEY.size)
MOUNTINFO = (
    "83 47 0:39 / / rw - overlay o rw\n84 83 0:44 / /proc rw - proc proc rw\n90 83 254:0"
    " /srv/my\\040data /data rw - ext4 /dev/vda rw\n"
)


def frame(kind: FrameType, payload: bytes) -> bytes:
    return FRAME.pack(kind, len(payload)) + payload


def components(path: str) -> bytes:
    return b"".join(
        part.encode("utf-8", "surrogateescape") + b"\0"
        for part in reversed(path.strip("/").split("/"))
        if part
    )


def sight(
    kind: SightType,
    *,
    file: bytes = NO_FILE,
    name: bytes = NO_NAME,
    given: str = "",
    reached: str | None = None,
    base: str = "",
    gone: bool = False,
    pid: int = 7,
) -> bytes:
    text = given.encode("utf-8", "surrogateescape") + b"\0" if given else b""
    path, start = components(reached or ""), components(base)
    head = SIGHT.pack(
        kind,
        WHO,
        file,
        name,
        0,
        0o100644 if reached is not None else 0,
        pid,
        len(text),
        len(path),
        len(start),
        gone,
    )
    return frame(FrameType.SIGHT, head + text + path + start)


def file_key(dev: int, number: int) -> bytes:
    return FILE_KEY.pack(WHO, dev, number, 1, number)


def name_key(number: int, kind: Kind, error: int = 0, dev: int = ROOT_DEV) -> bytes:
    return NAME_KEY.pack(WHO, dev, 2, number, number, kind, error)


def names(*keys: bytes, serving: int = 0) -> bytes:
    return frame(
        FrameType.NAMES,
        b"".join(key + TALLY.pack(0, 1, bytes((1, serving, 0, 0)), 0) for key in keys),
    )


def counters(**values: int) -> bytes:
    return frame(
        FrameType.COUNTERS,
        b"".join(struct.pack("<Q", values.get(name, 0)) for name in (*LOSSES, *OTHER_COUNTERS)),
    )


def stream_of(*parts: bytes, root: str = "/") -> io.BytesIO:
    start = sight(SightType.START, file=file_key(ROOT_DEV, 1), reached=root)
    program = sight(
        SightType.EXECUTABLE, file=file_key(ROOT_DEV, 9), reached=f"{root.rstrip('/')}/bin/app"
    )
    mounts = frame(FrameType.MOUNTS, struct.pack("<I", 7) + MOUNTINFO.encode())
    return io.BytesIO(
        b"".join((start, program, mounts, *parts, counters(), frame(FrameType.END, b"")))
    )
