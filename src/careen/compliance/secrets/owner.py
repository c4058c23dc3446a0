"""Whose file a suspected secret is in: a package's, or the image's own."""

from collections.abc import Callable, Collection, Iterable, Mapping

from careen.compliance.recorded import digest_in
from careen.errors import ImageError
from careen.model.compliance.secrets import SuspectedSecret
from careen.model.packages.file_digest import FileDigest
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath, parent
from careen.oci.tree.rootfs import Rootfs

SYSTEM = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})
# Below these a distribution installs programs and data; configuration elsewhere is the image's own.
SHIPPED = ("/usr/", "/lib/", "/lib64/", "/bin/", "/sbin/")
_OF_SYSTEM = (*SHIPPED, "/etc/", "/var/")


def delivered(
    paths: Collection[str], recorded: Callable[[], Iterable[FileDigest]], rootfs: Rootfs
) -> Mapping[str, bool]:
    """Return for each file with recorded digests whether its content has all of them."""
    out: dict[str, bool] = {}
    try:
        for each in recorded() if paths else ():
            if each.path in paths and each.digest:
                same = digest_in(rootfs, each) == each.digest
                out[str(each.path)] = same and out.get(str(each.path), True)
    except ImageError:
        return {}  # a database that cannot be read shows nothing
    return out


def owner_of(
    secret: SuspectedSecret, inventory: Inventory, same: Mapping[str, bool]
) -> Package | None:
    """Return the package that a file is of, None if the image itself must answer for it.

    The list of a package alone is no evidence: whoever makes an image can write any path there.
    """
    if secret.layer < 0 or secret.deleted:
        return None
    owners = (inventory.packages.get(each) for each in _owners(secret, inventory))
    return next(
        (each for each in owners if each is not None and _may_own(each, secret, same)), None
    )


def _owners(secret: SuspectedSecret, inventory: Inventory) -> tuple[str, ...]:
    return inventory.owners.get(ImagePath(secret.where), ())


def _may_own(package: Package, secret: SuspectedSecret, same: Mapping[str, bool]) -> bool:
    if package.ecosystem in SYSTEM:
        known = same.get(secret.where)
        return secret.where.startswith(_OF_SYSTEM) if known is None else known
    return package.ecosystem is Ecosystem.GENERIC or secret.where.startswith(_folder(package))


def _folder(package: Package) -> str:
    """Return the folder that a package of a language is installed in, with a slash."""
    folder = parent(package.record)
    if package.ecosystem is Ecosystem.CONDA or folder.endswith((".dist-info", ".egg-info")):
        folder = parent(folder)
    return f"{str(folder).rstrip('/')}/"
