"""Comparison of a hardened image with its plan: nothing else may have changed."""

from collections.abc import Collection, Iterator

from careen.formats.elf.loaded import loaded_difference
from careen.model.comparing.difference import Change, Difference
from careen.model.entry import Entry
from careen.model.paths import ImagePath
from careen.model.plan import Plan
from careen.model.rewriting.declared_edits import DeclaredEdits
from careen.oci.tree.rootfs import Rootfs
from careen.verify.entries import aspects, changed, same_content
from careen.verify.hardlinks import other_names

_FINEST = 1e-6  # seconds; a header has nanoseconds, a float does not


def changes_outside_plan(
    original: Rootfs, result: Rootfs, plan: Plan, declared: DeclaredEdits
) -> tuple[Difference, ...]:
    """Return every path that differs from the plan, in path order.

    Kept paths must have the same kind, mode, owner, mtime, link target, device, extended
    attributes, hard links (to kept paths) and content; no removed or new path may exist. Of the
    `declared` edits, rewritten paths may differ in content, size and hard links; times and headers
    of byte code must be as declared. Files with dropped symbols must shrink as planned and load
    what the original loads. Compares every kept byte in bounded memory.
    """
    return tuple(
        sorted(
            _all(original, result, plan, declared),
            key=lambda difference: difference.path,
        )
    )


def _all(  # noqa: C901 — what may differ, case by case
    original: Rootfs, result: Rootfs, plan: Plan, declared: DeclaredEdits
) -> Iterator[Difference]:
    rewritten = frozenset(declared.rewritten)
    links_before = other_names(original, plan.keep)
    links_after = other_names(result, plan.keep)
    compared: dict[tuple[int, int], bool] = {}
    loads: dict[tuple[int, int], str] = {}
    lighter = plan.symbols.dropped if plan.symbols is not None else {}
    for path in sorted(plan.keep, key=lambda path: _stored(original, path)):
        before, after = original.get(path), result.get(path)
        if before is None or after is None:
            if before is not None or after is not None:
                yield Difference(path, Change.REMOVED if after is None else Change.ADDED)
            continue
        found = aspects(before, after)
        if abs(after.mtime - (time := declared.times.get(path, before.mtime))) >= _FINEST:
            found["mtime"] = (_seconds(time), _seconds(after.mtime))
        if path in rewritten:
            found.pop("size", None)
            if found:
                yield changed(before, found)
            continue
        if path in lighter:
            if found.pop("size", None) is None or before.size - after.size != lighter[path]:
                found["size"] = (str(before.size - lighter[path]), str(after.size))
            pair = (before.inode, after.inode)
            if pair not in loads:
                loads[pair] = _loaded_difference(original, result, before, after)
            if loads[pair]:
                found["content"] = ("what the original loads", loads[pair])
        elif before.is_file and after.is_file and not found.get("size"):
            pair = (before.inode, after.inode)
            if pair not in compared:
                stamp = declared.stamps.get(path)
                compared[pair] = same_content(original, result, before, after, stamp)
            if not compared[pair]:
                found["content"] = ("the original's", "other bytes")
        if before.is_file and after.is_file:
            kept_apart = rewritten.intersection(links_before.get(path, ()))
            if not kept_apart and links_before.get(path) != links_after.get(path):
                found["links"] = (_names(links_before.get(path)), _names(links_after.get(path)))
        if found:
            yield changed(before, found)
    for entry in result:
        if entry.path not in plan.keep:
            yield Difference(entry.path, Change.ADDED)


def _seconds(time: float) -> str:
    return f"{time:.6f}".rstrip("0").rstrip(".")


def _loaded_difference(original: Rootfs, result: Rootfs, before: Entry, after: Entry) -> str:
    if not before.is_file or not after.is_file:
        return "no file"
    with original.open(before.path) as one, result.open(after.path) as two:
        return loaded_difference(one, two, (before.size, after.size))


def _stored(rootfs: Rootfs, path: ImagePath) -> tuple[int, int]:
    """Return a file's position in the layers, as sort key."""
    # Reading gigabytes in disk order is much faster.
    entry = rootfs.get(path)
    return (entry.layer, entry.inode) if entry else (-1, -1)


def _names(paths: Collection[ImagePath] | None) -> str:
    return " ".join(sorted(paths or ())[:3]) or "none"
