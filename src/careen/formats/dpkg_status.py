"""dpkg's status file: paragraphs of `Field: value` lines (deb822(5)), kept as raw bytes beside the parsed fields.

What is not changed is written back byte for byte, whatever a field holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from careen.errors import ImageError

MAX_STATUS = 256 << 20
MAX_PARAGRAPHS = 200_000


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One package's entry. `raw` includes the empty lines around it; `fields` has the names in lower case and the values stripped, continuation
    lines joined by a line feed with their leading blank kept.
    """

    raw: bytes
    fields: Mapping[str, str]

    def get(self, name: str) -> str:
        """Return a field's value, "" without one; the name in any case."""
        return self.fields.get(name.lower(), "")


def _fields(lines: list[bytes], where: str, number: int) -> dict[str, str]:
    gathered: dict[str, list[bytes]] = {}
    current: list[bytes] | None = None
    for i, line in enumerate(lines):
        if line[:1] in (b" ", b"\t"):
            if current is None:
                msg = f"{where}: line {number + i}: a continuation line without a field"
                raise ImageError(msg)
            current.append(line.rstrip())
            continue
        name, colon, value = line.partition(b":")
        if not colon or not name.strip():
            msg = f"{where}: line {number + i}: expected 'Field: value', got {line[:80]!r}"
            raise ImageError(msg)
        current = [value.strip()]
        gathered[name.strip().lower().decode("utf-8", "surrogateescape")] = current
    return {name: b"\n".join(parts).decode("utf-8", "surrogateescape") for name, parts in gathered.items()}


def split_status(data: bytes, where: str) -> tuple[Paragraph, ...]:
    """Split a status file (or one file of `status.d`) into its paragraphs; `join_status` of them is `data` again.

    Only an empty line parts two paragraphs, as in dpkg itself. Raises ImageError with the line, naming `where`.
    """
    out: list[Paragraph] = []
    raw: list[bytes] = []
    body: list[bytes] = []
    first = 1
    ended = False

    def close() -> None:
        if len(out) >= MAX_PARAGRAPHS:
            msg = f"{where}: more than {MAX_PARAGRAPHS} paragraphs"
            raise ImageError(msg)
        out.append(Paragraph(b"".join(raw), _fields(body, where, first)))
        raw.clear()
        body.clear()

    for number, line in enumerate(data.splitlines(keepends=True) if b"\r" not in data else _lines(data), 1):
        bare = line.rstrip(b"\r\n")
        if not bare:
            ended = bool(body)
        elif ended:
            close()
            ended = False
        if bare:
            if not body:
                first = number
            body.append(bare)
        raw.append(line)
    if body:
        close()
    elif raw and out:
        last = out.pop()
        out.append(Paragraph(last.raw + b"".join(raw), last.fields))
    return tuple(out)


def _lines(data: bytes) -> list[bytes]:
    """Lines ended by line feeds alone: a carriage return inside a value ends nothing."""
    parts = data.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def join_status(paragraphs: Iterable[Paragraph]) -> bytes:
    """Write paragraphs, in this order. Two that would run together are parted by an empty line."""
    out: list[bytes] = []
    for paragraph in paragraphs:
        if out and not out[-1].endswith((b"\n\n", b"\n\r\n")):
            out.append(b"\n" if out[-1].endswith(b"\n") else b"\n\n")
        out.append(paragraph.raw)
    return b"".join(out)
