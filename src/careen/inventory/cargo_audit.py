"""Crates that `cargo auditable` lists in a section of a Rust program.

Source: its format document; `.dep-v0` is JSON compressed with zlib.
"""

import json
import zlib
from collections.abc import Iterator
from typing import Any

from packageurl import PackageURL

from careen.formats.elf.file import ElfFile
from careen.inventory.inside_budget import SearchBudget
from careen.inventory.port import Found
from careen.model.packages.package import Ecosystem, Package, Presence, Unknown

SECTION = ".dep-v0"
MAX_PACKED = 4 << 20
MAX_JSON = 8 << 20  # a program of 1,000 crates has 100 kB; deflate can expand 1,032 times
MAX_CRATES = 20_000


def cargo_packages(elf: ElfFile, budget: SearchBudget) -> Found:
    """Return the crates that a Rust program lists, without those used only by its build."""
    section = elf.tables.section(SECTION)
    if section is None:
        return Found()
    try:
        crates = _crates(elf.read(section.offset, min(section.size, MAX_PACKED + 1)), budget)
        return Found(tuple(_packages(elf, crates)))
    except (
        ValueError,
        zlib.error,
        RecursionError,
    ) as error:  # RecursionError: 8 MiB of opening brackets
        return Found(
            unknowns=(
                Unknown(
                    elf.path,
                    f"the list of Rust crates in {SECTION} cannot be read: {str(error)[:200]}",
                ),
            )
        )


def _crates(packed: bytes, budget: SearchBudget) -> list[Any]:
    if budget.unpacked <= 0:
        msg = "passed over: the lists of the image unpack to more than is read of all"
        raise ValueError(msg)
    if len(packed) > MAX_PACKED:
        msg = f"larger than {MAX_PACKED} bytes"
        raise ValueError(msg)
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(packed, MAX_JSON)
    budget.unpacked -= len(data)
    if unpacker.unconsumed_tail or not unpacker.eof:
        msg = f"unpacks to more than {MAX_JSON} bytes" if len(data) >= MAX_JSON else "cut short"
        raise ValueError(msg)
    document = json.loads(data)
    crates = document.get("packages") if isinstance(document, dict) else None
    if not isinstance(crates, list) or len(crates) > MAX_CRATES:
        msg = (
            f"no list of packages but {type(crates).__name__}"
            if not isinstance(crates, list)
            else f"{len(crates)} packages"
        )
        raise ValueError(msg)
    return crates


def _packages(elf: ElfFile, crates: list[Any]) -> Iterator[Package]:
    for crate in crates:
        if not isinstance(crate, dict) or not all(
            isinstance(crate.get(key), str) and crate[key] for key in ("name", "version")
        ):
            msg = f"a crate without name and version: {str(crate)[:80]!r}"
            raise ValueError(msg)
        if crate.get("kind", "runtime") != "runtime":
            continue
        name, version, source = crate["name"], crate["version"], crate.get("source")
        evidence = f"listed by cargo auditable in {SECTION}"
        if isinstance(source, str) and source not in ("crates.io", "registry"):
            evidence += f", source {source[:40]}"
        purl = PackageURL("cargo", None, name, version).to_string()
        yield Package(
            Ecosystem.CARGO,
            name,
            version,
            purl,
            elf.path,
            (elf.path,),
            presence=Presence.EMBEDDED,
            evidence=evidence,
        )
