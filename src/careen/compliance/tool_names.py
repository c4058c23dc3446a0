"""Names of tools as distributions install them beside one another: `x86_64-linux-gnu-gcc-12`."""

import re

_TARGET = re.compile(r"\A\w{2,20}-(?:pc-|unknown-)?linux-(?:gnu|musl)[a-z0-9]{0,8}-")
_VERSION = re.compile(r"[-.]\d{1,4}(?:\.\d{1,4}){0,3}\Z")


def without_version(name: str) -> str:
    """Return the name of a program or package without target and version: `gcc`."""
    return _VERSION.sub("", _TARGET.sub("", name, count=1), count=1)
