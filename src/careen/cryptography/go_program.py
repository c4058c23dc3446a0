"""Cryptography that is linked into a Go program, and which module it was built against.

A Go program has Go's own code, unless it was built with BoringCrypto. `GOFIPS140` selects a frozen
version of Go's module and turns FIPS mode on. Source: go.dev/doc/security/fips140.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from careen.cryptography.budget import SearchBudget
from careen.formats.elf.file import ElfFile
from careen.formats.go_build import BadBuildInfoError, GoBuild, is_go, read_build

BORING = "boringcrypto"
KIND, BORING_KIND = "go", "go-boringcrypto"
MAX_NAMES = 64 << 20  # bytes of the table of functions; kubernetes' has 30 MB
_TABLES = (".gopclntab", ".data.rel.ro.gopclntab")
_LINKED = (b"crypto/internal/fips140/", b"crypto/aes.", b"crypto/sha256.", b"crypto/md5.")
_BORING_CODE = b"crypto/internal/boring._Cfunc"
_OVERLAP = 64
VARIABLE = "GODEBUG"
_MODE = "fips140="
_ON = ("on", "only", "debug")
_SHOWN = 80
_SETTINGS = ("GOFIPS140", "DefaultGODEBUG", "GOEXPERIMENT", "-tags")


@dataclass(frozen=True, slots=True)
class GoCrypto:
    """Go's cryptography in one program; `version` is that of Go's module, "" if not frozen."""

    kind: str
    version: str
    toolchain: str
    evidence: str
    settings: tuple[str, ...]


def go_crypto(elf: ElfFile, budget: SearchBudget) -> GoCrypto | None:
    """Return the cryptography of a Go program; None for any other file.

    Raises BadBuildInfoError if the build information cannot be read.
    """
    if not is_go(elf):
        return None
    build = read_build(elf)
    linked = _linked(elf, budget)
    if not linked:
        return None
    settings = _settings(build)
    toolchain = build.go.split(" ")[0] if build is not None else ""
    boring = _BORING_CODE in linked or BORING in (build.go if build is not None else "")
    evidence = f"{next(iter(sorted(linked))).decode()}… in .gopclntab"
    if boring:
        return GoCrypto(BORING_KIND, "", toolchain, evidence, settings)
    frozen = build.setting("GOFIPS140") if build is not None else ""
    version = frozen if frozen.startswith("v") else ""
    return GoCrypto(KIND, version, toolchain, evidence, settings)


def is_on(settings: Iterable[str]) -> bool:
    """Return whether a program starts in FIPS mode: the last setting counts, as in Go."""
    stated = [
        item.partition("=")[2]
        for each in settings
        for item in each.partition("=")[2].split(",")
        if item.startswith(_MODE)
    ]
    return bool(stated) and stated[-1] in _ON


def with_environment(settings: tuple[str, ...], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the settings of a program with that of the image's GODEBUG, which goes first in Go."""
    own = _modes(environment.get(VARIABLE, ""))
    return (*settings, f"{VARIABLE}={own}") if own else settings


def _modes(text: str) -> str:
    """Return what a GODEBUG says of FIPS mode; it can be far behind in a long text."""
    return ",".join(each[:_SHOWN] for each in text.split(",") if each.startswith(_MODE))


def _linked(elf: ElfFile, budget: SearchBudget) -> set[bytes]:
    table = next((part for name in _TABLES if (part := elf.tables.section(name))), None)
    if table is None:
        return set()
    found: set[bytes] = set()
    for chunk in elf.chunks(table, budget.take(min(table.size, MAX_NAMES)), _OVERLAP):
        found |= {text for text in (*_LINKED, _BORING_CODE) if text in chunk}
    return found


def _settings(build: GoBuild | None) -> tuple[str, ...]:
    if build is None:
        return ()
    values = {name: build.setting(name) for name in _SETTINGS}
    values["DefaultGODEBUG"] = _modes(values["DefaultGODEBUG"])
    return tuple(
        f"{name}={value[:_SHOWN]}"
        for name, value in values.items()
        if value and ("fips" in value.lower() or name.startswith("GO"))
    )


__all__ = ["BORING_KIND", "KIND", "BadBuildInfoError", "GoCrypto", "go_crypto", "is_on"]
