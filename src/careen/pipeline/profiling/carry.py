"""Carry the RBOM of one version of an image over to the next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from careen.errors import InputError
from careen.model.entry import Entry
from careen.model.paths import ImagePath
from careen.model.rbom import FileUse, MissedPath, Run, RunKind, RuntimeBom, UsedFile
from careen.model.runs.trace import Phase, Use
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.run.source import Examined
from careen.rbom.attribute import used_file
from careen.rbom.content import ContentHashes
from careen.rbom.merge import join_uses
from careen.rbom.order import missed_key
from careen.report.terminal_output.figures import counted, size

LISTED = 20


@dataclass(frozen=True, slots=True)
class CarryReport:
    """Share of an RBOM's regular files that the other image has.

    `moved` of the carried files have another path. `gone` and `changed` name the first 20 files
    that are missing or differ; `left_out` counts all of them. `appeared` counts paths that were
    missing before and exist now. With `same_image` nothing had to be carried.
    """

    files: int
    carried: int
    bytes: int
    carried_bytes: int
    moved: int
    left_out: int
    gone: tuple[ImagePath, ...]
    changed: tuple[ImagePath, ...]
    appeared: int = 0
    same_image: bool = False

    def sentence(self) -> str:
        """Return the report in one line."""
        share = self.carried_bytes / self.bytes if self.bytes else 1.0
        text = (
            f"{self.carried:,} of {counted(self.files, 'file')} ({share:.1%} of {size(self.bytes)})"
            " carried over"
        )
        if self.moved:
            text += f", {self.moved:,} of them to another path"
        if self.left_out:
            first = min((*self.gone, *self.changed))
            text += (
                f"; {self.left_out:,} {'is' if self.left_out == 1 else 'are'} gone or changed,"
                f" first {first!r}"
            )
        return text


def carry(old: RuntimeBom, examined: Examined) -> tuple[RuntimeBom, CarryReport]:
    """Return the part of `old` that holds for this image, and its share. Nothing is run.

    A regular file is carried if its content is at its path, or at exactly one other; other nodes if
    their kind is at their path. Paths that were missing and exist now count as looked up. Runs
    become CARRIED without an adequacy; exploration stays EXPLORATION. Origins stay. The RBOM of
    this very image is returned unchanged. Raises InputError if the platforms differ, ImageError if
    the image cannot be read.
    """
    here = examined.image.ref
    if old.image.config_digest == here.config_digest:
        return old, _whole(old)
    if old.image.platform != here.platform:
        msg = (
            f"carrying over: the rbom is of {old.image.platform}, the image {here.reference!r} of"
            f" {here.platform}: profile it"
        )
        raise InputError(msg)
    found = _Found(old, examined.rootfs)
    uses, missed = _uses(old, found), _missed(old, found)
    rootfs, inventory = examined.rootfs, examined.inventory
    files = tuple(
        used_file(rootfs[path], uses[path], found.hashes, inventory, here) for path in sorted(uses)
    )
    report = _report(old, found, len(old.missed) - len(missed))
    owners = sorted({purl for file in files for purl in file.packages})
    packages = {purl: inventory.packages[purl] for purl in owners}
    note = (
        f"carried over from {old.image.reference} (config {old.image.config_digest}):"
        f" {report.sentence()}"
    )
    bom = RuntimeBom(
        image=here,
        runs=tuple(_run(run, note) for run in old.runs),
        files=files,
        missed=missed,
        syscalls=old.syscalls,
        endpoints=tuple(
            replace(endpoint, executable=found.renamed(endpoint.executable))
            for endpoint in old.endpoints
        ),
        packages={
            purl: (package.name, package.version, package.ecosystem.value)
            for purl, package in packages.items()
        },
        outside=old.outside,
        unresolved=old.unresolved,
    )
    return bom, report


class _Found:
    """Old paths mapped to their places in this image (`places`)."""

    def __init__(self, old: RuntimeBom, rootfs: Rootfs) -> None:
        self.rootfs = rootfs
        self.hashes = ContentHashes(rootfs)
        self.places: dict[ImagePath, ImagePath] = {}
        for file in old.files:
            entry = rootfs.get(file.path)
            if entry is not None and entry.kind.value == file.kind and self._has(entry, file):
                self.places[file.path] = file.path
        self._move(
            [
                file
                for file in old.files
                if file.sha256 and file.size and file.path not in self.places
            ]
        )

    def _has(self, entry: Entry, file: UsedFile) -> bool:
        return not entry.is_file or (
            entry.size == file.size and self.hashes.of(entry) == file.sha256
        )

    def _move(self, left: list[UsedFile]) -> None:
        """Find the content of moved files; only files of a matching size are read."""
        sizes = {file.size for file in left}
        paths: dict[str, list[ImagePath]] = {}
        for entry in self.rootfs if left else ():
            if entry.is_file and entry.size in sizes:
                paths.setdefault(self.hashes.of(entry), []).append(entry.path)
        for file in left:
            if len(candidates := paths.get(file.sha256, [])) == 1:
                self.places[file.path] = candidates[0]

    def renamed(self, program: str) -> str:
        """Return a program's path in this image, unchanged if it is not known to have moved."""
        return self.places.get(ImagePath(program), program)


