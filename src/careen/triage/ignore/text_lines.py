"""Allow-lists of one entry a line: reading their lines, and changing single ones."""

from collections.abc import Collection, Iterator, Sequence

from careen.errors import ConfigError
from careen.triage.ignore.rule import MAX_RULES

_MARK = b"\xef\xbb\xbf"  # some editors begin a file with it


def lines_of(data: bytes, name: str) -> Iterator[tuple[int, str, str]]:
    """Yield number, `name:number` and stripped text of each line, from 1.

    Raises ConfigError if it is not UTF-8 or has more than MAX_RULES lines with entries.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        msg = f"{name}:{line}: not UTF-8 text"
        raise ConfigError(msg) from error
    rules = 0
    for number, raw in enumerate(text.split("\n"), 1):
        stripped = raw.strip()
        rules += bool(stripped) and not stripped.startswith("#")
        if rules > MAX_RULES:
            msg = f"{name}:{number}: more than the {MAX_RULES} rules that are read of such a file"
            raise ConfigError(msg)
        yield number, f"{name}:{number}", stripped


def with_lines(data: bytes, lines: Sequence[str], *, apart: bool = False) -> bytes:
    """Return a file with lines at its end; `apart`: after an empty line, where text is before."""
    before = data if not data or data.endswith(b"\n") else data + b"\n"
    gap = b"\n" if apart and before and not before.endswith(b"\n\n") else b""
    return before + gap + "".join(f"{line}\n" for line in lines).encode()


def without_lines(data: bytes, numbers: Collection[int]) -> bytes:
    """Return a file without some lines, and without the comments that stand for one of them.

    A comment directly above an entry goes with it, if no other entry follows directly: there it
    may be about both.
    """
    mark, body = (_MARK, data[len(_MARK) :]) if data.startswith(_MARK) else (b"", data)
    lines = body.split(b"\n")
    going = {number - 1 for number in numbers}
    for index in sorted(going):
        if _is_entry(lines, index + 1) and index + 1 not in going:
            continue
        above = index - 1
        while above >= 0 and (above in going or lines[above].strip().startswith(b"#")):
            going.add(above)
            above -= 1
    return mark + b"\n".join(line for index, line in enumerate(lines) if index not in going)


def _is_entry(lines: Sequence[bytes], index: int) -> bool:
    if index >= len(lines):
        return False
    text = lines[index].strip()
    return bool(text) and not text.startswith(b"#")
