"""Validation of package names and versions, which an image chooses and reports show."""

import re

from careen.errors import ImageError

MAX_NAME = 256
MAX_VERSION = 256
_SHOWN = 80
_PLAIN = re.compile(
    r"[^\s\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+\Z"
)


def check_identity(name: object, version: object, where: str) -> tuple[str, str]:
    """Return name and version if each is a word without invisible characters.

    Raises ImageError, naming `where`, for blanks, control characters and bidirectional marks.
    """
    return _word(name, "name", MAX_NAME, where), _word(version, "version", MAX_VERSION, where)


def is_plain(text: str, limit: int = MAX_NAME) -> bool:
    """Return whether `text` is one printable word of at most `limit` characters."""
    return len(text) <= limit and _PLAIN.match(text) is not None


def shown(text: str, limit: int = 200) -> str:
    """Return hostile text for a message: truncated, and quoted unless it is printable."""
    return text[:limit] if text.isprintable() else repr(text[:limit])


def _word(value: object, what: str, limit: int, where: str) -> str:
    if not isinstance(value, str):
        msg = f"{where}: the package's {what} is no text but {str(type(value).__name__)!r}"
        raise ImageError(msg)
    if not is_plain(value, limit):
        msg = f"{where}: no usable package {what}: {value[:_SHOWN]!r}"
        raise ImageError(msg)
    return value
