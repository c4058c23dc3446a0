"""From what a sensor saw to what of the image was used."""

import errno
from collections.abc import Iterable, Mapping

from careen.errors import ImageError
from careen.model.entry import Entry
from careen.model.package import Inventory
from careen.model.paths import ImagePath, image_path, parent
from careen.model.rbom import FileUse, ImageRef, MissedPath, Run, RuntimeBom, UsedFile
from careen.model.trace import Phase, Touch, Trace, Use
from careen.oci.rootfs import Rootfs, Walk
from careen.rbom.content import ContentHashes
from careen.rbom.order import endpoints_in_order, file_use_key, missed_key, syscalls_in_order

_KERNEL = ("/proc/", "/sys/", "/dev/")  # never the image's, whatever it holds at these places: a container mounts over them
_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES})


def attribute(trace: Trace, rootfs: Rootfs, inventory: Inventory, image: ImageRef, run: Run, hashes: ContentHashes | None = None) -> RuntimeBom:
    """Walk every name of the trace through the image's index and say which entries were used, how, when and by which program. `run` is what the trace is of.

    - a name that was found: its entry with the use, every symlink on the way as TRAVERSED (also where the way leads on to a volume);
    - a call that failed though the entry is there (EACCES, EEXIST, EINVAL …): LOOKED_UP;
    - found by the kernel, not in the index: made at run time. The directory that it was made or found in counts as used;
    - not found by either: a MissedPath;
    - index and kernel disagree, and nothing in the trace wrote there: counted in `unresolved`, and both paths are held to be used.

    Reads each used regular file once, for its hash; `hashes` are those of the same index, if some are known. Raises ImageError if the content of the image
    cannot be read.
    """
    ledger = _Ledger(rootfs, run.workload)
    written = _written(trace.touches, rootfs)
    for touch in trace.touches:
        ledger.add(touch, written)
    hashes = hashes if hashes is not None else ContentHashes(rootfs)
    files = tuple(used_file(rootfs[path], uses, hashes, inventory, image) for path, uses in sorted(ledger.file_uses().items()))
    purls = sorted({purl for file in files for purl in file.packages})
    packages = {purl: inventory.packages[purl] for purl in purls}
    return RuntimeBom(
        image=image,
        runs=(run,),
        files=files,
        missed=ledger.missed_paths(),
        syscalls=syscalls_in_order([trace.syscalls]),
        endpoints=endpoints_in_order(trace.endpoints),
        packages={purl: (package.name, package.version, package.ecosystem.value) for purl, package in packages.items()},
        outside=ledger.outside,
        unresolved=ledger.unresolved,
    )


def _walk(touch: Touch, rootfs: Rootfs, *, follow: bool = True) -> Walk:
    """Walk as the process did: a relative name from its directory, an absolute one from its root (another than `/` under a chroot)."""
    return rootfs.walk(f"{touch.base}/{touch.given}", follow=follow)


def _kernel_walk(touch: Touch, rootfs: Rootfs) -> Walk:
    """Walk with or without following the last link, whichever ends where the kernel did (lstat, readlink and unlink do not follow it)."""
    walk = _walk(touch, rootfs)
    if walk.links and touch.resolved is not None and touch.resolved != walk.end:
        bare = _walk(touch, rootfs, follow=False)
        if bare.end == touch.resolved:
            return bare
    return walk


def _written(touches: Iterable[Touch], rootfs: Rootfs) -> frozenset[ImagePath]:
    """Return where the run changed the file system: there the index is no longer the truth."""
    out: set[ImagePath] = set()
    for touch in touches:
        if touch.use is Use.WRITTEN and touch.errno == 0 and touch.on_image is not False:
            out.update(_walk(touch, rootfs, follow=follow).end for follow in (True, False))  # the call may have changed the link itself
    return frozenset(out)


