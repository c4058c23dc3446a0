"""What may be a package's name and version: text that an image chose, and that ends in purls,
terminals and reports.
"""

import re

from careen.errors import ImageError

MAX_NAME = 256
MAX_VERSION = 256
_SHOWN = 80
_PLAIN = re.compile(
    r"[^\s\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+\Z"
)


def check_identity(name: object, version: object, where: str) -> tuple[str, str]:
    """Return both if they are words without blanks, control characters, and characters that turn or
    hide text. Raises ImageError, naming `where`.
    """
    return _word(name, "name", MAX_NAME, where), _word(version, "version", MAX_VERSION, where)


def is_plain(text: str, limit: int = MAX_NAME) -> bool:
    """Say whether `text` is one word that can be printed as it is."""
    return len(text) <= limit and _PLAIN.match(text) is not None


def shown(text: str, limit: int = 200) -> str:
    """Return hostile text as a message may have it: cut, and quoted where it has anything that
    could not be printed.
    """
    return text[:limit] if text.isprintable() else repr(text[:limit])


def _word(value: object, what: str, limit: int, where: str) -> str:
    if not isinstance(value, str):
        msg = f"{where}: the package's {what} is no text but {str(type(value).__name__)!r}"
        raise ImageError(msg)
    if not is_plain(value, limit):
        msg = f"{where}: no usable package {what}: {value[:_SHOWN]!r}"
        raise ImageError(msg)
    return value
