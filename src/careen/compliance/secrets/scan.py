"""The scan of one image for secrets: collect, let gitleaks judge, place what it sees."""

import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from careen.compliance.secrets.collect import CONFIGURATION, configuration_parts, layer_files
from careen.compliance.secrets.excuse import Excuses, excuse
from careen.compliance.secrets.gitleaks import Verdict, judge, scanner_name
from careen.compliance.secrets.parts import Part, parts_of
from careen.errors import ImageError
from careen.model.compliance.secrets import SecretScan, SuspectedSecret
from careen.model.paths import ImagePath
from careen.oci.image import Image
from careen.oci.tree.rootfs import Rootfs

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one scan may cost: bytes read, in all and of one file; parts, and seconds of reading.

    careen reads about 100 MB in a second. gitleaks takes minutes for 8 MiB made against it; a real
    image of 2.4 GB has 2 MB of parts.
    """

    bytes: int = 64 << 30
    file: int = 8 << 30
    part_bytes: int = 8 * MIB
    parts: int = 200_000
    files: int = 50_000
    seconds: float = 1200.0


@dataclass(slots=True)
class _Staged:
    """One file for gitleaks: where it is from, and where each of its parts begins in it."""

    where: str
    layer: int
    starts: list[int] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)


@dataclass(slots=True)
class _Stage:
    """The folder of files for gitleaks, and what could not be put there."""

    folder: Path
    bounds: Bounds
    staged: list[_Staged] = field(default_factory=list)
    size: int = 0
    parts: int = 0
    unread: list[str] = field(default_factory=list)

    def put(self, where: str, layer: int, parts: Iterable[Part]) -> bool:
        """Write the parts of one file, as many as there is room for; False if not all."""
        staged, out = _Staged(where, layer), bytearray()
        full = len(self.staged) >= self.bounds.files
        line = 1
        for part in parts:
            full = (
                full or self.parts >= self.bounds.parts or self._room() < len(out) + len(part.data)
            )
            if full:
                self.unread.append(f"{where} and all after it: more to judge than is allowed")
                break
            staged.starts.append(line)
            staged.parts.append(Part(b"", part.offset, part.line))
            line += part.data.count(b"\n") + 1
            out += part.data + b"\n"
            self.parts += 1
        if out:
            (self.folder / f"{len(self.staged):07d}").write_bytes(out)
            self.staged.append(staged)
            self.size += len(out)
        return not full

    def _room(self) -> int:
        return self.bounds.part_bytes - self.size


def scan_secrets(
    image: Image,
    excuses: Excuses,
    scratch: Path,
    bounds: Bounds = Bounds(),
    clock: Callable[[], float] = time.monotonic,
) -> SecretScan:
    """Search all layers and the configuration. `scratch` is an empty folder, for files on the way.

    No value leaves it. Raises ToolError without gitleaks, ImageError for a damaged image.
    """
    name = scanner_name()
    stage = _Stage(scratch / "parts", bounds)
    stage.folder.mkdir()
    for where, part in configuration_parts(image.config):
        if not stage.put(where, CONFIGURATION, (part,)):
            break
    with image.budget.reading():
        files, read = _read_layers(image, stage, clock)
    verdicts = judge(stage.folder, scratch)
    found = sorted(set(_placed(verdicts, stage.staged, image.rootfs())), key=_order)
    counted, excused, expired = excuse(found, excuses)
    return SecretScan(name, files, read, counted, excused, tuple(stage.unread), expired)


def _read_layers(image: Image, stage: _Stage, clock: Callable[[], float]) -> tuple[int, int]:
    """Stage the parts of all layers; return the number of files and bytes that were read."""
    files = read = 0
    bounds, begun = stage.bounds, clock()
    for each in layer_files(image):
        size = each.content.size
        if size > bounds.file:
            most = f"of one file at most {bounds.file} are read"
            stage.unread.append(f"{each.path}: {size} bytes, {most}")
            continue
        if read + size > bounds.bytes:
            stage.unread.append(f"{each.path} and all after it: more than {bounds.bytes} bytes")
            break
        if clock() - begun > bounds.seconds:
            stage.unread.append(f"{each.path} and all after it: more than {bounds.seconds:.0f} s")
            break
        image.budget.check(each.path)
        if not stage.put(each.path, each.layer, parts_of(each.content)):
            break
        files, read = files + 1, read + size
    return files, read


def _placed(
    verdicts: Sequence[Verdict], staged: Sequence[_Staged], rootfs: Rootfs
) -> Iterator[SuspectedSecret]:
    """Yield what gitleaks sees, by its place in the image."""
    for verdict in verdicts:
        if verdict.file >= len(staged):
            msg = f"gitleaks reports a file that it was not given: {verdict.file}"
            raise ImageError(msg)
        source = staged[verdict.file]
        number = max(0, bisect_right(source.starts, verdict.line) - 1)
        part = source.parts[number]
        within = max(0, verdict.line - source.starts[number])
        yield SuspectedSecret(
            kind=verdict.kind,
            where=source.where,
            layer=source.layer,
            line=part.line + within if part.line else 0,
            offset=part.offset,
            deleted=source.layer != CONFIGURATION and not _is_live(source, rootfs),
        )


def _is_live(source: _Staged, rootfs: Rootfs) -> bool:
    entry = rootfs.get(ImagePath(source.where))
    return entry is not None and entry.is_file and entry.layer == source.layer


def _order(secret: SuspectedSecret) -> tuple[int, str, int, int, str]:
    return secret.layer, secret.where, secret.line, secret.offset, secret.kind
