"""The scan of one image for secrets: collect, let gitleaks judge, place what it sees."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from careen.compliance.secrets.collect import CONFIGURATION, configuration_parts, layer_files
from careen.compliance.secrets.excuse import Excuses, excuse, known
from careen.compliance.secrets.gitleaks import judge, scanner_name
from careen.compliance.secrets.parts import parts_of
from careen.compliance.secrets.stage import BOUNDS, Batch, Bounds, Stage, Staged
from careen.compliance.secrets.wide import LIMIT as WIDE
from careen.compliance.secrets.wide import narrowed
from careen.errors import ToolError
from careen.model.compliance.secrets import SecretScan, SuspectedSecret
from careen.model.paths import ImagePath
from careen.oci.image import Image
from careen.oci.tree.rootfs import Rootfs


def scan_secrets(
    image: Image,
    excuses: Excuses,
    scratch: Path,
    bounds: Bounds = BOUNDS,
    clock: Callable[[], float] = time.monotonic,
) -> SecretScan:
    """Search all layers and the configuration. `scratch` is an empty folder, for files on the way.

    No value leaves it. What gitleaks fails on is named in `unread`. Raises ToolError without
    gitleaks, ImageError for a damaged image.
    """
    name = scanner_name()
    stage = Stage(scratch / "parts", bounds)
    files = read = 0
    texts = configuration_parts(image.config)
    if all(stage.put(where, CONFIGURATION, parts) for where, parts in texts):
        with image.budget.reading():
            files, read = _read_layers(image, stage, clock)
    judged = dict(_judged(stage, image.rootfs(), scratch, clock))
    found = {each: judged[each] for each in sorted(judged, key=_order)}
    counted, excused, expired = excuse(found, excuses, image.rootfs())
    return SecretScan(name, files, read, counted, excused, tuple(stage.unread), expired)


def _read_layers(image: Image, stage: Stage, clock: Callable[[], float]) -> tuple[int, int]:
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
        text = narrowed(each.content)
        if text is None:
            stage.unread.append(f"{each.path}: {size} bytes of UTF-16, at most {WIDE} are read")
            continue
        if not stage.put(each.path, each.layer, parts_of(text)):
            break
        files, read = files + 1, read + size
    return files, read


def _judged(
    stage: Stage, rootfs: Rootfs, scratch: Path, clock: Callable[[], float]
) -> Iterator[tuple[SuspectedSecret, str]]:
    """Yield what gitleaks sees in each batch, and why it is known to be no secret, or "".

    What gitleaks fails on is named in `unread`.
    """
    bounds, begun = stage.bounds, clock()
    for batch in stage.batches:
        left = begun + bounds.judging - clock()
        if left <= 0:
            stage.unread.append(f"{batch} and all after it: gitleaks took {bounds.judging:.0f} s")
            return
        try:
            found = tuple(_placed(batch, rootfs, scratch, min(left, bounds.batch_seconds)))
        except ToolError as error:
            stage.unread.append(f"{batch}: {error}")
        else:
            yield from found


def _placed(
    batch: Batch, rootfs: Rootfs, scratch: Path, seconds: float
) -> Iterator[tuple[SuspectedSecret, str]]:
    """Yield what gitleaks sees, by its place in the image."""
    for verdict in judge(batch.folder, scratch, seconds):
        source = batch.staged.get(verdict.file)
        if source is None:
            msg = f"gitleaks: it reports a file that it was not given: {verdict.file}"
            raise ToolError(msg)
        line, offset = source.place(verdict.line)
        secret = SuspectedSecret(
            kind=verdict.kind,
            where=source.where,
            layer=source.layer,
            line=line,
            offset=offset,
            deleted=source.layer != CONFIGURATION and not _is_live(source, rootfs),
        )
        yield secret, known(secret, batch.line(verdict.file, verdict.line))


def _is_live(source: Staged, rootfs: Rootfs) -> bool:
    entry = rootfs.get(ImagePath(source.where))
    return entry is not None and entry.is_file and entry.layer == source.layer


def _order(secret: SuspectedSecret) -> tuple[int, str, int, int, str]:
    return secret.layer, secret.where, secret.line, secret.offset, secret.kind
