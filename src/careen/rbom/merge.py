"""Merging of the RBOMs of several runs of one image."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from careen.errors import InputError
from careen.model.paths import ImagePath
from careen.model.rbom import FileUse, ImageRef, MissedPath, Run, RuntimeBom, UsedFile
from careen.model.runs.trace import Phase, Use
from careen.rbom.encode import run_text
from careen.rbom.order import endpoints_in_order, file_use_key, missed_key, syscalls_in_order
from careen.rbom.origins import ambiguous_origins


def merge(boms: Sequence[RuntimeBom]) -> RuntimeBom:
    """Return the union of the RBOMs of one image; each use keeps its workload.

    The order of `boms` does not matter, and a run that occurs several times counts once. `outside`
    and `unresolved` are the maximum. Raises InputError if `boms` is empty, if the images differ (by
    config digest, layers or a file), or if an exploration and another run share a name.
    """
    if not boms:
        msg = "merging rboms: none given"
        raise InputError(msg)
    return RuntimeBom(
        image=_image([bom.image for bom in boms]),
        runs=_runs(run for bom in boms for run in bom.runs),
        files=_files(boms),
        missed=_missed(item for bom in boms for item in bom.missed),
        syscalls=syscalls_in_order(bom.syscalls for bom in boms),
        endpoints=endpoints_in_order(endpoint for bom in boms for endpoint in bom.endpoints),
        packages=dict(
            sorted((purl, package) for bom in boms for purl, package in bom.packages.items())
        ),
        # Touches have no identity across runs: a sum would count a run twice.
        outside=max(bom.outside for bom in boms),
        unresolved=max(bom.unresolved for bom in boms),
    )


def _image(images: Sequence[ImageRef]) -> ImageRef:
    first = images[0]
    for other in images[1:]:
        if (other.config_digest, other.diff_ids) != (first.config_digest, first.diff_ids):
            msg = (
                f"merging rboms: they are of different images: {first.reference!r} has config"
                f" {first.config_digest}, {other.reference!r} has {other.config_digest}; profile"
                " one image, then merge its runs"
            )
            raise InputError(msg)
    manifests = sorted(
        image.manifest_digest for image in images if image.manifest_digest is not None
    )
    return replace(
        first,
        reference=min(image.reference for image in images),
        manifest_digest=manifests[0] if manifests else None,
        platform=min(image.platform for image in images),
    )


def _runs(runs: Iterable[Run]) -> tuple[Run, ...]:
    distinct = {run_text(run): run for run in runs}
    names = ambiguous_origins(distinct.values())
    if names:
        msg = (
            f"merging rboms: {names[0]!r} names an exploration in one and a run of another kind in"
            " another: profile again under another name"
        )
        raise InputError(msg)
    return tuple(
        run for _, run in sorted(distinct.items(), key=lambda item: (item[1].started, item[0]))
    )


def _files(boms: Sequence[RuntimeBom]) -> tuple[UsedFile, ...]:
    files: dict[ImagePath, UsedFile] = {}
    uses: dict[ImagePath, list[FileUse]] = {}
    for bom in boms:
        for file in bom.files:
            known = files.setdefault(file.path, file)
            if known is not file and _content(known) != _content(file):
                msg = (
                    f"merging rboms: {file.path!r} differs between them though the image is said to"
                    " be the same; profile the image again"
                )
                raise InputError(msg)
            uses.setdefault(file.path, []).extend(file.uses)
    return tuple(replace(file, uses=join_uses(uses[path])) for path, file in sorted(files.items()))


def _content(file: UsedFile) -> tuple[object, ...]:
    """Return everything that an RBOM records about a file except its uses."""
    return file.kind, file.sha256, file.size, file.layer, file.packages, file.target


def join_uses(uses: Iterable[FileUse]) -> tuple[FileUse, ...]:
    """Join uses of one file that differ only in their phases, in the order of an RBOM."""
    joined: dict[tuple[Use, str, str], set[Phase]] = {}
    for item in uses:
        joined.setdefault((item.use, item.executable, item.origin), set()).update(item.phases)
    return tuple(
        sorted(
            (
                FileUse(use, frozenset(phases), program, origin)
                for (use, program, origin), phases in joined.items()
            ),
            key=file_use_key,
        )
    )


def _missed(items: Iterable[MissedPath]) -> tuple[MissedPath, ...]:
    joined: dict[tuple[ImagePath, int, str, str], set[Phase]] = {}
    for item in items:
        joined.setdefault((item.path, item.errno, item.executable, item.origin), set()).update(
            item.phases
        )
    return tuple(
        sorted(
            (
                MissedPath(path, number, frozenset(phases), *rest)
                for (path, number, *rest), phases in joined.items()
            ),
            key=missed_key,
        )
    )
