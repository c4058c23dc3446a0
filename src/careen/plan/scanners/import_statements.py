"""Import statements of Python source, as dotted names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# A search for the end of the line before it is fastest, so a statement leaves the next one's.
_IMPORT = re.compile(
    rb"\n(?P<indent>[ \t]*+)(?:from[ \t]++(?P<base>[\w.]{1,300}+)[ \t]++import\b[ \t]*+"
    rb"(?P<names>\([^()]{1,8000}\)|(?:[^\n\\]|\\\r?\n){1,2000}(?<!\n))"
    rb"|import[ \t]++(?P<modules>[\w., \t]{1,2000}))"
)
_COMMENT = re.compile(rb"[#;][^\n]*+|[()\\]")


@dataclass(frozen=True, slots=True)
class ImportStatement:
    """An import statement: the modules that it names, or names `from` a base, which may have dots.

    `base` is "" for `import a.b`.
    """

    base: str
    names: tuple[str, ...]


def import_statements(source: bytes, *, everywhere: bool) -> tuple[ImportStatement, ...]:
    """Return the import statements of a source, in order.

    Without `everywhere` only those without indentation: those that run whenever it is loaded.
    """
    return tuple(_statements(source, everywhere=everywhere))


def _statements(source: bytes, *, everywhere: bool) -> Iterator[ImportStatement]:
    for match in _IMPORT.finditer(b"\n" + source):
        if match["indent"] and not everywhere:
            continue
        base, names = match["base"] or b"", match["modules"]
        if not names:
            names = _COMMENT.sub(b" ", match["names"])
        found = (words[0] for part in names.split(b",") if (words := part.split()))
        yield ImportStatement(
            base.decode("utf-8", "replace"),
            tuple(word.decode("utf-8", "replace") for word in found),
        )


def dump_statements(statements: tuple[ImportStatement, ...]) -> list[Any]:
    """Return statements as JSON."""
    return [(each.base, each.names) for each in statements]


def load_statements(rows: Any) -> tuple[ImportStatement, ...]:
    """Return what `dump_statements` was called on."""
    return tuple(ImportStatement(base, tuple(names)) for base, names in rows)


def imports(statements: tuple[ImportStatement, ...], package: str) -> Iterator[str]:
    """Yield the dotted names in import statements, modules or not.

    Relative names start from `package`.
    """
    for each in statements:
        if not each.base:
            yield from each.names
            continue
        base = _absolute(each.base, package)
        if base:
            yield base
            yield from (f"{base}.{word}" for word in each.names)


def _absolute(base: str, package: str) -> str:
    stripped = base.lstrip(".")
    up = len(base) - len(stripped)
    if not up:
        return base
    parts = package.split(".") if package else []
    kept = parts[: len(parts) - up + 1] if up <= len(parts) else []
    return ".".join((*kept, stripped) if stripped else kept)