class _Ledger:
    """Uses and misses, gathered touch by touch."""

    def __init__(self, rootfs: Rootfs, origin: str) -> None:
        self._rootfs = rootfs
        self._origin = origin
        self._uses: dict[ImagePath, dict[tuple[Use, str], set[Phase]]] = {}
        self._missed: dict[tuple[ImagePath, int, str], set[Phase]] = {}
        self.outside = 0
        self.unresolved = 0

    def add(self, touch: Touch, written: frozenset[ImagePath]) -> None:
        walk = _kernel_walk(touch, self._rootfs)
        if touch.on_image is False or walk.end.startswith(_KERNEL):
            self.outside += 1
            self._links(touch, walk)
            return
        self._links(touch, walk)
        if touch.errno == 0:
            self._success(touch, walk, written)
        else:
            self._failure(touch, walk, written)

    def _links(self, touch: Touch, walk: Walk) -> None:
        for link in walk.links:
            self._use(link, Use.TRAVERSED, touch)

    def _success(self, touch: Touch, walk: Walk, written: frozenset[ImagePath]) -> None:
        reached = self._reached(touch)
        if walk.final is not None:
            self._use(walk.final.path, touch.use, touch)
        elif (above := self._rootfs.get(parent(walk.end))) is not None and above.is_dir:
            self._use(above.path, Use.WRITTEN if touch.use is Use.WRITTEN else Use.LOOKED_UP, touch)
        if reached is not None and (walk.final is None or reached.path != walk.final.path):
            self._use(reached.path, touch.use, touch)
        kernel = touch.resolved
        if (
            kernel is not None
            and kernel != walk.end
            and (walk.final is not None or reached is not None)
            and written.isdisjoint((*walk.links, walk.end, kernel))
        ):
            self.unresolved += 1

    def _reached(self, touch: Touch) -> Entry | None:
        return None if touch.resolved is None else self._rootfs.get(ImagePath(touch.resolved))

    def _failure(self, touch: Touch, walk: Walk, written: frozenset[ImagePath]) -> None:
        if walk.final is None:
            if touch.errno in _NOT_THERE:
                self._miss(walk.end, touch)
            return
        # An exec that ends in ENOENT can mean that the file's interpreter is missing: then the file itself was found.
        self._use(walk.final.path, Use.LOOKED_UP, touch)
        if touch.errno == errno.ENOENT and touch.use is not Use.EXECUTED and written.isdisjoint((*walk.links, walk.end)):
            self.unresolved += 1

    def _use(self, path: ImagePath, use: Use, touch: Touch) -> None:
        self._uses.setdefault(path, {}).setdefault((use, touch.executable), set()).update(touch.phases)

    def _miss(self, end: ImagePath, touch: Touch) -> None:
        try:
            path = image_path(end, "path")
        except ImageError:
            return  # longer than any name of a file: no image can hold it
        self._missed.setdefault((path, touch.errno, touch.executable), set()).update(touch.phases)

    def file_uses(self) -> Mapping[ImagePath, tuple[FileUse, ...]]:
        return {
            path: tuple(sorted((FileUse(use, frozenset(phases), program, self._origin) for (use, program), phases in uses.items()), key=file_use_key))
            for path, uses in self._uses.items()
        }

    def missed_paths(self) -> tuple[MissedPath, ...]:
        out = (MissedPath(path, number, frozenset(phases), program, self._origin) for (path, number, program), phases in self._missed.items())
        return tuple(sorted(out, key=missed_key))


def used_file(entry: Entry, uses: tuple[FileUse, ...], hashes: ContentHashes, inventory: Inventory, image: ImageRef) -> UsedFile:
    """Return an entry of the image with how it was used, its content's hash and its owners. Raises ImageError if the content cannot be read."""
    return UsedFile(
        path=entry.path,
        kind=entry.kind.value,
        sha256=hashes.of(entry) if entry.is_file else "",
        size=entry.size if entry.is_file else 0,
        layer=image.diff_ids[entry.layer] if 0 <= entry.layer < len(image.diff_ids) else "",
        packages=tuple(sorted(inventory.owners.get(entry.path, ()))),
        uses=uses,
        target=entry.target,
    )
