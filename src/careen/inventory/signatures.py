"""Signatures of native libraries, from `signatures.toml`, which documents the keys."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Returned:
    """An exported symbol that yields the version, in a `form` of native_symbol.py."""

    symbol: str
    form: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Signature of one library."""

    name: str
    source: str
    find: bytes = b""
    version: re.Pattern[bytes] | None = None
    also: tuple[bytes, ...] = ()
    returns: tuple[Returned, ...] = ()
    present: tuple[bytes, ...] = ()
    files: re.Pattern[str] | None = None
    comment: re.Pattern[bytes] | None = None
    bare: re.Pattern[bytes] | None = None
    packed: str = ""
    anywhere: bool = False
    series: bool = False
    runtime: bool = False


@cache
def signatures() -> tuple[Signature, ...]:
    """Return all signatures, in the order of the file."""
    document = tomllib.loads(
        resources.files("careen.inventory").joinpath("signatures.toml").read_text("utf-8")
    )
    return tuple(_signature(**table) for table in document["library"])


def _signature(*, name: str, source: str, **more: Any) -> Signature:
    return Signature(
        name,
        source,
        find=more.pop("find", "").encode(),
        version=_bytes_pattern(more.pop("version", None)),
        also=tuple(text.encode() for text in more.pop("also", ())),
        returns=tuple(Returned(item["symbol"], item["as"]) for item in more.pop("returns", ())),
        present=tuple(text.encode() for text in more.pop("present", ())),
        files=re.compile(more.pop("files")) if "files" in more else None,
        bare=_bytes_pattern(
            rf"\0({more.pop('bare')})(?:-GIT[\w.+-]{{0,40}})?\0" if "bare" in more else None
        ),
        comment=_bytes_pattern(more.pop("comment", None)),
        **more,
    )


def _bytes_pattern(text: str | None) -> re.Pattern[bytes] | None:
    return None if text is None else re.compile(text.encode())
