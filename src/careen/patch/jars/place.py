"""Location of Maven artifacts in an image: an archive on disk, and the entries inside it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from careen.errors import ImageError
from careen.formats.zip_reader import ZipArchive, ZipBudget
from careen.model.packages.package import Inventory, Package, Presence
from careen.model.patching import BlockReason
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from careen.patch.jars.maven import Coordinates
from careen.patch.jars.name import ARCHIVES, properties_version, signed_by

MAX_NESTED = 192 << 20
MAX_ARCHIVES = 5000
MAX_DEPTH = 3
_DISTRIBUTIONS = ("pkg:deb/", "pkg:apk/", "pkg:rpm/")
_REPOSITORY = re.compile(r"/(?:repository|maven-repo|m2)/|/files-2\.1/")


@dataclass(frozen=True, slots=True)
class Place:
    """Location of a jar.

    `path` is the archive on disk, `inside` the entries that lead to the jar, empty for the archive
    itself. `states`: a pom.properties states the version, else only the file name does.
    """

    path: ImagePath
    inside: tuple[str, ...]
    states: bool

    @property
    def shown(self) -> str:
        return "!".join((self.path, *self.inside))

    @property
    def stem(self) -> str:
        return (self.inside[-1] if self.inside else self.path).rpartition("/")[2].rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class NotReplaceable:
    """An artifact that cannot be replaced, with the reason."""

    barrier: BlockReason
    detail: str


def refused_unread(package: Package, inventory: Inventory) -> NotReplaceable | None:
    """Return why a package's jar cannot be replaced, as far as the inventory says it."""
    path = package.record
    owned = next(
        (purl for purl in inventory.owners.get(path, ()) if purl.startswith(_DISTRIBUTIONS)), None
    )
    if owned is not None:
        return NotReplaceable(BlockReason.FOREIGN, f"{path} belongs to {owned.partition('?')[0]}")
    if _REPOSITORY.search(path):
        return NotReplaceable(
            BlockReason.FOREIGN,
            f"{path} lies in a Maven or Gradle repository, whose checksums would no longer be true",
        )
    if not path.lower().endswith(ARCHIVES):
        return NotReplaceable(
            BlockReason.REBUILD,
            f"it was unpacked, as {path} says: which classes are its own cannot be told",
        )
    group, _, artifact = package.name.rpartition(":")
    if not group:
        return NotReplaceable(
            BlockReason.UNAVAILABLE,
            f"nothing in {path} says the group id of {artifact}, so no repository can be asked"
            " for it",
        )
    if package.evidence.endswith("(shaded)"):
        return NotReplaceable(
            BlockReason.REBUILD,
            f"its classes were copied into {path}; that has to be built again with another version",
        )
    return None


def find_place(package: Package, rootfs: Rootfs, inventory: Inventory) -> Place | NotReplaceable:
    """Return where a package's jar is, or why it cannot be replaced."""
    if (refused := refused_unread(package, inventory)) is not None:
        return refused
    path = package.record
    group, _, artifact = package.name.rpartition(":")
    wanted = Coordinates(group, artifact, package.version)
    try:
        with (
            rootfs.open(path) as stream,
            ZipArchive(stream, path, budget=ZipBudget(run=rootfs.budget)) as archive,
        ):
            if package.presence is Presence.INSTALLED:
                return _checked(
                    archive, Place(path, (), bool(properties_version(archive, group, artifact))), ()
                )
            found = next(_search(archive, path, (), wanted, ()), None)
    except ImageError as error:
        return NotReplaceable(BlockReason.NO_MEANS, str(error))
    return found or NotReplaceable(
        BlockReason.REBUILD, f"no jar of its own for it is in {path}: {package.evidence[:200]}"
    )


def _search(
    archive: ZipArchive,
    path: ImagePath,
    inside: tuple[str, ...],
    wanted: Coordinates,
    signatures: tuple[str, ...],
) -> Iterator[Place | NotReplaceable]:
    """Yield the jars in an archive that match the wanted coordinates."""
    signed = signed_by(archive)
    around = (
        (*signatures, f"{'!'.join((path, *inside))} is signed ({signed})") if signed else signatures
    )
    for name in [name for name in archive.names() if name.lower().endswith(ARCHIVES)][
        :MAX_ARCHIVES
    ]:
        stem = name.rpartition("/")[2].rpartition(".")[0]
        try:
            with archive.open_nested(name, MAX_NESTED) as nested:
                stated = properties_version(nested, wanted.group, wanted.artifact)
                if _is(stem, stated, wanted):
                    yield _checked(nested, Place(path, (*inside, name), bool(stated)), around)
                elif len(inside) + 1 < MAX_DEPTH:
                    yield from _search(nested, path, (*inside, name), wanted, around)
        except ImageError:
            continue


def _is(stem: str, stated: str, wanted: Coordinates) -> bool:
    if stated:
        return stated == wanted.version and (
            stem == wanted.artifact
            or stem.startswith(
                (f"{wanted.artifact}-", f"{wanted.artifact}_", f"{wanted.artifact}.")
            )
        )
    return stem == f"{wanted.artifact}-{wanted.version}"


def _checked(archive: ZipArchive, place: Place, around: tuple[str, ...]) -> Place | NotReplaceable:
    if around:
        return NotReplaceable(
            BlockReason.FOREIGN, f"{around[0]}: the signature would no longer be valid"
        )
    if not archive.names():
        return NotReplaceable(BlockReason.NO_MEANS, f"{place.shown} is empty")
    return place
