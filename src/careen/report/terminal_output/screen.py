"""Terminal output: width, colour, and the characters that its encoding can show.

Names from an image are hostile. Control characters are escaped, and no name is read as markup.
"""

import os
import unicodedata
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console

MIN_WIDTH = 60


@dataclass(frozen=True, slots=True)
class Signs:
    """The symbols beyond ASCII, each with an ASCII replacement."""

    arrow: str
    minus: str
    unknown: str
    bar: str
    tick: str
    cross: str
    bullet: str
    ellipsis: str


UNICODE = Signs(
    arrow="→",
    minus="−",  # noqa: RUF001
    unknown="—",
    bar="━",
    tick="✓",
    cross="✗",
    bullet="·",
    ellipsis="…",
)
ASCII = Signs(
    arrow="->", minus="-", unknown="-", bar="=", tick="ok", cross="x", bullet="-", ellipsis="..."
)


def open_console(stream: TextIO, width: int | None = None) -> Console:
    """Return a console on `stream`.

    Colour needs a terminal, and NO_COLOR unset or empty. `width` overrides the terminal's width (80
    without one); at least 60 columns are used.
    """
    colour = None if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else "auto"
    console = Console(
        file=stream,
        width=width,
        color_system=colour,  # type: ignore[arg-type]
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    console.width = max(console.width, MIN_WIDTH)
    return console


def signs_of(console: Console) -> Signs:
    """Return the symbols that the console's encoding can show."""
    return UNICODE if console.encoding.lower().replace("-", "").startswith("utf") else ASCII


def shown(text: str, signs: Signs = UNICODE) -> str:
    """Return `text` with everything that could steer or confuse a terminal escaped.

    These are control and format characters, line separators, and bytes that are not UTF-8; with
    ASCII signs, everything beyond ASCII.
    """
    return "".join(char if _is_plain(char, signs) else _escape(char) for char in text)


def _is_plain(char: str, signs: Signs) -> bool:
    if char.isascii():
        return char.isprintable()
    return signs is UNICODE and unicodedata.category(char) not in (
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Cn",
        "Zl",
        "Zp",
    )


def _escape(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004 — a byte kept as a surrogate escape
        return f"\\x{code - 0xDC00:02x}"
    return (
        f"\\x{code:02x}"
        if code < 0x100  # noqa: PLR2004
        else f"\\u{code:04x}"
        if code < 0x10000  # noqa: PLR2004
        else f"\\U{code:08x}"
    )


def short_digest(digest: str) -> str:
    """Return `sha256:` and the first 12 hex characters, as docker shortens them."""
    algorithm, colon, hexadecimal = digest.partition(":")
    return f"{algorithm}:{hexadecimal[:12]}" if colon else digest[:19]
