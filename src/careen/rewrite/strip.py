"""Application of a plan to an image.

Keeps the planned paths, rewrites the package databases, and names the original in history and
annotations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from careen import __version__
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.model.plan import Basis, Plan, Symbols
from careen.oci.changes.cut import Cut
from careen.oci.changes.edit import Edit, HistoryNote, LayerCache, edit_image
from careen.oci.image import Image
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.cut.groups import FORMAT, layer_groups
from careen.rewrite.cut.times import CanonicalTimes, stamped_files
from careen.rewrite.cut.units import Units
from careen.rewrite.databases import database_edits
from careen.rewrite.lighter_files import SymbolFreeFiles, lighter_files
from careen.rewrite.remade import Remade, RemadeFile

ORIGINAL_DIGEST = "io.careen.original.digest"
KEEP_SHA256 = "io.careen.keep.sha256"
PATCH_SHA256 = "io.careen.patch.sha256"
VERSION = "io.careen.version"
CUT = "io.careen.cut"
BASIS = "io.careen.basis"

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class StripFacts:
    """Time of the result (RFC 3339, see `oci.created`), and caches.

    `memory` has the layers of earlier strips of the same image, `files` its ELF files. With `times`
    the layers are cut so that versions share them; without, they are the original's.
    """

    created: str
    memory: LayerCache | None = None
    files: SymbolFreeFiles | None = None
    times: CanonicalTimes | None = None


def strip(
    image: Image, rootfs: Rootfs, inventory: Inventory, plan: Plan, facts: StripFacts, scratch: Path
) -> Image:
    """Return the image without what the plan removes; the original must stay open.

    The config changes only in history and diff IDs. The same input, kept paths and time give the
    same digest, whatever the profile. Raises ImageError for a damaged image, InputError for a plan
    that names missing paths.
    """
    # The user knows the original of a patched image; the patched one may have no name.
    first = (
        image.annotations.get(ORIGINAL_DIGEST, plan.image.digest)
        if PATCH_SHA256 in image.annotations
        else plan.image.digest
    )
    files = facts.files if facts.files is not None else SymbolFreeFiles(rootfs)
    cut: Cut | None = None
    stamped: Mapping[ImagePath, RemadeFile] = {}
    if facts.times is not None:
        cut = Cut(
            layer_groups(rootfs, plan.keep.keys(), Units(inventory)),
            facts.times.times(plan.keep.keys()),
        )
        stamped = stamped_files(rootfs, facts.times.stamps(plan.keep.keys()))
    remade: Mapping[ImagePath, Remade] = {**lighter_files(plan, files), **stamped}
    edit = Edit(
        keep=plan.keep.keys(),
        replaced=database_edits(rootfs, inventory, plan, files, stamped),
        # history repeats the original's digest, as docker's store drops annotations
        history=HistoryNote(
            history_line(rootfs, plan), f"original {first}; kept paths sha256:{plan.keep_sha256}"
        ),
        annotations={
            # The original's own base stays named: tools ask there for a newer base.
            ORIGINAL_DIGEST: first,
            KEEP_SHA256: plan.keep_sha256,
            VERSION: __version__,
            CUT: FORMAT if cut is not None else None,
            BASIS: plan.basis.value if plan.basis is not Basis.NATIVE else None,
        },
        created=facts.created,
        remade={path: found.parts for path, found in remade.items()},
        cut=cut,
    )
    return edit_image(image, edit, scratch, facts.memory)


def history_line(rootfs: Rootfs, plan: Plan) -> str:
    """Return the changes as one line; hard links count once.

    For example `careen strip --level closure: removed 1,204 files (56.8 MB) of 4,100`.
    """
    total: set[int] = set()
    kept: set[int] = set()
    removed: dict[int, int] = {}
    for entry in rootfs:
        if entry.is_file:
            total.add(entry.inode)
            if entry.path in plan.keep:
                kept.add(entry.inode)
            else:
                removed[entry.inode] = entry.size
    gone = [size for inode, size in removed.items() if inode not in kept]
    line = (
        f"careen strip --level {plan.level.value}: removed {len(gone):,} files"
        f" ({sum(gone) / _MEGABYTE:,.1f} MB) of {len(total):,}"
    )
    files, size = dropped_symbols(plan.symbols, rootfs)
    return f"{line}; symbols of {files:,} ({size / _MEGABYTE:,.1f} MB)" if files else line


def dropped_symbols(symbols: Symbols | None, rootfs: Rootfs) -> tuple[int, int]:
    """Return the number of files that lose their symbols, and the bytes; hard links count once."""
    saved = (
        {rootfs[path].inode: size for path, size in symbols.dropped.items() if path in rootfs}
        if symbols is not None
        else {}
    )
    return len(saved), sum(saved.values())
