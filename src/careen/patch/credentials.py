"""Removal of credentials from addresses (`https://user:word@host/…`) in any text."""

import re

_USER = re.compile(r"(?<=://)[^/\s'\"]*@")


def without_credentials(text: str) -> str:
    """Return a text without the part before `@` in its addresses."""
    return _USER.sub("", text)


def bare_address(address: str) -> str:
    """Return an address without credentials, query and fragment."""
    return re.split(r"[?#]", without_credentials(address), maxsplit=1)[0]
