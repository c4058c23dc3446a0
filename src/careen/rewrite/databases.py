"""New contents of the package databases after a plan.

Packages that are removed whole leave the databases; lists of the others match the files.
`/etc/ld.so.cache` is not changed: the loader skips missing libraries. Neither is dpkg's
`available`, which lists what archives offer.
"""

from collections.abc import Callable, Mapping

from careen.errors import ImageError
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath
from careen.model.plan import Outcome, Plan
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.apk_installed import apk_edits
from careen.rewrite.dpkg_admin import admin_edits
from careen.rewrite.dpkg_diversions import (
    DIVERSIONS,
    DIVERSIONS_OLD,
    MAX_DIVERSIONS,
    edit_diversions,
    read_diversions,
)
from careen.rewrite.dpkg_info import INFO, STATUS_D, PackageFiles, info_edits, touched_packages
from careen.rewrite.dpkg_status import MAX_STATUS, drop_paragraphs, edit_status
from careen.rewrite.fate import Fates
from careen.rewrite.lighter_files import SymbolFreeFiles, lighter_files
from careen.rewrite.new_contents import NewContents
from careen.rewrite.python_records import python_edits
from careen.rewrite.remade import Remade
from careen.rewrite.rpm_sqlite import rpm_edits

STATUS = ImagePath("/var/lib/dpkg/status")
STATUS_OLD = ImagePath("/var/lib/dpkg/status-old")
EXTENDED_STATES = ImagePath("/var/lib/apt/extended_states")
_NOTHING: Mapping[ImagePath, Remade] = {}


def database_edits(
    rootfs: Rootfs,
    inventory: Inventory,
    plan: Plan,
    files: SymbolFreeFiles | None = None,
    remade: Mapping[ImagePath, Remade] = _NOTHING,
) -> Mapping[ImagePath, bytes]:
    """Return the new content of each changed database file that the plan keeps, in path order.

    Only statements about removed paths and rewritten files change; earlier errors stay. `files` are
    the image's, if they were read before; `remade` are kept files with another new content. Raises
    ImageError for a file that is larger than its limit, and for a dpkg database behind symbolic
    links.
    """
    _refuse_links(rootfs)
    fates = Fates(rootfs, plan)
    files = files if files is not None else SymbolFreeFiles(rootfs)
    contents = NewContents({**lighter_files(plan, files), **remade}, files)
    edits = contents.edits
    python_edits(rootfs, fates, contents)
    apks, removed_apks, gone_apks = _removed(inventory, plan, Ecosystem.APK)
    apk_edits(apks, removed_apks, gone_apks, rootfs, fates, contents)
    edits.update(rpm_edits(rootfs, _removed(inventory, plan, Ecosystem.RPM)[1]))
    listed = PackageFiles(fates, read_diversions(rootfs))
    touched = touched_packages(rootfs, listed)
    _, removed, gone = _removed(inventory, plan, Ecosystem.DEB)
    keys = frozenset(
        (package.name, package.architecture)
        for package in removed
        if not package.record.startswith("/var/lib/dpkg/status.d/")
    )
    for path, limit, edit in (
        (STATUS, MAX_STATUS, lambda data: edit_status(data, keys, listed, touched)),
        (STATUS_OLD, MAX_STATUS, lambda data: edit_status(data, keys, listed, touched)),
        (EXTENDED_STATES, MAX_STATUS, lambda data: drop_paragraphs(data, keys)),
        (DIVERSIONS, MAX_DIVERSIONS, lambda data: edit_diversions(data, fates, gone)),
        (DIVERSIONS_OLD, MAX_DIVERSIONS, lambda data: edit_diversions(data, fates, gone)),
    ):
        edits.update(_edit(rootfs, path, limit, edit))
    edits.update(admin_edits(rootfs, fates, gone))
    edits.update(info_edits(rootfs, listed, touched, contents))
    return {
        path: edits[path]
        for path in sorted(edits)
        if path in plan.keep and not _same(rootfs, path, edits[path])
    }


def _refuse_links(rootfs: Rootfs) -> None:
    """Raise ImageError for a dpkg database behind a symbolic link, which would not be edited."""
    for path in (STATUS, INFO, STATUS_D):
        walk = rootfs.walk(path)
        if walk.final is not None and walk.links:
            msg = (
                f"{path}: lies behind the symbolic link {walk.links[0]!r}, and careen does not"
                " rewrite it there; build the image with the directory itself"
            )
            raise ImageError(msg)


def _removed(
    inventory: Inventory, plan: Plan, ecosystem: Ecosystem
) -> tuple[tuple[Package, ...], tuple[Package, ...], frozenset[str]]:
    """Return an ecosystem's packages, those removed whole, and the names that none has any more."""
    packages = tuple(
        package for package in inventory.packages.values() if package.ecosystem is ecosystem
    )
    whole = {purl for purl, each in plan.packages.items() if each.outcome is Outcome.REMOVED}
    removed = tuple(package for package in packages if package.purl in whole)
    return (
        packages,
        removed,
        frozenset(package.name for package in removed)
        - {package.name for package in packages if package.purl not in whole},
    )


def _edit(
    rootfs: Rootfs, path: ImagePath, limit: int, edit: Callable[[bytes], bytes]
) -> Mapping[ImagePath, bytes]:
    entry = rootfs.get(path)
    return {path: edit(rootfs.read(path, limit))} if entry is not None and entry.is_file else {}


def _same(rootfs: Rootfs, path: ImagePath, content: bytes) -> bool:
    return rootfs[path].size == len(content) and rootfs.read(path, len(content)) == content
