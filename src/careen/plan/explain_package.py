"""Answer to "what stays of this package, and for whom?" from a plan."""

from collections import Counter
from collections.abc import Iterable

from careen.model.packages.package_explanation import Extent, KeptFile, Needed, PackageExplanation
from careen.model.paths import ImagePath
from careen.model.plan import Plan
from careen.oci.tree.rootfs import Rootfs


def explain_package(
    plan: Plan, rootfs: Rootfs, purl: str, paths: Iterable[ImagePath]
) -> PackageExplanation:
    """Return what the plan does to the package with these paths; directories do not count."""
    entries = [
        entry
        for path in sorted(set(paths))
        if (entry := rootfs.get(path)) is not None and not entry.is_dir
    ]
    sizes = {entry.path: entry.size if entry.is_file else 0 for entry in entries}
    kept = [
        KeptFile(path, size, reason.code, reason.detail)
        for path, size in sizes.items()
        if (reason := plan.keep.get(path)) is not None
    ]
    counted = Counter((file.code, file.detail) for file in kept)
    extent = (
        Extent.NO_FILES
        if not entries
        else Extent.NONE
        if not kept
        else Extent.WHOLE
        if len(kept) == len(entries)
        else Extent.PART
    )
    return PackageExplanation(
        purl=purl,
        extent=extent,
        files=len(entries),
        files_kept=len(kept),
        bytes=sum(sizes.values()),
        bytes_kept=sum(file.size for file in kept),
        kept=tuple(sorted(kept, key=lambda file: (-file.size, file.path))),
        needed_by=tuple(
            Needed(code, detail, files)
            for (code, detail), files in sorted(
                counted.items(), key=lambda item: (-item[1], item[0])
            )
        ),
    )
