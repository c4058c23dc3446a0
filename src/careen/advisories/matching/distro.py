"""Selection of the feed for an image's distribution packages: only the distribution's own.

A distribution backports fixes to old versions, so only its own advisories apply. A derivative with
other version numbers has no family here: its parent's advisories do not apply.
"""

import enum
import re
from dataclasses import dataclass

from careen.advisories.feeds.debian_releases import debian_releases
from careen.model.findings.advisory import AffectedPackage
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem, Package


class NamedBy(enum.Enum):
    """Which name of a package a family's advisories use."""

    SOURCE = "source package"
    BINARY = "binary package"
    BOTH = "binary or source package"


@dataclass(frozen=True, slots=True)
class Family:
    """One distribution: its OSV name, its package ecosystem, and the names in its advisories."""

    name: str
    ecosystem: Ecosystem
    named_by: NamedBy


_DEBIAN = Family("Debian", Ecosystem.DEB, NamedBy.SOURCE)
_UBUNTU = Family("Ubuntu", Ecosystem.DEB, NamedBy.SOURCE)
_ALPINE = Family("Alpine", Ecosystem.APK, NamedBy.SOURCE)
_WOLFI = Family("Wolfi", Ecosystem.APK, NamedBy.BOTH)
_CHAINGUARD = Family("Chainguard", Ecosystem.APK, NamedBy.BOTH)
_ALMA = Family("AlmaLinux", Ecosystem.RPM, NamedBy.BINARY)
_ROCKY = Family("Rocky Linux", Ecosystem.RPM, NamedBy.BOTH)
_RED_HAT = Family("Red Hat", Ecosystem.RPM, NamedBy.BOTH)
_FEDORA = Family("Fedora", Ecosystem.RPM, NamedBy.BOTH)
_AMAZON = Family("Amazon Linux", Ecosystem.RPM, NamedBy.BINARY)

FAMILIES: dict[str, Family] = {
    "debian": _DEBIAN,
    "ubuntu": _UBUNTU,
    "alpine": _ALPINE,
    "wolfi": _WOLFI,
    "chainguard": _CHAINGUARD,
    "almalinux": _ALMA,
    "rocky": _ROCKY,
    "rhel": _RED_HAT,
    # CentOS Linux (up to 8) is rebuilt from RHEL with its versions; for CentOS Stream see
    # `release_of`
    "centos": _RED_HAT,
    "fedora": _FEDORA,
    "amzn": _AMAZON,
}
"""By `ID` of os-release. An ID not listed (`ol`, `linuxmint`, …) is reported as uncovered."""

_LAST_CENTOS_LINUX = 8
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_UBUNTU_POCKET = re.compile(
    r"Ubuntu:(?:Pro:(?:(FIPS|FIPS-updates|FIPS-preview|Realtime):)?)?([0-9]{2}\.[0-9]{2})(?::LTS)?"
)


class Pocket(enum.Enum):
    """Part of a release that an entry is about."""

    # An installed fix from any part is a fix, but FIPS builds have their own versions.
    MAIN = "main"
    EXTENDED = "Ubuntu Pro"
    FIPS = "Ubuntu Pro FIPS"


@dataclass(frozen=True, slots=True)
class Release:
    """One release of a family.

    `number` as in OSV (`12`, `22.04`, `v3.20`, `9`), "" for a family without releases (Wolfi).
    """

    family: Family
    number: str

    @property
    def label(self) -> str:
        """Name for messages: `Debian 12`."""
        return f"{self.family.name} {self.number}".rstrip()

    def pocket(self, ecosystem: str) -> Pocket | None:
        """Return the part of this release that an OSV ecosystem is about, or None."""
        name, _, suffix = ecosystem.partition(":")
        if name != self.family.name:
            return None
        if self.family is _UBUNTU:
            return self._ubuntu_pocket(ecosystem)
        if self.family is _RED_HAT:
            return Pocket.MAIN if _is_enterprise_linux(suffix, self.number) else None
        return Pocket.MAIN if suffix in {self.number, ""} else None

    def _ubuntu_pocket(self, ecosystem: str) -> Pocket | None:
        read = _UBUNTU_POCKET.fullmatch(ecosystem)
        if read is None or read[2] != self.number or read[1] == "Realtime":
            return None
        if read[1] is not None:
            return Pocket.FIPS
        return Pocket.EXTENDED if ecosystem.startswith("Ubuntu:Pro:") else Pocket.MAIN


