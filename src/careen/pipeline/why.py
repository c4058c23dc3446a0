"""Why: explain what a plan does to one path."""

from dataclasses import dataclass
from pathlib import Path

from careen.errors import InputError
from careen.model.explanation import Explanation
from careen.model.paths import image_path
from careen.pipeline.session import Session
from careen.pipeline.source import examine, open_source
from careen.plan.explain import explain
from careen.plan.store import MAX_PLAN, read_plan
from careen.rbom.store import MAX_RBOM, read_rbom
from careen.tools.read_file import read_file


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the plan and the RBOM lie."""

    plan: Path
    rbom: Path


def why(image: str, path: str, evidence: Evidence, session: Session) -> Explanation:
    """Explain `path` of the original image. Raises InputError for a path that the image never had, or evidence of another image."""
    plan = read_plan(read_file(evidence.plan, MAX_PLAN))
    bom = read_rbom(read_file(evidence.rbom, MAX_RBOM))
    wanted = image_path(path, "path")
    with session.stage("inspect"), open_source(image, session) as opened:
        if opened.ref.config_digest != plan.image.config_digest:
            msg = f"{evidence.plan}: is the plan of another image ({plan.image.reference}, config {plan.image.config_digest}); name the original image"
            raise InputError(msg)
        examined = examine(opened, session)
        return explain(plan, examined.rootfs, examined.inventory, bom, wanted)
