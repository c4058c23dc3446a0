"""Package URLs (package-url specification) as VEX, SBOMs and reports state them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from packageurl import PackageURL

from careen.model.packages.package import Ecosystem

MAX_PURL = 4096
"""Longest accepted purl in characters. Parse and comparison time grow with the length."""

CODENAMES: Mapping[str, str] = {
    "buster": "debian-10",
    "bullseye": "debian-11",
    "bookworm": "debian-12",
    "trixie": "debian-13",
    "forky": "debian-14",
    "trusty": "ubuntu-14.04",
    "xenial": "ubuntu-16.04",
    "bionic": "ubuntu-18.04",
    "focal": "ubuntu-20.04",
    "jammy": "ubuntu-22.04",
    "noble": "ubuntu-24.04",
    "plucky": "ubuntu-25.04",
    "questing": "ubuntu-25.10",
    "resolute": "ubuntu-26.04",
}
"""Releases by the code names in vendors' purls."""

_ECOSYSTEMS = {ecosystem.value: ecosystem for ecosystem in Ecosystem}
_CASE_MATTERS = frozenset({"maven", "generic", "cargo", "gem", "nuget"})


@dataclass(frozen=True, slots=True)
class Purl:
    """A normalised purl.

    Names are lower-case if the type is not case sensitive; Go versions start with `v`.
    """

    type: str
    namespace: str
    name: str
    version: str
    qualifiers: Mapping[str, str] = field(hash=False)
    subpath: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """Type, namespace and name."""
        return self.type, self.namespace, self.name


@lru_cache(maxsize=65536)
def read_purl(text: str) -> Purl | None:
    """Return the parsed purl, or None if the text is invalid."""
    if not text.startswith("pkg:") or len(text) > MAX_PURL:
        return None
    try:
        read = PackageURL.from_string(text)
    except (ValueError, RecursionError):
        return None
    namespace, name, version = read.namespace or "", read.name, read.version or ""
    if read.type not in _CASE_MATTERS:
        namespace, name = namespace.lower(), name.lower()
    if read.type == "golang" and version[:1].isdigit():
        version = f"v{version}"
    version, qualifiers = _epoch(
        read.type, version, read.qualifiers if isinstance(read.qualifiers, dict) else {}
    )
    return Purl(read.type, namespace, name, version, qualifiers, read.subpath or "")


def ecosystem_of(purl: str) -> Ecosystem | None:
    """Return the ecosystem of a purl, or None if it is invalid or of another type."""
    read = read_purl(purl)
    return None if read is None else _ECOSYSTEMS.get(read.type)


def _epoch(kind: str, version: str, qualifiers: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """Return version and qualifiers with the epoch in front of the version, as dpkg and rpm do."""
    if kind not in {"deb", "rpm"}:
        return version, qualifiers
    # Some tools state the epoch as a qualifier, some state it twice.
    rest = {key: value for key, value in qualifiers.items() if key != "epoch"}
    return with_epoch(version, qualifiers.get("epoch", "")).removeprefix("0:"), rest


def with_epoch(version: str, epoch: str) -> str:
    """Return `epoch:version`, or `version` if it is empty or has an epoch, or the epoch is 0."""
    # int() refuses thousands of digits.
    is_stated = epoch.isascii() and epoch.isdigit() and epoch.strip("0") != ""
    return f"{epoch}:{version}" if version and ":" not in version and is_stated else version


def matches(stated: Purl, found: Purl) -> bool:
    """Return whether `stated` covers `found`.

    Type, namespace and name must be equal; version, subpath and qualifiers only if stated. This is
    the rule of OpenVEX's reference implementation, Trivy and Grype, with one exception: `distro`
    may be more or less precise (`debian-12`, `debian-12.8`) or a code name.
    """
    if stated.identity != found.identity:
        return False
    if stated.version and stated.version != found.version:
        return False
    if stated.subpath and stated.subpath != found.subpath:
        return False
    return all(
        _same(key, value, found.qualifiers.get(key, "")) for key, value in stated.qualifiers.items()
    )


def _same(key: str, stated: str, found: str) -> bool:
    if stated == found:
        return True
    if key != "distro" or not stated or not found:
        return False
    (name, version), (other, precise) = _release(stated), _release(found)
    return (name == other or not (name and other)) and (
        version == precise or precise.startswith(f"{version}.") or version.startswith(f"{precise}.")
    )


def _release(distro: str) -> tuple[str, str]:
    """Split `debian-12.8`, `bookworm` (Ubuntu's VEX) or `3.20.3` (Trivy's Alpine).

    Returns the distribution, "" if none is named, and its release.
    """
    name, _, version = CODENAMES.get(distro, distro).rpartition("-")
    return name, version
