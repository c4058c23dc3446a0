"""Libraries that a script or a source looks for by a part of their name.

An entrypoint looks its allocator up: `ldconfig -p | grep jemalloc`, `find / -name 'libjemalloc*'`,
`glob("/usr/lib/*/libtcmalloc*")`.
"""

import re
from collections.abc import Iterator

_MAX_LINE = 1000
_SEARCHES = (b"ldconfig", b"find ", b".so*", b"\\.so")
_SEARCHED = re.compile(rb"(?<![\w.-])(lib[A-Za-z][\w+-]{2,60})(?=[\\.\s\"'*|()]|\Z)(\(?)")
_MARKS = (b"*", b"ldconfig", b".so.$")
_TOKEN = re.compile(rb"[\w.+*?/${}()-]{5,200}")
_BY_NAME = (b"LD_PRELOAD", b"-name", b"-iname", b"rglob(")
_GREPPED = re.compile(
    rb"(?<!\w)[ef]?grep(?:[ \t]{1,8}-\w{1,20}(?:[ \t]{1,8}\d{1,4})?){0,4}[ \t]{1,8}[\"']?(?:lib)?"
    rb"([A-Za-z][\w+-]{3,60})"
    rb"|(?<!\w)awk\b[^|/\n]{0,80}/(?:lib)?([A-Za-z][\w+-]{3,60})"
)
_NUMBERED = re.compile(rb"lib[\w+-]{2,60}\.so\.(?:\$\{[^{}\"'\s]{1,60}\}|\$\w{1,40})")
_VALUE = re.compile(rb"\$\{[^{}]{0,60}\}|\$\w{1,40}")


def searched_libraries(script: bytes) -> tuple[str, ...]:
    """Return the libraries that a script looks for, without `.so`, in order.

    It asks `ldconfig -p` or `find`, or has a pattern (`libjemalloc.so*`). A name whose end has
    alternatives (`libtcmalloc(_minimal|)`) ends in `*`.
    """
    if not any(word in script for word in _SEARCHES):
        return ()
    lines = (
        line[:_MAX_LINE]
        for line in script.splitlines()
        if any(word in line for word in _SEARCHES) and not line.lstrip().startswith(b"#")
    )
    found = dict.fromkeys(
        stem + (b"*" if goes_on else b"")
        for line in lines
        for stem, goes_on in _SEARCHED.findall(line)
    )
    return tuple(stem.decode() for stem in found)


def searched_names(text: bytes) -> tuple[str, ...]:
    """Return the names of libraries with `{}` for what the search leaves open, in order.

    Comments do not count.
    """
    if not any(mark in text for mark in _MARKS):
        return ()
    found: dict[bytes, None] = {}
    for line in text.splitlines():
        if any(mark in line for mark in _MARKS) and not line.lstrip().startswith((b"#", b"//")):
            found.update(dict.fromkeys(_names(line[:_MAX_LINE])))
    return tuple(item.decode("utf-8", "replace") for item in found)


def _names(line: bytes) -> Iterator[bytes]:
    if b"ldconfig" in line:
        for words in _GREPPED.findall(line):
            yield b"{}%b{}.so{}" % (words[0] or words[1])
    by_name = any(word in line for word in _BY_NAME)
    for token in _TOKEN.findall(line) if b"*" in line else ():
        base = token.rpartition(b"/")[2].rstrip(b"()")
        if b"*" in base and (by_name or base.startswith(b"lib") or b".so" in base):
            yield re.sub(rb"[*?]+", b"{}", base)
    for found in _NUMBERED.findall(line):
        yield _VALUE.sub(b"{}", found)
