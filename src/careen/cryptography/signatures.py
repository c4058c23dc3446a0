"""Signatures of cryptography, from `data/modules.toml`, which documents the keys."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from careen.model.cryptography.module import Purpose
from careen.model.paths import ImagePath


@dataclass(frozen=True, slots=True)
class Signature:
    """One implementation in an ELF file; see the data file."""

    kind: str
    name: str
    purpose: Purpose
    any: tuple[bytes, ...]
    near: bytes = b""
    version: re.Pattern[bytes] | None = None
    prefer: str = ""


@dataclass(frozen=True, slots=True)
class PathSignature:
    """One implementation that the path of a file shows."""

    kind: str
    name: str
    purpose: Purpose
    file: re.Pattern[str]
    below: tuple[str, ...] = ()
    text: bool = False

    def is_at(self, path: ImagePath) -> bool:
        """Return whether this path shows it."""
        above, _, last = path.rpartition("/")
        return (not self.below or above.endswith(self.below)) and bool(self.file.fullmatch(last))


@dataclass(frozen=True, slots=True)
class PackageSignature:
    """One implementation that a package of the inventory is; `purls` are `TYPE:NAME`."""

    kind: str
    name: str
    purpose: Purpose
    purls: frozenset[str]


@dataclass(frozen=True, slots=True)
class Signatures:
    """All signatures; `crates` maps the name of a crate to its kind."""

    modules: tuple[Signature, ...]
    paths: tuple[PathSignature, ...]
    packages: tuple[PackageSignature, ...]
    crates: dict[str, str]

    @property
    def literals(self) -> tuple[bytes, ...]:
        """Every literal to look for, each once."""
        found = dict.fromkeys(
            text for each in self.modules for text in (*each.any, each.near) if text
        )
        return tuple(found)


@cache
def signatures() -> Signatures:
    """Return all signatures, in the order of the file."""
    place = resources.files("careen.cryptography").joinpath("data/modules.toml")
    document = tomllib.loads(place.read_text("utf-8"))
    return Signatures(
        tuple(_module(table) for table in document["module"]),
        tuple(_path(table) for table in document["file"]),
        tuple(
            PackageSignature(*_names(table), frozenset(table["purls"]))
            for table in document["package"]
        ),
        {crate: kind for kind, crates in document["crates"].items() for crate in crates},
    )


def _names(table: dict[str, Any]) -> tuple[str, str, Purpose]:
    return table["kind"], table["name"], Purpose[table["purpose"]]


def _path(table: dict[str, Any]) -> PathSignature:
    below, text = tuple(table.get("below", ())), table.get("text", False)
    return PathSignature(*_names(table), re.compile(table["file"]), below, text)


def _module(table: dict[str, Any]) -> Signature:
    version = table.get("version")
    return Signature(
        *_names(table),
        tuple(text.encode() for text in table["any"]),
        table.get("near", "").encode(),
        re.compile(version.encode()) if version else None,
        table.get("prefer", ""),
    )
