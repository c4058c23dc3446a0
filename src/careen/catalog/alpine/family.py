"""Alpine: musl, busybox and apk."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.catalog.alpine import sources as repositories
from careen.catalog.alpine.offers import ApkOffers
from careen.catalog.alpine.root import APK, REMEDY, digest_of, make_root
from careen.catalog.isolation import SETPRIV
from careen.catalog.named_places import named_place
from careen.catalog.port import Key, PackageSources, RootRequest
from careen.catalog.user_namespace import UNSHARE
from careen.formats.versions.apk import APK as APK_VERSIONS
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from careen.tools.process import Program

_REPOSITORIES = "/etc/apk/repositories"
_LOCAL = re.compile(r"/|file:|https?://(?:localhost|127\.|\[::1\])")


@dataclass(frozen=True, slots=True)
class ApkFamily:
    """Alpine; the release is that of `VERSION_ID`, without the point release."""

    title: str = "Alpine"
    distribution: str = "alpine"
    version_file: str = "/etc/alpine-release"
    ecosystem: Ecosystem = Ecosystem.APK
    programs: tuple[Program, ...] = (APK, UNSHARE, SETPRIV)
    remedy: str = REMEDY

    def architecture(self, machine: str) -> str:
        """Return apk's name of a processor, which is the kernel's for those that careen knows."""
        return machine

    def given(
        self, lines: Sequence[str], keys: Path | None, release: str, architecture: str
    ) -> PackageSources:
        """Return the user's repositories."""
        del release, architecture  # the root says its release, and apk takes its own architecture
        return repositories.given(lines, keys)

    def of_this_machine(self, release: str, architecture: str) -> PackageSources:
        """Return the repositories of this machine's apk."""
        del architecture
        return repositories.of_this_machine(release)

    def named(self, lines: Sequence[str]) -> Sequence[str]:
        """Return repositories without paths of a machine."""
        return tuple(map(named_place, lines))

    def make(self, wanted: RootRequest) -> None:
        """Make the root with apk."""
        make_root(wanted)

    def digests(
        self, wanted: RootRequest, first: Rootfs, keys: Collection[Key]
    ) -> Mapping[Key, str]:
        """Return the digests of the files that apk has verified: fetched ones, and local ones."""
        del first
        named = ((key, digest_of(wanted, f"{key[0]}-{key[2]}.apk")) for key in keys)
        return {key: digest for key, digest in named if digest}

    def settings(self, sources: Sequence[str], rootfs: Rootfs) -> Mapping[str, bytes]:
        """Return apk's repositories of an image."""
        del rootfs
        kept = [each for each in sources if not _LOCAL.match(each)]
        return {_REPOSITORIES: "".join(f"{each}\n" for each in kept).encode()}

    def unnamed(self, sources: Sequence[str]) -> Sequence[str]:
        """Return nothing: apk in the image checks each repository by the keys that it has."""
        del sources
        return ()

    def records(self, rootfs: Rootfs, package: Package) -> Iterator[ImagePath]:
        """Yield nothing: apk has one database, in which directories have no owner."""
        del rootfs, package
        return iter(())

    def offers(
        self, folder: Path, sources: PackageSources, release: str, architecture: str
    ) -> ApkOffers:
        """Return what apk offers."""
        del release  # the repositories are of one
        return ApkOffers(folder, sources, architecture)

    def compare(self, one: str, two: str) -> int:
        """Compare as apk does."""
        return APK_VERSIONS.compare(one, two)


ALPINE = ApkFamily()
