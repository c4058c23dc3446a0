"""Credentials in the URIs of package sources: what is refused, and what is never shown."""

import re

from careen.errors import InputError

_SPACE = re.compile(r"(\s)")
_PORT = re.compile(r"(?::[0-9]{0,5})?")


def without_credentials(text: str) -> str:
    """Return a text, such as a source line or an error of apt, without the user info of its URIs.

    A word loses all between `//` and its last `@`, whatever the length.
    """
    return "".join(_cut(word) for word in _SPACE.split(text))


def without_any(text: str) -> str:
    """Return a text that is no source line without all between its first `//` and last `@`."""
    # a password with a space in it would end a word
    return _cut(text)


def require_plain(uri: str, where: str) -> None:
    """Raise InputError for a URI whose end of the user info is in doubt; `where` comes first."""
    authority = uri.partition("//")[2].partition("/")[0] if "//" in uri else ""
    host = authority.rpartition("@")[2]
    name = host.partition("]")[2] if host.startswith("[") else host[len(host.partition(":")[0]) :]
    if uri.count("@") > authority.count("@") or authority.count("@") > 1 or not _is_port(name):
        msg = (
            f"{where}: the URI is ambiguous; write '@' and '/' in a user name, password or path as"
            " %40 and %2F"
        )
        raise InputError(msg)


def _cut(text: str) -> str:
    head, slashes, rest = text.partition("//")
    return head + slashes + rest.rpartition("@")[2]


def _is_port(text: str) -> bool:
    return _PORT.fullmatch(text) is not None
