"""Why: explain what a plan does to one path."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.engines.docker import DockerEngine
from careen.errors import ConfigError, InputError
from careen.inventory.index import ImageIndex, load_index
from careen.model.explanation import Explanation
from careen.model.paths import image_path
from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.oci.reference import EngineImage, parse_reference
from careen.patch.store import find_patch_plan
from careen.pipeline.planning import rbom_sha256
from careen.pipeline.session import Session
from careen.pipeline.source import examine, open_source
from careen.plan.explain import explain
from careen.plan.store import load_plan
from careen.rbom.store import load_rbom


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the plan and the RBOM lie, and the image's index, if there may be one."""

    plan: Path
    rbom: Path
    index: Path | None = None


def why(image: str, path: str, candidates: Sequence[Evidence], session: Session) -> Explanation:
    """Explain `path` of the original image by the first of the candidates that is this image's.

    Raises InputError for a path that the image never had, for evidence of other images only, and for a plan that was made from another RBOM.
    """
    wanted = image_path(path, "path")
    if (at_hand := _at_hand(image, candidates, session)) is not None:
        index, plan, bom = at_hand
        return explain(plan, index.rootfs, index.inventory, bom, wanted)
    with session.stage("inspect"), open_source(image, session) as opened:
        if (patched := _patched_first(candidates, opened.ref.config_digest)) is not None:
            index, plan, bom = patched
            return explain(plan, index.rootfs, index.inventory, bom, wanted)
        plan, bom = _fitting(candidates, opened.ref.config_digest)
        examined = examine(opened, session)
        return explain(plan, examined.rootfs, examined.inventory, bom, wanted)


def _at_hand(image: str, candidates: Sequence[Evidence], session: Session) -> tuple[ImageIndex, Plan, RuntimeBom] | None:
    """Return index, plan and RBOM of an image in docker's store when a report has them: gigabytes need not be taken out to explain one path.

    The name is resolved now, so a name that leads to another image by now finds no index. A classic store names an image by its configuration, one of
    containerd by its manifest, or by the index of several platforms. None: the image itself must be opened.
    """
    reference = parse_reference(image)
    with_index = [(evidence, evidence.index) for evidence in candidates if evidence.index is not None and evidence.index.is_file()]
    if not isinstance(reference, EngineImage) or not with_index or DockerEngine.probe() is not None:
        return None
    image_id, repository_digests = DockerEngine(session.space).resolve(reference.name)
    by_manifest = any(digest.endswith(f"@{image_id}") for digest in repository_digests)
    if by_manifest and session.settings.platform is not None:
        return None
    for evidence, path in with_index:
        try:
            index = load_index(path)
            planned = load_plan(evidence.plan).image if by_manifest else None
        except ConfigError:  # only a convenience: a damaged one costs time, not the answer
            continue
        if index.config_digest == image_id or (planned is not None and (planned.manifest_digest, planned.config_digest) == (image_id, index.config_digest)):
            return index, *_fitting((evidence,), index.config_digest)
    return _patched_first(candidates, image_id)


def _patched_first(candidates: Sequence[Evidence], digest: str) -> tuple[ImageIndex, Plan, RuntimeBom] | None:
    """Return index, plan and RBOM of the image that was made of this one by upgrades before it was hardened: the plan is about that one's paths. `digest` is
    of this one's configuration, or of its manifest.
    """
    for evidence in candidates:
        if evidence.index is None or not evidence.index.is_file():
            continue
        try:
            upgrades = find_patch_plan(evidence.plan)
            if upgrades is None or digest not in (upgrades.image.config_digest, upgrades.image.manifest_digest):
                continue
            index = load_index(evidence.index)
        except ConfigError:
            continue
        return index, *_fitting((evidence,), index.config_digest)
    return None


def _fitting(candidates: Sequence[Evidence], config_digest: str) -> tuple[Plan, RuntimeBom]:
    others: list[str] = []
    for evidence in candidates:
        plan = load_plan(evidence.plan)
        if plan.image.config_digest != config_digest:
            others.append(f"{evidence.plan}: is the plan of another image ({plan.image.reference}, config {plan.image.config_digest})")
            continue
        bom = load_rbom(evidence.rbom)
        if rbom_sha256(bom) != plan.rbom_sha256:
            msg = f"{evidence.rbom}: is not the rbom that {evidence.plan} was made from (sha256 {plan.rbom_sha256}); name that one with --rbom"
            raise InputError(msg)
        return plan, bom
    more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
    msg = f"{others[0]}{more}; name the original image, or its plan with --plan and --rbom"
    raise InputError(msg)
