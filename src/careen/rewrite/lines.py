"""Line-wise editing of text files that keeps all other bytes."""

import re
from collections.abc import Callable

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def decode(data: bytes) -> str:
    """Return any bytes as text; `encode` reverses it."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return the bytes of a text from `decode`."""
    return text.encode("utf-8", "surrogateescape")


def split_lines(text: str) -> list[str]:
    """Split at newlines only, unlike `str.splitlines`; each line keeps its newline."""
    return _LINE.findall(text)


def map_lines(text: str, change: Callable[[str], str | None]) -> str:
    """Replace each line by `change(line without its newline)`; None drops it.

    Newlines stay, and so does a missing last one.
    """
    out: list[str] = []
    for line in split_lines(text):
        body = line.removesuffix("\n")
        changed = change(body)
        if changed is not None:
            out.append(changed + line[len(body) :])
    return "".join(out)
