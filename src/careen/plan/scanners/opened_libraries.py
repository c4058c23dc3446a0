"""Libraries that a source opens by name: ctypes, cffi, and the like in other languages."""

import re

from careen.plan.scanners.source import mentions

_PLACES = rb"[\w+-]|%[sd]|%\(\w{1,40}\)[sd]|\$?\{[^{}\"'\n]{0,80}\}"
_FULL = re.compile(
    rb"[\"'`](?:[\w./+${}-]{0,200}/)?(lib(?:"
    + _PLACES
    + rb"){1,100}\.so(?:\.(?:[\w.]|%[sd]|\$?\{[^{}\"'\n]{0,80}\}){1,40})?)[\"'`]"
)
_CALL = re.compile(
    rb"(?:find_library|dlopen|CDLL|[Ll]oadLibrary|load_library|ctypes_load_library|ffi_lib|ffi\.load)\(?"
    rb"[ \t]?([^()]{0,200}(?:\([^()]{0,200})?)"
)
LITERAL = re.compile(rb"[\"']([\w+-][\w.+-]{0,100})[\"']")
_ENDS_A_NAME = re.compile(rb"\.so[.\"'`]")
CALLS = (
    b"find_library",
    b"dlopen",
    b"CDLL",
    b"LoadLibrary",
    b"loadLibrary",
    b"load_library",
    b"ffi_lib",
    b"ffi.load",
)


def opened_libraries(source: bytes) -> frozenset[str]:
    """Return the names by which a source opens libraries.

    A name is complete (`libmagic.so.1`), has places (`libggml-{variant}.so`), or is bare (`magic`),
    as ctypes.util.find_library and cffi's dlopen take it.
    """
    # `.so` is also in `.source` and `.sort`
    named = mentions(source, b".so") and _ENDS_A_NAME.search(source)
    found = set(_FULL.findall(source)) if named else set()
    if mentions(source, *CALLS):
        for arguments in _CALL.findall(source):
            found.update(LITERAL.findall(arguments))
    return frozenset(item.decode("utf-8", "replace") for item in found)
