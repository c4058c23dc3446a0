"""One rpm package, from its header or a line of a manifest."""

import re
from dataclasses import dataclass

from packageurl import PackageURL

from careen.formats.rpm_header import (
    ARCH,
    EPOCH,
    FILE_IS_LICENCE,
    FILEFLAGS,
    LICENSE,
    MODULARITYLABEL,
    NAME,
    PROVIDENAME,
    RECOMMENDNAME,
    RELEASE,
    REQUIRENAME,
    SOURCERPM,
    SUGGESTNAME,
    VENDOR,
    VERSION,
    RpmHeader,
)
from careen.inventory.os_release import purl_qualifier
from careen.inventory.python.installed_files import printable, qualified
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath

KEYS = "gpg-pubkey"
"""rpm's name for trusted keys: database entries that are no packages."""

_SOURCE_RPM = re.compile(r"(?P<name>.+)-(?P<version>[^-]+-[^-]+)\.(?:no)?src\.rpm\Z")
_NAMESPACES = {"rhel": "redhat"}  # as in the purl-type definition's example and in scanners
_NONE = "(none)"


@dataclass(frozen=True, slots=True)
class RpmFacts:
    """A package's fields in a database or manifest.

    `epoch` None (no epoch) compares as 0; `release` may be "".
    """

    name: str
    version: str
    release: str
    epoch: int | None = None
    architecture: str = ""
    source_rpm: str = ""
    vendor: str = ""
    licence: str = ""
    module: str = ""
    depends: tuple[str, ...] = ()
    recommends: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    licence_files: frozenset[str] = frozenset()

    @property
    def full_version(self) -> str:
        """Version as rpm prints and compares it, such as `1:3.0.7-27.el9`."""
        return f"{'' if self.epoch is None else f'{self.epoch}:'}{self.bare_version}"

    @property
    def bare_version(self) -> str:
        """Version and release without the epoch, which is a qualifier in a purl."""
        return f"{self.version}-{self.release}" if self.release else self.version

    @property
    def source(self) -> str:
        """Source package (`openssl@1:3.0.7-27.el9`) with the package's own epoch, or ""."""
        match = _SOURCE_RPM.match(self.source_rpm)
        if match is None:
            return ""
        return f"{match['name']}@{'' if self.epoch is None else f'{self.epoch}:'}{match['version']}"


def facts_of(header: RpmHeader) -> RpmFacts:
    """Return the needed fields of a header; raise ImageError for damaged values."""
    files = header.files()
    flags = header.numbers(FILEFLAGS)
    return RpmFacts(
        name=header.text(NAME),
        version=header.text(VERSION),
        release=header.text(RELEASE),
        epoch=next(iter(header.numbers(EPOCH)), None),
        architecture=_stated(header.text(ARCH)),
        source_rpm=_stated(header.text(SOURCERPM)),
        vendor=_stated(header.text(VENDOR)),
        licence=_stated(header.text(LICENSE)),
        module=_stated(header.text(MODULARITYLABEL)),
        depends=_names(header.strings(REQUIRENAME)),
        recommends=_names((*header.strings(RECOMMENDNAME), *header.strings(SUGGESTNAME))),
        provides=_names(header.strings(PROVIDENAME)),
        files=files,
        licence_files=frozenset(
            path for path, flag in zip(files, flags, strict=False) if flag & FILE_IS_LICENCE
        ),
    )


def facts_of_line(line: str) -> RpmFacts | None:
    """Parse a line of `container-manifest-2`, or return None for another line.

    Fields separated by tabs: name, version-release, times, vendor, epoch, size, architecture, epoch
    as a number, source rpm.
    """
    fields = line.split("\t")
    if len(fields) < 10 or not fields[0] or not fields[1]:  # noqa: PLR2004 — see above
        return None
    version, _, release = fields[1].rpartition("-")
    stated = [
        int(text)
        for text in (fields[5], fields[8])
        if text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004
    ]
    return RpmFacts(
        name=fields[0],
        version=version or release,
        release=release if version else "",
        epoch=next((epoch for epoch in stated if epoch), None),
        architecture=_stated(fields[7]),
        source_rpm=_stated(fields[9]),
        vendor=_stated(fields[4]),
    )


def package_of(
    facts: RpmFacts,
    record: ImagePath,
    files: tuple[ImagePath, ...],
    licences: tuple[ImagePath, ...],
    release: Distribution | None,
) -> Package:
    """Return the package; `files` and `licences` are those of its files that exist."""
    qualifiers = qualified(
        arch=facts.architecture,
        distro=purl_qualifier(release),
        epoch="" if facts.epoch is None else str(facts.epoch),
        upstream=facts.source_rpm,
    )
    namespace = release.id if release is not None else ""
    return Package(
        ecosystem=Ecosystem.RPM,
        name=facts.name,
        version=facts.full_version,
        purl=PackageURL(
            "rpm",
            _NAMESPACES.get(namespace, namespace) or None,
            facts.name,
            facts.bare_version,
            dict(qualifiers),
        ).to_string(),
        record=record,
        files=files,
        licences=licences,
        depends=facts.depends,
        recommends=facts.recommends,
        provides=facts.provides,
        architecture=facts.architecture,
        source=facts.source,
        module=facts.module,
        licence=facts.licence,
    )


def _stated(text: str) -> str:
    return "" if text == _NONE else text


def _names(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words, each once, without rpm's own features (`rpmlib(…)`)."""
    return tuple(dict.fromkeys(printable(word) for word in words if not word.startswith("rpmlib(")))
