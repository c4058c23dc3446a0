"""The modules that a Python source imports, anywhere in it.

It scans the text linearly and does not parse it: the image's Python may be newer than careen's, and
sources are hostile. Names in docstring examples are found, too; they count only if the image has
such a module. Blocks under `if TYPE_CHECKING` are left out, since they never run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_SOURCE = 4 * 1024 * 1024
MAX_NAMES = 5000
_STATEMENT = re.compile(
    rb"^([ \t]*)(?:try[ \t]*:[ \t]*)?(?:"
    rb"from[ \t]++(\.*+[\w.]*+)[ \t]++import\b"
    rb"[ \t]*(\([^)]{0,20000}\)|(?:[^\n#;\\(]|\\\r?\n){1,4000})"
    rb"|import[ \t]+((?:[^\n#;\\]|\\\r?\n){1,4000})"
    rb"|if[ \t]+(?:\w{1,40}\.)?TYPE_CHECKING[ \t]*(:))",
    re.MULTILINE,
)
_WORD = re.compile(rb"import|TYPE_CHECKING")
_CALL = re.compile(
    rb"\b(?:import_module|__import__)\([ \t]*[\"'](\.{0,5}[A-Za-z_][\w.]{0,200})[\"']"
)
_COMMENT = re.compile(rb"#[^\n]*")
_NAME = re.compile(r"[A-Za-z_]\w{0,127}\Z")


@dataclass(frozen=True, slots=True)
class Imported:
    """An import: `module` with leading dots for its level (`..core`), and the imported `names`.

    Each name may be a module itself.
    """

    module: str
    names: tuple[str, ...] = ()


def imports_of(source: bytes) -> Iterator[Imported]:
    """Yield the imports of a source in order, at most 5,000."""
    unused = -1  # end of a block under TYPE_CHECKING
    count = 0
    for match in _statements(source):
        if match.start() < unused:
            continue
        if match[5]:
            unused = _end_of_block(source, match.end(), len(match[1]))
        elif match[2] is not None:
            yield Imported(
                match[2].decode("utf-8", "replace"), tuple(_names(match[3].strip(b"()")))
            )
        else:
            for name in _names(match[4]):
                yield Imported(name)
        count += 1
        if count >= MAX_NAMES:
            return
    if b"import_module" in source or b"__import__" in source:
        for name in _CALL.findall(source)[: MAX_NAMES - count]:
            yield Imported(name.decode("utf-8", "replace"))


def _statements(source: bytes) -> Iterator[re.Match[bytes]]:
    """Yield the statements in order, none inside another."""
    # Only lines with one of the words are matched: thousands of sources are scanned.
    tried, seen, end = -1, 0, 0
    for word in _WORD.finditer(source):
        # Linear: no byte is searched twice, even in a long line.
        newline = source.rfind(b"\n", seen, word.start())
        start = newline + 1 if newline >= 0 else max(tried, 0)
        seen = word.start()
        if (
            start > tried
            and start >= end
            and (match := _STATEMENT.match(source, start)) is not None
        ):
            yield match
            end = match.end()
        tried = start


def _end_of_block(source: bytes, start: int, indent: int) -> int:
    """Return the start of the first line after `start` that is indented no more than the `if`."""
    line_end = source.find(b"\n", start)
    if line_end < 0 or source[start:line_end].partition(b"#")[0].strip():
        return start if line_end < 0 else line_end  # the block is on the line of the `if`
    following = re.compile(rb"^[ \t]{0,%d}[^\s#]" % indent, re.MULTILINE).search(
        source, line_end + 1
    )
    return following.start() if following else len(source)


def _names(text: bytes) -> Iterator[str]:
    for item in _COMMENT.sub(b"", text).replace(b"\\", b" ").split(b",")[:MAX_NAMES]:
        name = b"".join(item.split()[:1]).decode("utf-8", "replace")
        if all(_NAME.match(part) for part in name.split(".")):
            yield name
