"""Files that were seen only because a program listed all Python distributions."""

from collections.abc import Set as AbstractSet

from careen.model.packages.package import Ecosystem, Inventory
from careen.model.paths import ImagePath, name, parent, source_of
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs

METADATA = ("METADATA", "PKG-INFO")
MIN_LISTED = 4  # fewer are no sign of a listing, and cost little to keep
_SCRIPT = b"#!"
_SEEN = frozenset({Use.LOOKED_UP, Use.TRAVERSED})


def listed_sites(inventory: Inventory, bom: RuntimeBom) -> frozenset[ImagePath]:
    """Return the directories whose Python distributions a program listed.

    A listing (importlib.metadata.packages_distributions) opens the METADATA of all distributions.
    """
    opened = {file.path for file in bom.files if any(use.use is Use.OPENED for use in file.uses)}
    sites: dict[ImagePath, list[ImagePath]] = {}
    for package in inventory.packages.values():
        for path in package.metadata if package.ecosystem is Ecosystem.PYPI else ():
            if name(path) in METADATA:
                sites.setdefault(parent(parent(path)), []).append(path)
    return frozenset(
        site
        for site, found in sites.items()
        if len(found) >= MIN_LISTED and opened.issuperset(found)
    )


def only_listed(
    rootfs: Rootfs, inventory: Inventory, bom: RuntimeBom, sites: frozenset[ImagePath]
) -> frozenset[ImagePath]:
    """Return the files of distributions in the directories `sites` that were only looked up.

    Outside `sites`, only scripts count. The source of byte code that was used counts as used, and
    so does a link to a used file.
    """
    if not sites:
        return frozenset()
    # A listing looks up every file in every RECORD, scripts on PATH included.
    seen = {
        file.path for file in bom.files if file.uses and all(use.use in _SEEN for use in file.uses)
    }
    seen -= {
        source
        for file in bom.files
        if file.path not in seen and (source := source_of(file.path)) is not None
    }
    seen -= _links_to_used(rootfs, bom, seen)
    out: set[ImagePath] = set()
    for package in inventory.packages.values():
        if package.ecosystem is Ecosystem.PYPI:
            within = {
                parent(parent(path)) for path in package.metadata if name(path) in METADATA
            } & sites
            beginnings = tuple(f"{site}/" for site in within)
            found = (path for path in package.files if beginnings and path in seen)
            out.update(
                path for path in found if path.startswith(beginnings) or _is_script(rootfs, path)
            )
    return frozenset(out)


def _links_to_used(
    rootfs: Rootfs, bom: RuntimeBom, seen: AbstractSet[ImagePath]
) -> frozenset[ImagePath]:
    """Return the links whose targets were used: a profile has the resolved file."""
    used = {file.path for file in bom.files} - seen
    out: set[ImagePath] = set()
    for path in seen:
        entry = rootfs.get(path)
        if entry is not None and not entry.is_file and not entry.is_dir:
            final = rootfs.walk(path).final
            if final is not None and final.path in used:
                out.add(path)
    return frozenset(out)


def _is_script(rootfs: Rootfs, path: ImagePath) -> bool:
    entry = rootfs.get(path)
    if entry is None or not entry.is_file:
        return False
    with rootfs.open(path) as stream:
        return stream.read(len(_SCRIPT)) == _SCRIPT
