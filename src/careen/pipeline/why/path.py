"""Explain what a plan does to one path."""

from collections.abc import Sequence

from careen.errors import InputError
from careen.model.explanation import Explanation
from careen.model.paths import ImagePath, image_path
from careen.pipeline.run.session import Session
from careen.pipeline.why.evidence import Evidence, PlanEvidence, held
from careen.plan.core.globs import PathIndex, glob_problem
from careen.plan.explain import explain

_GLOB = frozenset("*?[")


def why(image: str, path: str, candidates: Sequence[Evidence], session: Session) -> Explanation:
    """Explain `path` of the original image; `image` may also be the hardened one.

    Raises InputError for a path that the image never had, a glob, evidence of other images only,
    and a plan that was made from another RBOM.
    """
    wanted = image_path(path, "path")
    with held(image, candidates, session) as found:
        if not _GLOB.isdisjoint(wanted) and found.rootfs.walk(wanted, follow=False).final is None:
            raise InputError(_of_glob(wanted, found))
        return explain(found.plan, found.rootfs, found.inventory, found.bom, wanted)


def _of_glob(glob: ImagePath, found: PlanEvidence) -> str:
    """Return the error for a glob: one path is explained at a time."""
    matching = () if glob_problem(glob) is not None else PathIndex(found.rootfs).match(glob)
    if not matching:
        return f"no path of the image is or matches {glob!r}"
    kept = sum(path in found.plan.keep for path in matching)
    paths = "path matches" if len(matching) == 1 else "paths match"
    return (
        f"{glob!r} is a glob, and `careen why` explains one path: {len(matching):,} {paths},"
        f" {kept:,} of them kept; name one, such as {matching[0]}"
    )
