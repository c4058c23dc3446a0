"""Globs by which the user names packages and findings (`--only`, `--exclude`, policy file)."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from careen.errors import InputError
from careen.model.findings.identifiers import is_vulnerability, spelled
from careen.model.packages.package import Ecosystem, Package

MAX_GLOB = 500  # characters; longer than any name of a package
MAX_STARS = 8  # in one glob: each multiplies the cost of matching a long name
_KINDS = frozenset(ecosystem.value for ecosystem in Ecosystem)
_PYTHON = frozenset({Ecosystem.PYPI, Ecosystem.CONDA})


def parse_glob(text: str) -> str:
    """Return a glob without surrounding space; raise InputError if it cannot be matched."""
    if not text.strip() or len(text) > MAX_GLOB or text.count("*") > MAX_STARS:
        msg = (
            f"a glob has 1 to {MAX_GLOB} characters and at most {MAX_STARS} stars, got"
            f" {text[:80]!r}"
        )
        raise InputError(msg)
    return text.strip()


def is_package(glob: str, package: Package) -> bool:
    """Return whether a glob names a package.

    It matches the kind (`pypi`), name, source package or purl, or `KIND:NAME`. Python names are
    compared as the index does.
    """
    if glob in _KINDS:
        return package.ecosystem.value == glob
    if glob.startswith("pkg:"):
        return any(
            fnmatchcase(purl, glob)
            for purl in (
                package.purl,
                package.purl.partition("?")[0],
                package.purl.partition("@")[0],
            )
        )
    kind, colon, rest = glob.partition(":")
    if colon and kind in _KINDS:
        if package.ecosystem.value != kind:
            return False
        glob = rest
    source = package.source.rpartition("@")[0]
    return any(
        fnmatchcase(_plain(name, package), _plain(glob, package))
        for name in (package.name, source)
        if name
    )


def is_finding(glob: str, identifiers: Iterable[str]) -> bool:
    """Return whether a glob names a finding by its identifier or an alias (`CVE-2024-*`)."""
    wanted = spelled(glob) if is_vulnerability(glob) else glob
    return any(fnmatchcase(identifier, wanted) for identifier in identifiers)


def _plain(name: str, package: Package) -> str:
    return (
        name.lower().replace("_", "-").replace(".", "-") if package.ecosystem in _PYTHON else name
    )
