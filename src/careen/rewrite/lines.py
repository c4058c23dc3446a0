"""Text files whose lines are kept or dropped byte for byte."""

import re
from collections.abc import Callable

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def decode(data: bytes) -> str:
    """Return the bytes as text, whatever they are; `encode` gives the same bytes back."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return the bytes that `decode` was given."""
    return text.encode("utf-8", "surrogateescape")


def split_lines(text: str) -> list[str]:
    """Split at newlines only (not at the other characters of `str.splitlines`); each line keeps its
    end.
    """
    return _LINE.findall(text)


def map_lines(text: str, change: Callable[[str], str | None]) -> str:
    """Replace each line by `change(line without its newline)`; None drops it. Newlines, a missing
    last one included, stay as they are.
    """
    out: list[str] = []
    for line in split_lines(text):
        body = line.removesuffix("\n")
        changed = change(body)
        if changed is not None:
            out.append(changed + line[len(body) :])
    return "".join(out)
