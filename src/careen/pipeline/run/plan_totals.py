"""Totals of a plan: files and bytes by reason, and what it does to symbols."""

from collections import Counter
from collections.abc import Mapping

from careen.model.paths import ImagePath
from careen.model.plan import Plan, Reason
from careen.model.summary import ReasonShare, SymbolTotals
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.strip import dropped_symbols


def reason_shares(decided: Mapping[ImagePath, Reason], rootfs: Rootfs) -> tuple[ReasonShare, ...]:
    """Return files and bytes per reason code, largest first.

    Content of several names counts for the first of them.
    """
    files: dict[str, int] = {}
    sizes: dict[str, int] = {}
    example: dict[str, str] = {}
    counted: set[int] = set()
    for path, reason in decided.items():
        entry = rootfs[path]
        if not entry.is_file:
            continue
        files[reason.code] = files.get(reason.code, 0) + 1
        example.setdefault(reason.code, reason.detail)
        if entry.inode not in counted:
            counted.add(entry.inode)
            sizes[reason.code] = sizes.get(reason.code, 0) + entry.size
    shares = [ReasonShare(code, example[code], files[code], sizes.get(code, 0)) for code in files]
    return tuple(sorted(shares, key=lambda share: (-share.bytes, share.code)))


def symbol_totals(plan: Plan, rootfs: Rootfs) -> SymbolTotals | None:
    """Count what a plan does to symbols; names of one file count once."""
    if plan.symbols is None:
        return None
    files, size = dropped_symbols(plan.symbols, rootfs)
    left = Counter(
        {rootfs[path].inode: reason for path, reason in plan.symbols.left.items()}.values()
    )
    return SymbolTotals(
        files, size, tuple(sorted(left.items(), key=lambda item: (-item[1], item[0])))
    )