def _uses(old: RuntimeBom, found: _Found) -> Mapping[ImagePath, tuple[FileUse, ...]]:
    """Return the uses of each path in this image."""
    # Two old paths may map to one, and a missing path may exist now: their uses are joined.
    uses: dict[ImagePath, list[FileUse]] = {}
    for file in old.files:
        if (place := found.places.get(file.path)) is not None:
            uses.setdefault(place, []).extend(
                replace(use, executable=found.renamed(use.executable)) for use in file.uses
            )
    for missed in old.missed:
        if missed.path in found.rootfs:
            uses.setdefault(missed.path, []).append(
                FileUse(
                    Use.LOOKED_UP, missed.phases, found.renamed(missed.executable), missed.origin
                )
            )
    return {path: join_uses(items) for path, items in uses.items()}


def _missed(old: RuntimeBom, found: _Found) -> tuple[MissedPath, ...]:
    still: dict[tuple[ImagePath, int, str, str], frozenset[Phase]] = {}
    for missed in old.missed:
        if missed.path not in found.rootfs:
            key = (missed.path, missed.errno, found.renamed(missed.executable), missed.origin)
            still[key] = still.get(key, frozenset()) | missed.phases
    return tuple(
        sorted(
            (
                MissedPath(path, number, phases, *rest)
                for (path, number, *rest), phases in still.items()
            ),
            key=missed_key,
        )
    )


def _run(run: Run, note: str) -> Run:
    # Exploration must not pass for use by a workload; the adequacy was the other image's.
    kind = run.kind if run.kind is RunKind.EXPLORATION else RunKind.CARRIED
    return replace(
        run, kind=kind, adequacy=None, sensor=replace(run.sensor, notes=(*run.sensor.notes, note))
    )


def _report(old: RuntimeBom, found: _Found, appeared: int) -> CarryReport:
    regular = [file for file in old.files if file.sha256]
    left = [file for file in regular if file.path not in found.places]
    return CarryReport(
        files=len(regular),
        carried=len(regular) - len(left),
        bytes=_bytes(regular),
        carried_bytes=_bytes(regular) - _bytes(left),
        moved=sum(found.places.get(file.path, file.path) != file.path for file in regular),
        left_out=len(left),
        gone=tuple(file.path for file in left if file.path not in found.rootfs)[:LISTED],
        changed=tuple(file.path for file in left if file.path in found.rootfs)[:LISTED],
        appeared=appeared,
    )


def _bytes(files: Iterable[UsedFile]) -> int:
    return sum(file.size for file in files)


def _whole(old: RuntimeBom) -> CarryReport:
    regular = [file for file in old.files if file.sha256]
    return CarryReport(
        len(regular), len(regular), _bytes(regular), _bytes(regular), 0, 0, (), (), same_image=True
    )
