"""Check of a profile or RBOM against the minimum adequacy that the user requires."""

from careen.adequacy.words import percent
from careen.model.adequacy import Adequacy
from careen.model.rbom import RunKind, RuntimeBom


def below(adequacy: Adequacy, minimum: float) -> str | None:
    """Return in one line why a profile is below `minimum` (a share), None if it is not.

    An unknown score is below any minimum.
    """
    if adequacy.score is None:
        return (
            f"the profile's adequacy is not known, but at least {percent(minimum)} is required:"
            f" {adequacy.verdict}"
        )
    if adequacy.score >= minimum:
        return None
    return (
        f"the profile's adequacy is {percent(adequacy.score)}, but at least {percent(minimum)} is"
        f" required: {adequacy.verdict}"
    )


def score_of(bom: RuntimeBom) -> float | None:
    """Return the smallest score of an RBOM's workload runs.

    None if there are no runs, a score is unknown, or the RBOM is incomplete.
    """
    if not bom.completeness.complete:
        return None
    scores = [run.adequacy for run in bom.runs if run.kind is not RunKind.EXPLORATION]
    known = [score for score in scores if score is not None]
    return min(known) if known and len(known) == len(scores) else None


def below_recorded(bom: RuntimeBom, minimum: float) -> str | None:
    """Return in one line why an RBOM is below `minimum` (a share), None if it is not.

    An unknown score is below any minimum.
    """
    seen = bom.completeness
    if not seen.complete:
        return (
            f"the RBOM is incomplete ({seen.sentence()}), so its adequacy is unknown, but at least"
            f" {percent(minimum)} is required"
        )
    score = score_of(bom)
    if score is None:
        return (
            f"the RBOM has no adequacy, but at least {percent(minimum)} is required:"
            " profile the image again"
        )
    if score >= minimum:
        return None
    return (
        f"the RBOM's adequacy is {percent(score)}, but at least {percent(minimum)} is required:"
        " `careen profile` shows what its tests do not cover"
    )
