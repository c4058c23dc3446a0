"""Find the plan, the RBOM and the image that answer a question about a plan."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from careen.errors import ConfigError, InputError
from careen.inventory.index import ImageIndex, load_index
from careen.model.packages.package import Inventory
from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.oci.image import Image
from careen.oci.tree.rootfs import Rootfs
from careen.patch.store import find_patch_plan
from careen.pipeline.run.planning import rbom_sha256
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Located, examine, locate, open_located
from careen.plan.store import load_plan
from careen.rbom.store import MAX_RBOM, read_rbom
from careen.tools.read_file import parsed, read_file

_KEPT = re.compile(r"kept paths sha256:([0-9a-f]{64})\Z")
_LONGEST_COMMENT = 400  # characters; longer than any history comment of careen


@dataclass(frozen=True)
class Evidence:
    """Where the plan and the RBOM are, and the image's index, if there may be one."""

    plan: Path
    rbom: Path
    index: Path | None = None

    @cached_property
    def loaded(self) -> Plan:
        """The plan, loaded once. Raises ConfigError."""
        return load_plan(self.plan)


@dataclass(frozen=True, slots=True)
class PlanEvidence:
    """A plan, its RBOM, and the paths and owners of its image; `report` is their directory."""

    plan: Plan
    bom: RuntimeBom
    rootfs: Rootfs
    inventory: Inventory
    report: Path


@contextmanager
def held(image: str, candidates: Sequence[Evidence], session: Session) -> Iterator[PlanEvidence]:
    """Yield the evidence about an image from the first candidate of it or of its original.

    Raises InputError if all evidence is of other images, or a plan was made from another RBOM.
    """
    located = locate(image, session)
    if (at_hand := _from_report(located, candidates, session)) is not None:
        yield at_hand
        return
    with session.stage("inspect"), open_located(located, session) as opened:
        digest = opened.ref.config_digest
        known = _reported(candidates, digest)
        if known is None and all(
            evidence.loaded.image.config_digest != digest for evidence in candidates
        ):
            known = _made_by(candidates, opened)
        if known is not None:
            yield known
            return
        evidence, plan, bom = _fitting(candidates, digest)
        examined = examine(opened, session)
        yield PlanEvidence(plan, bom, examined.rootfs, examined.inventory, evidence.plan.parent)


def _from_report(
    located: Located, candidates: Sequence[Evidence], session: Session
) -> PlanEvidence | None:
    """Return index, plan and RBOM from a report, or None if the image must be opened."""
    # An earlier run recorded which image a file is.
    if (ref := session.known.at(located.place)) is not None:
        return _reported(candidates, ref.config_digest)
    # Docker's classic store names an image by its configuration, containerd's by its manifest or by
    # the index of several platforms.
    if not located.image_id or (located.is_by_manifest and session.settings.platform is not None):
        return None
    return _reported(candidates, located.image_id)


def _with_index(candidates: Sequence[Evidence]) -> list[tuple[Evidence, Path]]:
    return [
        (evidence, evidence.index)
        for evidence in candidates
        if evidence.index is not None and evidence.index.is_file()
    ]


def _reported(candidates: Sequence[Evidence], digest: str) -> PlanEvidence | None:
    """Return the evidence of the first report about an image.

    `digest` is of its configuration or manifest. The image may also be the one that was patched
    before it was hardened; the plan is of the patched one.
    """
    for evidence, path in _with_index(candidates):
        try:
            index = load_index(path)
            upgrades = find_patch_plan(evidence.plan)
        except ConfigError:  # optional: without it the image is read
            continue
        images = (index.ref,) if upgrades is None else (index.ref, upgrades.image)
        if any(digest in (image.config_digest, image.manifest_digest) for image in images):
            return _by_index(index, evidence)
    return None


def _made_by(candidates: Sequence[Evidence], image: Image) -> PlanEvidence | None:
    """Return the evidence of the report that a hardened image came from."""
    # The image's history has the digest of the kept paths, and so has the plan.
    kept = kept_paths(image)
    for evidence, path in _with_index(candidates) if kept else ():
        try:
            if evidence.loaded.keep_sha256 == kept:
                return _by_index(load_index(path), evidence)
        except ConfigError:
            continue
    return None


def kept_paths(image: Image) -> str:
    """Return the digest of the kept paths from careen's newest history entry, or ""."""
    comments = (
        str(item.get("comment") or "")[-_LONGEST_COMMENT:]
        for item in reversed(image.config.history)
    )
    return next(
        (found[1] for comment in comments if (found := _KEPT.search(comment)) is not None), ""
    )


def _by_index(index: ImageIndex, evidence: Evidence) -> PlanEvidence:
    _, plan, bom = _fitting((evidence,), index.ref.config_digest)
    return PlanEvidence(plan, bom, index.rootfs, index.inventory, evidence.plan.parent)


def _fitting(
    candidates: Sequence[Evidence], config_digest: str
) -> tuple[Evidence, Plan, RuntimeBom]:
    others: list[str] = []
    for evidence in candidates:
        plan = evidence.loaded
        if plan.image.config_digest != config_digest:
            others.append(
                f"{evidence.plan}: is the plan of another image ({plan.image.reference}, config"
                f" {plan.image.config_digest})"
            )
            continue
        data = read_file(evidence.rbom, MAX_RBOM)
        bom = parsed(data, evidence.rbom, read_rbom)
        # The file is mostly as careen wrote it, and writing it again takes half a second.
        written = hashlib.sha256(data).hexdigest()
        if plan.rbom_sha256 != written and plan.rbom_sha256 != rbom_sha256(bom):
            msg = (
                f"{evidence.rbom}: is not the rbom that {evidence.plan} was made from (sha256"
                f" {plan.rbom_sha256}); name that one with --rbom"
            )
            raise InputError(msg)
        return evidence, plan, bom
    more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
    msg = f"{others[0]}{more}; name the original image, or its plan with --plan and --rbom"
    raise InputError(msg)
