"""Red Hat's universal base: glibc, rpm and dnf."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.catalog.isolation import SETPRIV
from careen.catalog.named_places import named_place
from careen.catalog.port import Key, PackageSources, RootRequest
from careen.catalog.rpm import sources as repositories
from careen.catalog.rpm.offers import DnfOffers
from careen.catalog.rpm.root import DNF, RPM, digests, make_root
from careen.catalog.user_namespace import UNSHARE
from careen.errors import InputError
from careen.formats.versions.rpm import RPM as RPM_VERSIONS
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from careen.tools.process import Program

_REPOSITORIES = "/etc/yum.repos.d/ubi.repo"
_KEYS = "/etc/pki/rpm-gpg/RPM-GPG-KEY-redhat-release"
_LOCAL = re.compile(r"file:|https?://(?:localhost|127\.|\[::1\])")


@dataclass(frozen=True, slots=True)
class RpmFamily:
    """Red Hat Enterprise Linux and its universal base image; the release is the major version."""

    title: str = "Red Hat"
    distribution: str = "rhel"
    version_file: str = "/etc/redhat-release"
    ecosystem: Ecosystem = Ecosystem.RPM
    programs: tuple[Program, ...] = (DNF, RPM, UNSHARE, SETPRIV)
    remedy: str = ""

    def architecture(self, machine: str) -> str:
        """Return rpm's name of a processor, which is the kernel's for those that careen knows."""
        return machine

    def given(
        self, lines: Sequence[str], keys: Path | None, release: str, architecture: str
    ) -> PackageSources:
        """Return the user's repositories."""
        del release, architecture  # dnf is told both
        return repositories.given(lines, keys)

    def of_this_machine(self, release: str, architecture: str) -> PackageSources:
        """Raise InputError: repositories of a subscription are bound to certificates."""
        del architecture
        msg = (
            f"base of Red Hat {release}: this machine's dnf is not asked, its repositories may need"
            " a subscription; give them with --source, and the file of their keys with --source-key"
        )
        raise InputError(msg)

    def named(self, lines: Sequence[str]) -> Sequence[str]:
        """Return repositories without paths of a machine."""
        return tuple(map(named_place, lines))

    def make(self, wanted: RootRequest) -> None:
        """Make the root with dnf and rpm."""
        make_root(wanted)

    def digests(
        self, wanted: RootRequest, first: Rootfs, keys: Collection[Key]
    ) -> Mapping[Key, str]:
        """Return the digests of the files that dnf has fetched and verified."""
        del first
        return digests(wanted, keys)

    def settings(self, sources: Sequence[str], rootfs: Rootfs) -> Mapping[str, bytes]:
        """Return dnf's repositories of an image that has a place for them."""
        kept = [each for each in sources if not _LOCAL.match(each)]
        if ImagePath("/etc/yum.repos.d") not in rootfs or not kept:
            return {}
        rows = (
            f"[ubi-{number}]\nname=ubi-{number}\nbaseurl={line}\nenabled=1\ngpgcheck=1\n"
            f"gpgkey=file://{_KEYS}\n"
            for number, line in enumerate(kept)
        )
        return {_REPOSITORIES: "\n".join(rows).encode()}

    def unnamed(self, sources: Sequence[str]) -> Sequence[str]:
        """Return nothing: dnf in the image checks each package by the keys that the image has."""
        del sources
        return ()

    def records(self, rootfs: Rootfs, package: Package) -> Iterator[ImagePath]:
        """Yield nothing: rpm has one database, which lists directories as files."""
        del rootfs, package
        return iter(())

    def offers(
        self, folder: Path, sources: PackageSources, release: str, architecture: str
    ) -> DnfOffers:
        """Return what dnf offers."""
        return DnfOffers(folder, sources, release, architecture)

    def compare(self, one: str, two: str) -> int:
        """Compare as rpm does."""
        return RPM_VERSIONS.compare(one, two)


REDHAT = RpmFamily()
