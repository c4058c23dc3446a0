"""Distributions of dpkg and apt: what differs between them, and what all of them share."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.catalog.debian import sources as apt
from careen.catalog.debian.bootstrap import MMDEBSTRAP, bootstrap
from careen.catalog.debian.lists import MAX_LIST, digests
from careen.catalog.debian.named_keys import named_line, unread
from careen.catalog.debian.offers import Offers
from careen.catalog.debian.sources_file import left_out, sources_file
from careen.catalog.isolation import SETPRIV
from careen.catalog.port import Key, PackageSources, RootRequest
from careen.catalog.user_namespace import UNSHARE
from careen.formats.versions.deb import DEB
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from careen.tools.process import Program

_NAMES = {"x86_64": "amd64", "aarch64": "arm64"}
_LISTS = ImagePath("/var/lib/apt/lists")
_INFO = ImagePath("/var/lib/dpkg/info")
_RECORDS = (".list", ".md5sums", ".conffiles")
_MAX_RECORD = 32 << 20


@dataclass(frozen=True, slots=True)
class AptFamily:
    """One distribution of dpkg and apt.

    `sources_path` is where its images name their sources, signed by the first of `keyrings` that
    is there; `own_keys` matches the files that hold the same keys on a machine.
    """

    title: str
    distribution: str
    sources_path: str
    keyrings: tuple[str, ...]
    own_keys: re.Pattern[str]
    version_file: str = "/etc/debian_version"
    ecosystem: Ecosystem = Ecosystem.DEB
    programs: tuple[Program, ...] = (MMDEBSTRAP, UNSHARE, SETPRIV)
    remedy: str = ""

    def architecture(self, machine: str) -> str:
        """Return dpkg's name of a processor."""
        return _NAMES.get(machine, machine)

    def given(
        self, lines: Sequence[str], keys: Path | None, release: str, architecture: str
    ) -> PackageSources:
        """Return the user's lines of apt."""
        del architecture  # apt knows it
        return apt.given(lines, keys, release, self.own_keys)

    def of_this_machine(self, release: str, architecture: str) -> PackageSources:
        """Return this machine's apt sources of a release."""
        own = apt.release_of_this_machine(self.distribution)
        return apt.of_this_machine(
            release,
            own,
            architecture=architecture,
            title=self.title,
            own_keys=self.own_keys,
        )

    def named(self, lines: Sequence[str]) -> Sequence[str]:
        """Return lines of apt whose keys have names; the keys of a lock are not looked for."""
        return tuple(named_line(line, self.own_keys, unread) for line in lines)

    def make(self, wanted: RootRequest) -> None:
        """Make the root with mmdebstrap."""
        bootstrap(wanted, self.title)

    def digests(
        self, wanted: RootRequest, first: Rootfs, keys: Collection[Key]
    ) -> Mapping[Key, str]:
        """Return the digests in the lists that apt has verified and left in the first root."""
        del wanted
        found: dict[Key, str] = {}
        for path in first.children(_LISTS):
            if path.endswith("_Packages") and first[path].is_file:
                found |= digests(first.read(path, MAX_LIST), keys)
        return found

    def settings(self, sources: Sequence[str], rootfs: Rootfs) -> Mapping[str, bytes]:
        """Return apt's sources of an image."""
        there = (path for path in self.keyrings if ImagePath(path) in rootfs)
        keyring = next(there, self.keyrings[0])
        return {self.sources_path: sources_file(sources, keyring, self.own_keys)}

    def unnamed(self, sources: Sequence[str]) -> Sequence[str]:
        """Return why sources with keys of their own are left out."""
        return tuple(
            f"the image's apt does not use {line!r}: the source has a key of its own, and the image"
            f" has {self.title}'s keys alone"
            for line in left_out(sources, self.own_keys)
        )

    def records(self, rootfs: Rootfs, package: Package) -> Iterator[ImagePath]:
        """Yield dpkg's records of a package and the directories that it lists, empty ones too."""
        for name in (package.name, f"{package.name}:{package.architecture}"):
            for suffix in _RECORDS:
                record = ImagePath(f"{_INFO}/{name}{suffix}")
                if record not in rootfs:
                    continue
                yield record
                if suffix == ".list":
                    yield from _directories(rootfs, record)

    def offers(
        self, folder: Path, sources: PackageSources, release: str, architecture: str
    ) -> Offers:
        """Return what apt offers."""
        del release  # the sources name it
        return Offers(folder, sources, architecture)

    def compare(self, one: str, two: str) -> int:
        """Compare as dpkg does."""
        return DEB.compare(one, two)


def _directories(rootfs: Rootfs, record: ImagePath) -> Iterator[ImagePath]:
    for line in rootfs.read(record, _MAX_RECORD).decode("utf-8", "surrogateescape").splitlines():
        if line.startswith("/"):
            found = rootfs.walk(line, follow=False).final
            if found is not None and found.is_dir:
                yield found.path


DEBIAN = AptFamily(
    title="Debian",
    distribution="debian",
    sources_path="/etc/apt/sources.list.d/debian.sources",
    keyrings=(
        "/usr/share/keyrings/debian-archive-keyring.pgp",
        "/usr/share/keyrings/debian-archive-keyring.gpg",
    ),
    own_keys=re.compile(r"/usr/share/keyrings/debian-archive-[a-z0-9-]{1,40}\.(?:gpg|pgp|asc)"),
)
