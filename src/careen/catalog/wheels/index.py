"""The index that the wheels of an entry come from."""

import re

from careen.catalog.credentials import without_any
from careen.errors import InputError

_URL = re.compile(r"(?:https?|file)://[!-~]{1,500}")
_SHOWN = 120


def require_index(url: str, where: str = "") -> None:
    """Raise InputError for what is no URL of an index; `where`, if any, comes first."""
    if not _URL.fullmatch(url):
        before = f"{where}: " if where else ""
        msg = (
            f"{before}expected the URL of an index, like https://index.example/simple, got"
            f" {without_any(url)[:_SHOWN]!r}"
        )
        raise InputError(msg)
