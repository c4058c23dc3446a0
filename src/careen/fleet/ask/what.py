"""What a question is about: a range of a package's versions, a file, or a vulnerability."""

import re
from dataclasses import dataclass

from careen.errors import InputError
from careen.fleet.packages import search_name
from careen.formats.versions import UnreadableVersionError, VersionScheme, scheme_of_packages
from careen.model.packages.package import Ecosystem
from careen.model.packages.purls import MAX_PURL, read_purl

_ECOSYSTEMS = {ecosystem.value: ecosystem for ecosystem in Ecosystem}
_OPTIONAL_NAMESPACE = frozenset({"deb", "rpm", "apk"})
_BOUND = re.compile(r"\s*(<=|>=|!=|<|>|=)\s*([^<>=,\s]+)\s*")
_START = re.compile(r"[<>=]|!=")  # a version of Python can have a "!"
_DIGEST = re.compile(r"sha256:[0-9a-fA-F]{64}")
_VULNERABILITY = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9.:]+)+")
_NOT_IN_NAME = re.compile(r"[\s,~^*|()\[\]]")
"""What ranges of other tools have, and no name or version; in a purl it is percent-encoded."""
_NOT_IN_VERSION = re.compile(r"[\s,*|()\[\]]")
_LONGEST_GLOB = 4096


@dataclass(frozen=True, slots=True)
class PackageRange:
    """Versions of a package: all that meet every bound, any without bounds.

    `name` is in the spelling of the index, `exact` in the purl's; `namespace` is None for any.
    `bounds` are pairs of an operator and a version, in the order of `scheme`.
    """

    kind: str
    namespace: str | None
    name: str
    exact: str
    bounds: tuple[tuple[str, str], ...]
    scheme: VersionScheme | None

    def names(self, namespace: str, purl: str) -> bool:
        """Return whether a package that the index found by its name is the one that is meant."""
        if self.namespace is not None and self.namespace != namespace:
            return False
        read = read_purl(purl)
        # The index ignores case, and Python's names have several spellings.
        return self.kind == Ecosystem.PYPI.value or (read is not None and read.name == self.exact)

    def has(self, version: str) -> bool:
        """Return whether a version is in the range. Raises UnreadableVersionError."""
        return all(self._meets(version, *bound) for bound in self.bounds)

    def _meets(self, version: str, word: str, boundary: str) -> bool:
        if self.scheme is None or word in ("=", "!="):
            same = (
                version == boundary if self.scheme is None else self.scheme.same(version, boundary)
            )
            return same == (word == "=")
        place = self.scheme.place(version, boundary)
        match word:
            case "<":
                return place < 0
            case "<=":
                return place <= 0
            case ">":
                return place > 0
            case _:
                return place >= 0


@dataclass(frozen=True, slots=True)
class FileDigest:
    """A file by its content; `sha256` is hex."""

    sha256: str


@dataclass(frozen=True, slots=True)
class FileGlob:
    """Files by a glob of their paths: `*` and `?` within a name, `**` over folders."""

    glob: str


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """A vulnerability by an identifier of the advisory database."""

    identifier: str


What = PackageRange | FileDigest | FileGlob | Vulnerability


def read_what(text: str) -> PackageRange | FileDigest | Vulnerability:
    """Return what a user asks for. Raises InputError with the forms that there are."""
    if text.startswith("pkg:"):
        return _package(text)
    if _DIGEST.fullmatch(text):
        return FileDigest(text.removeprefix("sha256:").lower())
    if _VULNERABILITY.fullmatch(text):
        return Vulnerability(text)
    msg = (
        f"{text[:200]!r}: expected a package URL with or without a range"
        " ('pkg:maven/org.apache.logging.log4j/log4j-core<2.17.1'), a file's digest (sha256:…), or"
        " a vulnerability (CVE-2021-44228); files by name are asked with --file GLOB"
    )
    raise InputError(msg)


def read_glob(text: str) -> FileGlob:
    """Return a glob of paths. Raises InputError for one that cannot match a path."""
    if not text or len(text) > _LONGEST_GLOB or not text.startswith(("/", "*")):
        msg = f"--file {text[:200]!r}: expected a glob of paths that begins with / or *"
        raise InputError(msg)
    return FileGlob(text)


def _package(text: str) -> PackageRange:
    if "?" in text or "#" in text:
        msg = f"{text[:200]!r}: qualifiers and subpaths are not compared: leave them out"
        raise InputError(msg)
    first = _START.search(text)
    start = len(text) if first is None else first.start()
    purl, range_ = text[:start].strip(), text[start:]
    read = read_purl(purl)
    if read is not None:
        _check_form(purl, read.type, text)
    if read is None or len(text) > MAX_PURL:
        msg = (
            f"{text[:200]!r}: not a package URL; expected pkg:TYPE/NAMESPACE/NAME, then @VERSION or"
            " a range like <2.17.1 or >=2.0,<2.17.1"
        )
        raise InputError(msg)
    if read.type not in _ECOSYSTEMS:
        msg = (
            f"{text[:200]!r}: the store has no packages of the type {read.type!r}; it has"
            f" {', '.join(sorted(_ECOSYSTEMS))}"
        )
        raise InputError(msg)
    scheme = scheme_of_packages(_ECOSYSTEMS[read.type])
    bounds = _bounds(range_, text)
    if read.version:
        bounds = (("=", read.version), *bounds)
    _check_bounds(bounds, scheme, text)
    namespace = None if not read.namespace and read.type in _OPTIONAL_NAMESPACE else read.namespace
    name = search_name(read.type, read.name)
    return PackageRange(read.type, namespace, name, read.name, bounds, scheme)


def _check_form(purl: str, kind: str, whole: str) -> None:
    """Raise InputError for a range of another form, which would be read as a name or version."""
    start, at, version = purl.rpartition("@")
    has_version = bool(at) and "/" in start and "/" not in version
    name = start if has_version else purl
    # Versions of distributions may have ~ and ^.
    strange = _NOT_IN_VERSION if kind in _OPTIONAL_NAMESPACE else _NOT_IN_NAME
    found = _NOT_IN_NAME.search(name) or (strange.search(version) if has_version else None)
    if found is not None:
        msg = (
            f"{whole[:200]!r}: {found[0]!r} is not in names or versions (else write it"
            f" %{ord(found[0]):02X}); expected pkg:TYPE/NAMESPACE/NAME, then @VERSION or a range"
            " like <2.17.1 or >=2.0,<2.17.1 of < <= > >= = !="
        )
        raise InputError(msg)


def _bounds(text: str, whole: str) -> tuple[tuple[str, str], ...]:
    out: list[tuple[str, str]] = []
    for part in text.split(",") if text.strip() else ():
        read = _BOUND.fullmatch(part)
        if read is None:
            msg = (
                f"{whole[:200]!r}: {part.strip()[:80]!r} is no bound of a range; expected one of"
                " < <= > >= = != and a version, several with commas"
            )
            raise InputError(msg)
        out.append((read[1], read[2]))
    return tuple(out)


def _check_bounds(
    bounds: tuple[tuple[str, str], ...], scheme: VersionScheme | None, whole: str
) -> None:
    for word, version in bounds:
        if scheme is None:
            if word not in ("=", "!="):
                msg = f"{whole[:200]!r}: versions of this type have no order; name one with @"
                raise InputError(msg)
            continue
        try:
            scheme.key(version)
        except UnreadableVersionError as error:
            msg = f"{whole[:200]!r}: {error}"
            raise InputError(msg) from error
