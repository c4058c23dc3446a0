"""Where the bytes of a plan are: by reason, and by package."""

from collections.abc import Mapping

from careen.model.paths import ImagePath
from careen.model.plan import Outcome, Plan, Reason
from careen.model.summary import PackageShare, ReasonShare
from careen.oci.rootfs import Rootfs


def reason_shares(reasons: Mapping[ImagePath, Reason], rootfs: Rootfs) -> tuple[ReasonShare, ...]:
    """Sum files and bytes of `plan.keep` or `plan.remove` by the reason's code, largest first. Hard links count once, for the first of their paths;
    `files` counts everything that is not a directory.
    """
    files: dict[str, int] = {}
    total: dict[str, int] = {}
    example: dict[str, str] = {}
    seen: set[int] = set()
    for path in sorted(reasons):
        entry = rootfs.get(path)
        if entry is None or entry.is_dir:
            continue
        reason = reasons[path]
        example.setdefault(reason.code, reason.detail)
        files[reason.code] = files.get(reason.code, 0) + 1
        if entry.is_file and entry.inode not in seen:
            seen.add(entry.inode)
            total[reason.code] = total.get(reason.code, 0) + entry.size
    shares = (ReasonShare(code, example[code], files[code], total.get(code, 0)) for code in files)
    return tuple(sorted(shares, key=lambda share: (-share.bytes, -share.files, share.code)))


def package_shares(plan: Plan) -> tuple[PackageShare, ...]:
    """Return what each package loses, largest first; packages that lose nothing are left out."""
    shares = (
        PackageShare(package.purl, package.outcome, package.removed_bytes, package.removed_files)
        for package in plan.packages.values()
        if package.outcome is not Outcome.KEPT
    )
    return tuple(sorted(shares, key=lambda share: (-share.removed_bytes, -share.removed_files, share.purl)))
