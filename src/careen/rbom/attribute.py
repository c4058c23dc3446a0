"""Attribution of a sensor's trace to the entries of an image."""

import errno
from collections.abc import Mapping
from dataclasses import replace

from careen.errors import ImageError
from careen.model.entry import Entry
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath, image_path, parent
from careen.model.rbom import FileUse, ImageRef, MissedPath, Run, RunKind, RuntimeBom, UsedFile
from careen.model.runs.completeness import DISPUTED
from careen.model.runs.trace import Phase, Touch, Trace, Use
from careen.oci.tree.rootfs import Rootfs, Walk
from careen.oci.tree.trace_names import PathTargets, TracePathResolver
from careen.rbom.changed import RunChanges
from careen.rbom.content import ContentHashes
from careen.rbom.emulated import unrecognised, with_loaded
from careen.rbom.order import endpoints_in_order, file_use_key, missed_key, syscalls_in_order

_SHOWN = 5
_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES})


def attribute(
    trace: Trace,
    rootfs: Rootfs,
    inventory: Inventory,
    image: ImageRef,
    run: Run,
    hashes: ContentHashes | None = None,
) -> RuntimeBom:
    """Resolve every path of the trace in the image's index and return the RBOM of `run`.

    A path that neither index nor kernel found is a MissedPath. If the two disagree and nothing in
    the trace explains it, both paths count as used, and `unresolved` counts the path. Reads each
    used regular file once, for its hash (`hashes` are those of the same index, if known), and how
    executed ones begin. Raises ImageError if the content of the image cannot be read.
    """
    ledger = _TraceAttribution(trace, rootfs, run)
    for touch in trace.touches:
        ledger.add(touch)
    hashes = hashes if hashes is not None else ContentHashes(rootfs)
    seen = ledger.file_uses()
    if ledger.disputed:
        run = _noted(run, ledger.dispute())
    if not run.sensor.emulated and (note := unrecognised(rootfs, seen, run.sensor.architecture)):
        run = _noted(run, note)
    files = tuple(
        used_file(
            rootfs[path],
            with_loaded(rootfs, rootfs[path], uses, run.sensor.architecture)
            if run.sensor.emulated
            else uses,
            hashes,
            inventory,
            image,
        )
        for path, uses in sorted(seen.items())
    )
    purls = sorted({purl for file in files for purl in file.packages})
    packages = {purl: inventory.packages[purl] for purl in purls}
    return RuntimeBom(
        image=image,
        runs=(run,),
        files=files,
        missed=ledger.missed_paths(),
        syscalls=syscalls_in_order([trace.syscalls]),
        endpoints=endpoints_in_order(trace.endpoints),
        packages={
            purl: (package.name, package.version, package.ecosystem.value)
            for purl, package in packages.items()
        },
        outside=ledger.outside,
        unresolved=ledger.unresolved,
    )


def _noted(run: Run, note: str) -> Run:
    return replace(run, sensor=replace(run.sensor, notes=(*run.sensor.notes, note)))


