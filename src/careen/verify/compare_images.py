"""Comparison of any two images: files, packages, executables, setuid files, configuration."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from careen.model.comparing.difference import Change, Difference
from careen.model.comparing.imagediff import ImageDiff, PackageChange, PathSets
from careen.model.entry import Entry
from careen.model.image import ImageConfig
from careen.model.packages.package import Inventory
from careen.oci.tree.rootfs import Rootfs
from careen.verify.entries import aspects, changed, same_content
from careen.verify.structure import differing_fields


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two images."""

    rootfs: Rootfs
    inventory: Inventory
    config: ImageConfig


def compare_images(before: Side, after: Side) -> ImageDiff:
    """Return the differences. File contents are compared in full, in bounded memory."""
    one, two = before.rootfs, after.rootfs
    return ImageDiff(
        files=tuple(sorted(_files(one, two), key=lambda difference: difference.path)),
        packages=tuple(_packages(before, after)),
        executables=_paths(one, two, lambda entry: entry.is_executable),
        setuid=_paths(one, two, lambda entry: entry.is_setid),
        config=differing_fields(
            before.config.document, after.config.document, ignored=("rootfs.diff_ids", "history")
        ),
        files_before=sum(entry.is_file for entry in one),
        files_after=sum(entry.is_file for entry in two),
        bytes_before=_size(one),
        bytes_after=_size(two),
    )


def _files(one: Rootfs, two: Rootfs) -> Iterator[Difference]:
    compared: dict[tuple[int, int], bool] = {}
    for a in one:
        b = two.get(a.path)
        if b is None:
            yield _only(a, Change.REMOVED)
            continue
        found = aspects(a, b)
        if a.is_file and b.is_file and a.size == b.size:
            pair = (a.inode, b.inode)
            if pair not in compared:
                compared[pair] = same_content(one, two, a, b)
            if not compared[pair]:
                found["content"] = ("one", "another of the same size")
        if found:
            yield replace(changed(a, found), kind=a.kind.value, size=_bytes(a))
    yield from (_only(b, Change.ADDED) for b in two if b.path not in one)


def _only(entry: Entry, change: Change) -> Difference:
    return Difference(entry.path, change, kind=entry.kind.value, size=_bytes(entry))


def _bytes(entry: Entry | None) -> int:
    return entry.size if entry is not None and entry.is_file else 0


def _packages(before: Side, after: Side) -> Iterator[PackageChange]:
    """Yield the changes by ecosystem, name and architecture, pairing versions in order."""
    # Several versions of one package may be installed side by side.
    old, new = _versions(before), _versions(after)
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key, {}), new.get(key, {})
        gone, come = sorted(was.keys() - now.keys()), sorted(now.keys() - was.keys())
        for i in range(max(len(gone), len(come))):
            one, two = gone[i] if i < len(gone) else None, come[i] if i < len(come) else None
            yield PackageChange(
                key[0], key[1], one, two, was[one] if one is not None else now[come[i]]
            )


def _versions(side: Side) -> dict[tuple[str, str, str], dict[str, int]]:
    """Return the versions of each package, with the size of their files in bytes."""
    out: dict[tuple[str, str, str], dict[str, int]] = {}
    for package in side.inventory.packages.values():
        size = sum(_bytes(side.rootfs.get(path)) for path in package.files)
        versions = out.setdefault((package.ecosystem.value, package.name, package.architecture), {})
        versions[package.version] = versions.get(package.version, 0) + size
    return out


def _paths(one: Rootfs, two: Rootfs, holds: Callable[[Entry], bool]) -> PathSets:
    before = {entry.path for entry in one if holds(entry)}
    after = {entry.path for entry in two if holds(entry)}
    return PathSets(added=tuple(sorted(after - before)), removed=tuple(sorted(before - after)))


def _size(rootfs: Rootfs) -> int:
    return sum({entry.inode: entry.size for entry in rootfs if entry.is_file}.values())
