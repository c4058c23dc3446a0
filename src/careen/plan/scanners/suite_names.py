"""Names of test suites (directories `test` or `tests`) in Python source."""

import re

SUITES = frozenset({"test", "tests"})
_WORD = re.compile(rb"tests?(?!\w)")
_FROM = re.compile(rb"[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+([^#\n]{1,2000})")
_ALIASED = rb"\w++(?:[ \t]++as[ \t]++\w++)?[ \t]*+"
_LISTED = re.compile(
    rb"[ \t(]*+((?:"
    + _ALIASED
    + rb",[ \t]*+)*+(?:"
    + _ALIASED
    + rb")?+\)?)[ \t]*+(?:\\\r?|;.*|#.*|\r)?\Z"
)
_DOTTED = re.compile(rb"(?<![\w.])[A-Za-z_][\w.]*\Z")
_DEEPER = re.compile(rb"\.[A-Za-z_]\w{0,63}")
_MAX_LINE = 400
_SUITE = re.compile(rb"(?:\A|,)[ \t]*+(tests?)(?:[ \t]++as[ \t]++\w++)?[ \t]*+(?=[,)])")
_LOADS = (
    rb"_module|__import__|import_string|find_spec|files|open_text|open_binary|read_text"
    rb"|read_binary|path|get_data|resource_\w{1,60}"
)
_BY_NAME = re.compile(rb"(?:" + _LOADS + rb")\([^()\n]{0,200}[\"'}]\Z")
_EXAMPLE = re.compile(rb"[ \t]*(?:>>>|\.\.\.)[ \t]")
_AS_PREFIX = re.compile(rb"[\"'][ \t]*\)[ \t]*\+[ \t]*(?:os\.)?(?:path\.)?sep\b")
_ASSIGNED = re.compile(rb"[ \t]*+(\w{1,64})[ \t]*+=[ \t]*+(?!=)")
_TO_COMPARE = re.compile(rb"startswith\([ \t]*\Z")
_COMPARED = re.compile(rb"startswith\([ \t]*+\(?+[\"'][\w.]*+\Z")
_WITHIN = rb"((?:/[\w.-]{1,100}+){0,8}+)/?+[\"']"
_DIVIDED = re.compile(_WITHIN + rb"((?:[ \t]*+/[ \t]*+[\"'][\w./-]{1,100}+[\"']){0,8}+)")
_JOINED = re.compile(_WITHIN + rb"((?:[ \t]*+,\s{0,80}+[\"'][\w./-]{1,100}+[\"']){0,8}+)")
_JOINS = re.compile(rb"join\([^\n]{0,200},[ \t]*[\"']\Z")
_PART = re.compile(rb"[\w.-]+")
_ENDS = re.compile(rb"\s{0,80}+(?:[,)\]}/+:]|\Z)|[ \t]*+(?:[\r\n;#]|\Z)")
"""What may follow a path's last word; anything else (`if`, a method) makes it another word."""
_UPWARDS = re.compile(
    rb"\bpardir\b|[\"'/]\.\.[\"'/](?!\s{0,20}+,?\s{0,20}+[\"']?tests?[\"'/])|(?<=\w)(?<!\.parent)\.parents?\b"
)
_MAX_ASSIGNED = (
    16  # variables of a source that are followed; each costs a search through the source
)
_AS_PATH = re.compile(
    rb"(?:join\([^\n]{0,200},[ \t]*[\"']|[)\w\]][ \t]*/"
    rb"[ \t]*[\"']|(?:__file__|dirname|parent)[^\n]{0,200}[\"'/])\Z"
)


def searched_suites(source: bytes) -> frozenset[str]:
    """Return the beginnings of the paths in suites that a source looks for near itself.

    It does so by a computed name or path (`join(own, "tests", "data", name)`: `data`); "" is all.
    """
    left = _MAX_ASSIGNED
    found: set[str] = set()
    for word in _WORD.finditer(source):
        start = source.rfind(b"\n", max(0, word.start() - _MAX_LINE), word.start()) + 1
        before = source[max(start, word.start() - _MAX_LINE) : word.start()]
        # Examples in docstrings, and prefixes to compare paths with, do not count:
        # `join(own, "tests") + os.sep`, or a variable that only `startswith` uses.
        if _EXAMPLE.match(before) or _AS_PREFIX.match(source, word.end()):
            continue
        by_name = before.endswith(b".") and _BY_NAME.search(before[:-1]) is not None
        if by_name or _AS_PATH.search(before) is not None:
            assigned = None if by_name else _ASSIGNED.match(before)
            if assigned is not None and left > 0:
                left -= 1
                if _only_compared(assigned.group(1), source):
                    continue
            found.add("" if by_name else _within(before, source, word.end()))
            if "" in found:
                return frozenset({""})
    return frozenset(found)


def _within(before: bytes, source: bytes, end: int) -> str:
    """Return the literal part of the path that follows the name of a suite."""
    joins = _JOINS.search(before)
    match = (_JOINED if joins else _DIVIDED).match(source, end)
    if match is None or _UPWARDS.search(source) or not _ENDS.match(source, match.end()):
        return ""
    inside = before.rpartition(b"join(")[2] if joins else b""
    if inside.count(b")") > inside.count(b"("):
        return ""  # the call ended before the word, which is another item of a list
    parts = [item.decode() for item in _PART.findall(match.group(1) + match.group(2))]
    return "" if ".." in parts else "/".join(part for part in parts if part != ".")


def _only_compared(variable: bytes, source: bytes) -> bool:
    """Return whether a source uses a variable, and only as the prefix of other paths.

    The use is `name.startswith(tests)`.
    """
    compared = False
    for found in re.finditer(rb"(?<![\w.])" + variable + rb"(?!\w)", source):
        line = source[max(0, found.start() - _MAX_LINE) : found.start()].rpartition(b"\n")[2]
        if _TO_COMPARE.search(line) is not None:
            compared = True
        elif line.strip() or _ASSIGNED.match(source, found.start()) is None:
            return False
    return compared


def named_suites(source: bytes) -> frozenset[str]:
    """Return the dotted names, absolute or relative, that may lead to a suite or into one."""
    names: set[str] = set()
    for word in _WORD.finditer(source):
        start = source.rfind(b"\n", max(0, word.start() - _MAX_LINE), word.start()) + 1
        before = source[max(start, word.start() - _MAX_LINE) : word.start()]
        if before.endswith(b".") and not _COMPARED.search(before):
            match = _DOTTED.search(before)
            deeper = _DEEPER.match(source, word.end())
            rest = deeper.group().decode() if deeper is not None else ""
            names.update((match.group().decode() + word.group().decode() + rest,) if match else ())
        line = before + source[word.start() : word.start() + _MAX_LINE].partition(b"\n")[0]
        names.update(
            _imported_suites(line) if b"import" in line or b"," in line or b")" in line else ()
        )
    return frozenset(names)


def _imported_suites(line: bytes) -> set[str]:
    """Return the dotted names of suites in an import statement, or in a line of only names."""
    match = _FROM.match(line)
    if match is not None:
        base = match.group(1).decode()
        words = re.findall(r"\w+", match.group(2).decode("utf-8", "replace"))
        return {
            base,
            *(
                f"{base}.{word}" if base.strip(".") else f"{base}{word}"
                for word in SUITES.intersection(words)
            ),
        }
    listed = _LISTED.match(line)
    suites = _SUITE.findall(listed.group(1)) if listed else []
    return {f".{suites[-1].decode()}"} if suites else set()