def _is_enterprise_linux(suffix: str, number: str) -> bool:
    """Return whether a CPE suffix is RHEL `number`'s own: `enterprise_linux:9::baseos`.

    Layered products and extended-support streams are not.
    """
    product, _, rest = (
        suffix.removeprefix("cpe:/o:redhat:").removeprefix("cpe:/a:redhat:").partition(":")
    )
    return product == "enterprise_linux" and rest.partition(":")[0].partition(".")[0] == number


def release_of(distribution: Distribution | None) -> Release | str:
    """Return the release whose advisories apply to the image, or the reason for none."""
    if distribution is None:
        return "the image does not say which distribution it is (no os-release file)"
    family = FAMILIES.get(distribution.id)
    if family is None:
        return f"no feed is known that speaks about the distribution {distribution.id[:80]!r}"
    number = _release_number(family, distribution)
    if number is None:
        stated = (
            f"VERSION_ID={distribution.version_id[:80]!r},"
            f" VERSION_CODENAME={distribution.codename[:80]!r}"
        )
        return f"the image does not say which release of {family.name} it is ({stated})"
    if distribution.id == "centos" and int(number) > _LAST_CENTOS_LINUX:
        return (
            f"CentOS Stream {number} runs ahead of RHEL {number}: no feed speaks about its versions"
        )
    return Release(family, number)


def _release_number(family: Family, distribution: Distribution) -> str | None:
    version = distribution.version_id
    match family.name:
        case "Wolfi" | "Chainguard":
            return ""
        case "Debian":
            if _NUMBER.fullmatch(version):
                return version.partition(".")[0]
            known = debian_releases().get(distribution.codename)
            return None if known is None else known.partition(":")[2]
        case "Alpine":
            if "_alpha" in version or "edge" in distribution.name.lower() or version == "edge":
                return "edge"
            numbers = version.split(".")
            return (
                f"v{numbers[0]}.{numbers[1]}"
                if len(numbers) > 1 and numbers[0].isdecimal() and numbers[1].isdecimal()
                else None
            )
        case "Ubuntu" | "Amazon Linux":
            return version if _NUMBER.fullmatch(version) else None
        case _:
            return version.partition(".")[0] if _NUMBER.fullmatch(version) else None


@dataclass(frozen=True, slots=True)
class Named:
    """A name to look up in a feed, and the version to compare with its boundaries."""

    name: str
    version: str


def names_of(package: Package, family: Family) -> tuple[Named, ...]:
    """Return the binary's and source's names (with versions) that a family's advisories use."""
    binary = Named(package.name, package.version)
    source = _source(package)
    match family.named_by:
        case NamedBy.BINARY:
            return (binary,)
        case NamedBy.SOURCE:
            return (source,)
        case NamedBy.BOTH:
            return (binary,) if source.name == binary.name else (binary, source)


def _source(package: Package) -> Named:
    name, _, version = package.source.partition("@")
    if not name:
        return Named(package.name, package.version)
    if not version or (
        package.ecosystem is Ecosystem.RPM and package.version.partition(":")[2] == version
    ):
        # A source rpm's file name has no epoch. In Debian a source without an epoch may have
        # binaries with one (bsdutils).
        version = package.version
    return Named(name, version)


def concerns_architecture(entry: AffectedPackage, package: Package) -> bool:
    """Return whether the entry applies to the package's architecture."""
    return not entry.architectures or package.architecture in {
        "",
        "all",
        "noarch",
        *entry.architectures,
    }
