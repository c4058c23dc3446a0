"""Native libraries and runtimes inside an ELF file that no distribution package owns.

They are bundled into wheels, copied in, or linked statically. A version comes only from the
library's own text or function; a recognised library without a version is an `Unknown`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from packageurl import PackageURL

from careen.formats.elf.file import ElfFile
from careen.formats.elf.sections import Section, Segment
from careen.inventory.inside_budget import SearchBudget
from careen.inventory.native_symbol import constant, symbol_addresses, text_at, unpacked
from careen.inventory.port import Found
from careen.inventory.signatures import Returned, Signature, signatures
from careen.model.packages.package import Ecosystem, Package, Presence, Unknown
from careen.model.paths import name

MAX_PER_FILE = 256 << 20  # bytes of constants to search; libtorch_cpu has 18 MB
_AROUND = 96  # bytes before and after a literal that its pattern may match
_MAX_HITS = 64  # per literal and chunk
_MAX_VERSIONS = 3  # per library and file; more are a table of versions
_MAX_COMMENT = 64 << 10
_PARTS = (".rodata", ".data", ".data.rel.ro")
_VERSION = re.compile(r"\d++\.\d++[\w.+-]*+\Z")
_AT_A_TAG = re.compile(r"-0-g[0-9a-f]{7,40}\Z")  # output of git describe at a tag
_BUNDLED = re.compile(r"(lib[\w.+-]*?)-[0-9a-f]{8}(?:-[0-9a-f]{8}){0,8}\.(?:so|\d)")


@dataclass(slots=True)
class _Seen:
    """Evidence of one library in one file."""

    versions: dict[str, str]  # version → evidence
    is_inside: bool = False
    has_own_code: bool = False


def native_packages(elf: ElfFile, budget: SearchBudget) -> Found:
    """Return the libraries and runtimes in `elf`."""
    seen = {item.name: _Seen({}) for item in signatures()}
    unknowns = list(_search(elf, seen, budget))
    unknowns.extend(_ask_symbols(elf, seen, budget))
    _read_comment(elf, seen)
    packages: list[Package] = []
    for item in signatures():
        found = seen[item.name]
        versions = found.versions if found.has_own_code or not item.also else {}
        if 0 < len(versions) <= (1 if item.series or item.bare else _MAX_VERSIONS):
            packages.extend(
                _package(elf, item, version, evidence) for version, evidence in versions.items()
            )
        elif (
            (found.is_inside and (found.has_own_code or not item.also))
            or versions
            or (_is_named(elf, item) and not item.runtime)
        ):
            unknowns.append(Unknown(elf.path, _why_unknown(item, found)))
    if not packages and not unknowns and (bundled := _BUNDLED.match(name(elf.path))):
        unknowns.append(
            Unknown(
                elf.path,
                f"a bundled copy of {bundled[1]}, by its name; it states no version in a form that"
                " is known",
            )
        )
    return Found(tuple(packages), tuple(unknowns))


def _why_unknown(item: Signature, found: _Seen) -> str:
    if found.versions:
        return (
            f"{item.name} is inside, but it names {len(found.versions)} versions:"
            f" {', '.join(sorted(found.versions)[:5])}"
        )
    if found.is_inside:
        return f"{item.name} is inside, as its own texts show, but its version is not stated"
    return f"{item.name}, by the file's name; its version is not stated"


def _is_named(elf: ElfFile, item: Signature) -> bool:
    return item.files is not None and item.files.match(name(elf.path)) is not None


def _search(elf: ElfFile, seen: dict[str, _Seen], budget: SearchBudget) -> Iterator[Unknown]:
    parts: list[tuple[Section | Segment, str]] = [
        (part, part.name) for part in elf.tables.sections if part.name.startswith(_PARTS)
    ]
    if not elf.tables.sections:
        parts = [(part, "a segment") for part in elf.tables.segments]
    left = MAX_PER_FILE
    for part, where in parts:
        allowed = budget.search(min(left, part.size))
        for chunk in elf.chunks(part, allowed, 2 * _AROUND):
            for item in signatures():
                _search_chunk(chunk, item, seen[item.name], where, elf)
        left -= allowed
        if allowed < part.size:
            yield Unknown(
                elf.path,
                f"native libraries inside: only {allowed} of the {part.size} bytes of {where} were"
                " searched, as the limit is reached",
            )
            return


def _search_chunk(chunk: bytes, item: Signature, seen: _Seen, where: str, elf: ElfFile) -> None:
    if not seen.is_inside:
        seen.is_inside = any(text in chunk for text in item.present)
    if item.find and item.version is not None:
        at = chunk.find(item.find)
        hits = 0
        while at >= 0 and hits < _MAX_HITS:
            start = max(0, at - _AROUND)
            for match in item.version.finditer(chunk, start, at + len(item.find) + _AROUND):
                text = match[0].decode("latin-1")
                seen.versions.setdefault(
                    match[1].decode("latin-1"), f"version string {text!r} in {where}"
                )
            hits += 1
            at = chunk.find(item.find, at + len(item.find))
    for pattern in _bare(item, name(elf.path), is_inside=seen.is_inside):
        for match in pattern.finditer(chunk):
            text = match[1].decode("latin-1")
            seen.versions.setdefault(
                unpacked(int(text), item.packed) if item.packed else text,
                f"version string {text!r} in {where}",
            )
    if item.also and not seen.has_own_code:
        seen.has_own_code = any(text in chunk for text in item.also)


def _bare(item: Signature, file_name: str, *, is_inside: bool) -> Iterator[re.Pattern[bytes]]:
    """Yield the patterns of a version that stands alone between NUL bytes."""
    # The file's name has the version's series, or the library is known to be inside.
    if item.series and (match := item.files and item.files.match(file_name)):
        yield _series(match["series"])
    if item.bare is not None and is_inside:
        yield item.bare


@cache
def _series(series: str) -> re.Pattern[bytes]:
    return re.compile(rb"\0(" + re.escape(series).encode() + rb"\.\d{1,2}(?:(?:a|b|rc)\d+)?\+?)\0")


def _ask_symbols(elf: ElfFile, seen: dict[str, _Seen], budget: SearchBudget) -> Iterator[Unknown]:
    names = elf.tables.section(".dynstr")
    if names is not None and budget.search(names.size) < names.size:
        yield Unknown(
            elf.path,
            "native libraries inside: its exported names were not searched, as the limit is"
            " reached",
        )
        return
    addresses = symbol_addresses(elf, _symbols())
    for item in signatures():
        for returned in item.returns:
            if (address := addresses.get(returned.symbol)) is not None and (
                version := _returned(elf, address, returned)
            ):
                # The symbol's value outweighs text found in the file.
                if item.series:
                    seen[item.name].versions.clear()
                what = (
                    "the constant"
                    if returned.form.startswith(("object", "word"))
                    else "the function"
                )
                seen[item.name].versions.setdefault(
                    version, f"{what} {returned.symbol} says {version!r}"
                )
                seen[item.name].has_own_code = True


@cache
def _symbols() -> frozenset[str]:
    return frozenset(returned.symbol for item in signatures() for returned in item.returns)


def _returned(elf: ElfFile, address: int, returned: Returned) -> str:
    match returned.form.split():
        case ["object"]:
            text = text_at(elf, address)
        case ["word", packing]:
            text = unpacked(int.from_bytes(elf.at_address(address, 4), "little"), packing)
        case _:
            said = constant(elf, address)
            if said is None or said.is_address != (returned.form == "text"):
                return ""
            text = (
                text_at(elf, said.value) if said.is_address else unpacked(said.value, returned.form)
            )
    stated = _VERSION.match(text.removeprefix("expat_").removeprefix("v"))
    return _AT_A_TAG.sub("", stated[0]) if stated else ""


def _read_comment(elf: ElfFile, seen: dict[str, _Seen]) -> None:
    section = elf.tables.section(".comment")
    if section is None:
        return
    data = elf.read(section.offset, min(section.size, _MAX_COMMENT))
    for item in signatures():
        if item.comment is None or not (item.anywhere or _is_named(elf, item)):
            continue
        stated = {
            match[1].decode("latin-1"): match[0].decode("latin-1")
            for match in item.comment.finditer(data)
        }
        if len(stated) == 1:
            version, text = stated.popitem()
            seen[item.name].versions.setdefault(version, f"compiler {text!r} in .comment")


def _package(elf: ElfFile, item: Signature, version: str, evidence: str) -> Package:
    purl = PackageURL("generic", None, item.name, version).to_string()
    presence = Presence.INSTALLED if item.runtime else Presence.EMBEDDED
    return Package(
        Ecosystem.GENERIC,
        item.name,
        version,
        purl,
        elf.path,
        (elf.path,),
        presence=presence,
        evidence=evidence,
    )
