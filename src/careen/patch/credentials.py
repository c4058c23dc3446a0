"""Credentials in addresses (`https://user:word@host/…`): nothing that is said, planned or kept has
them, whoever wrote the text.
"""

import re

_USER = re.compile(r"(?<=://)[^/\s'\"]*@")


def without_credentials(text: str) -> str:
    """Return a text without what stands before `@` in the addresses in it."""
    return _USER.sub("", text)


def bare_address(address: str) -> str:
    """Return an address without credentials, query and fragment."""
    return re.split(r"[?#]", without_credentials(address), maxsplit=1)[0]