class _TraceAttribution:
    """The uses and misses of one trace."""

    def __init__(self, trace: Trace, rootfs: Rootfs, run: Run) -> None:
        self._rootfs = rootfs
        self._names = TracePathResolver(trace, rootfs)
        self._changed = RunChanges(trace, rootfs, self._names)
        self._directories = trace.directories
        self._knows_additions = trace.differing is not None
        # There is no evidence of writes before the sensor attached, nor from one that does not
        # report them.
        self._judges = run.kind is not RunKind.ATTACHED and Use.WRITTEN in trace.sensor.evidence
        self._origin = run.workload
        self._uses: dict[ImagePath, dict[tuple[Use, str], set[Phase]]] = {}
        self._missed: dict[tuple[ImagePath, int, str], set[Phase]] = {}
        self.disputed: dict[str, None] = {}
        self.outside = 0
        self.unresolved = 0

    def add(self, touch: Touch) -> None:
        led = self._names.led(touch)
        if touch.errno == 0 and touch.resolved is not None and touch.on_image is not False:
            self._reached(touch, led, ImagePath(touch.resolved))
            return
        self._links(touch, led.plain)
        if not led.known and touch.on_image is not False:
            self._dispute(touch.given)
        if touch.on_image is False or not led.walks:
            self.outside += 1
        elif touch.errno == 0:
            self._succeeded(touch, led)
        else:
            self._failed(touch, led)

    def _links(self, touch: Touch, walk: Walk) -> None:
        # Also when the path leads on to a volume.
        for link in walk.links:
            self._use(link, Use.TRAVERSED, touch)

    def _reached(self, touch: Touch, led: PathTargets, kernel: ImagePath) -> None:
        """Record the entry that the kernel reached, and the one that the index has for the path."""
        walk = self._walk_of_kernel(touch, led.plain, kernel)
        self._links(touch, walk)
        reached = self._rootfs.get(kernel)
        if reached is not None:
            self._use(kernel, touch.use, touch)
        if not led.linked and led.walks:
            if walk.end != kernel and walk.final is not None:
                self._use(walk.end, touch.use, touch)
            elif walk.final is None:
                self._made(touch, walk)
        if self._is_disputed(touch, led, walk, reached):
            self._dispute(kernel)

    def _walk_of_kernel(self, touch: Touch, walk: Walk, kernel: ImagePath) -> Walk:
        """Return the walk that ends where the kernel did, the last link followed or not."""
        if walk.links and kernel != walk.end:
            # lstat, readlink and unlink do not follow the last link.
            bare = self._names.plain(touch, follow=False)
            if bare.end == kernel:
                return bare
        return walk

    def _is_disputed(
        self, touch: Touch, led: PathTargets, walk: Walk, reached: Entry | None
    ) -> bool:
        """Return whether index and kernel disagree about a path without an explanation.

        Writes of the run and mounts are explanations.
        """
        kernel = ImagePath(touch.resolved or "")
        if (
            not self._judges
            or touch.on_image is not True
            or self._changed.explains(*walk.links, walk.end, kernel)
        ):
            return False
        if reached is None:
            if not self._knows_additions:
                # `docker cp` may have put it there.
                return False
            # An engine creates directories: mount points, the working directory.
            return kernel not in self._directories
        asked = bool(led.walks) and not led.linked and not self._changed.covered(walk.end)
        relative_in_chroot = len(self._names.roots) > 1 and not touch.given.startswith("/")
        return kernel != walk.end and asked and not relative_in_chroot

    def _succeeded(self, touch: Touch, led: PathTargets) -> None:
        """Record the use of a path from the index alone, when the kernel's result is unknown."""
        for walk in led.walks:
            if led.linked:
                self._links(touch, walk)
            # Behind a link of proc(5), every entry that the path may mean counts.
            if walk.final is not None:
                self._use(walk.final.path, touch.use, touch)
            elif not led.linked:
                self._made(touch, walk)

    def _made(self, touch: Touch, walk: Walk) -> None:
        """Record the use of the directory that a file was created in at run time."""
        above = self._rootfs.get(parent(walk.end))
        if above is not None and above.is_dir:
            self._use(above.path, Use.WRITTEN if touch.use is Use.WRITTEN else Use.LOOKED_UP, touch)

    def _failed(self, touch: Touch, led: PathTargets) -> None:
        for walk in led.walks:
            if walk.final is not None:
                # The call failed although the entry exists (EACCES, EEXIST, EINVAL …). An exec that
                # ends in ENOENT can mean a missing interpreter: the file itself was found.
                self._use(walk.final.path, Use.LOOKED_UP, touch)
            elif touch.errno in _NOT_THERE and len(led.walks) == 1:
                self._miss(walk.end, touch)
        walk = led.walks[0]
        if (
            touch.errno == errno.ENOENT
            and not led.linked
            and walk.final is not None
            and self._is_wrongly_missing(touch, walk)
        ):
            self._dispute(walk.end)

    def _is_wrongly_missing(self, touch: Touch, walk: Walk) -> bool:
        """Return whether the kernel denied, without an explanation, an entry of the index."""
        if (
            not self._judges
            or touch.use in (Use.EXECUTED, Use.WRITTEN)
            or len(self._names.roots) > 1
        ):
            return False
        # WRITTEN is left out above: either of the two names of a rename may be missing.
        return not self._changed.explains(*walk.links, walk.end) and not self._changed.covered(
            walk.end
        )

    def dispute(self) -> str:
        """Return one sentence that names the disputed paths."""
        first = ", ".join(repr(path) for path in list(self.disputed)[:_SHOWN])
        return (
            f"{DISPUTED} {len(self.disputed):,} path{'' if len(self.disputed) == 1 else 's'}, first"
            f" {first}"
        )

    def _dispute(self, path: str) -> None:
        self.unresolved += 1
        self.disputed.setdefault(path)

    def _use(self, path: ImagePath, use: Use, touch: Touch) -> None:
        self._uses.setdefault(path, {}).setdefault((use, touch.executable), set()).update(
            touch.phases
        )

    def _miss(self, end: ImagePath, touch: Touch) -> None:
        try:
            path = image_path(end, "path")
        except ImageError:
            # Longer than any file name: no image can hold it.
            return
        self._missed.setdefault((path, touch.errno, touch.executable), set()).update(touch.phases)

    def file_uses(self) -> Mapping[ImagePath, tuple[FileUse, ...]]:
        return {
            path: tuple(
                sorted(
                    (
                        FileUse(use, frozenset(phases), program, self._origin)
                        for (use, program), phases in uses.items()
                    ),
                    key=file_use_key,
                )
            )
            for path, uses in self._uses.items()
        }

    def missed_paths(self) -> tuple[MissedPath, ...]:
        out = (
            MissedPath(path, number, frozenset(phases), program, self._origin)
            for (path, number, program), phases in self._missed.items()
        )
        return tuple(sorted(out, key=missed_key))


def used_file(
    entry: Entry,
    uses: tuple[FileUse, ...],
    hashes: ContentHashes,
    inventory: Inventory,
    image: ImageRef,
) -> UsedFile:
    """Return an entry of the image with its uses, content hash and owners.

    Raises ImageError if the content cannot be read.
    """
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
