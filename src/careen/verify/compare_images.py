"""Compare any two images: files, packages, executables, setuid files, configuration."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from careen.model.difference import Change, Difference
from careen.model.entry import Entry
from careen.model.image import ImageConfig
from careen.model.imagediff import ImageDiff, PackageChange, PathSets
from careen.model.package import Inventory
from careen.oci.rootfs import Rootfs
from careen.verify.entries import aspects, changed, same_content
from careen.verify.structure import differing_fields


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two images."""

    rootfs: Rootfs
    inventory: Inventory
    config: ImageConfig


def compare_images(before: Side, after: Side) -> ImageDiff:
    """Return what differs; contents are compared byte by byte, in bounded memory. The images need not have anything in common."""
    one, two = before.rootfs, after.rootfs
    return ImageDiff(
        files=tuple(sorted(_files(one, two), key=lambda difference: difference.path)),
        packages=tuple(_packages(before.inventory, after.inventory)),
        executables=_paths(one, two, lambda entry: entry.is_executable),
        setuid=_paths(one, two, lambda entry: entry.is_setid),
        config=differing_fields(before.config.document, after.config.document, ignored=("rootfs.diff_ids", "history")),
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
            yield Difference(a.path, Change.REMOVED)
            continue
        found = aspects(a, b)
        if a.is_file and b.is_file and a.size == b.size:
            pair = (a.inode, b.inode)
            if pair not in compared:
                compared[pair] = same_content(one, two, a, b)
            if not compared[pair]:
                found["content"] = ("one", "another of the same size")
        if found:
            yield changed(a, found)
    yield from (Difference(b.path, Change.ADDED) for b in two if b.path not in one)


def _packages(before: Inventory, after: Inventory) -> Iterator[PackageChange]:
    """By ecosystem, name and architecture: several versions of one name may be installed side by side."""
    old, new = _versions(before), _versions(after)
    for key in sorted(old.keys() | new.keys()):
        gone = sorted(old.get(key, set()) - new.get(key, set()))
        come = sorted(new.get(key, set()) - old.get(key, set()))
        for i in range(max(len(gone), len(come))):
            yield PackageChange(key[0], key[1], gone[i] if i < len(gone) else None, come[i] if i < len(come) else None)


def _versions(inventory: Inventory) -> dict[tuple[str, str, str], set[str]]:
    out: dict[tuple[str, str, str], set[str]] = {}
    for package in inventory.packages.values():
        out.setdefault((package.ecosystem.value, package.name, package.architecture), set()).add(package.version)
    return out


def _paths(one: Rootfs, two: Rootfs, holds: Callable[[Entry], bool]) -> PathSets:
    before = {entry.path for entry in one if holds(entry)}
    after = {entry.path for entry in two if holds(entry)}
    return PathSets(added=tuple(sorted(after - before)), removed=tuple(sorted(before - after)))


def _size(rootfs: Rootfs) -> int:
    return sum({entry.inode: entry.size for entry in rootfs if entry.is_file}.values())
