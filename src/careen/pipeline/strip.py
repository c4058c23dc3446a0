"""Strip an image by a plan or an RBOM, check the bytes, and promote; nothing is run."""

from contextlib import ExitStack
from dataclasses import dataclass, replace

from careen.errors import InputError
from careen.model.measure import Measure
from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.pipeline.proof.inspected import strip_inspected
from careen.pipeline.run.known_plans import known_plan
from careen.pipeline.run.previous import with_previous
from careen.pipeline.run.promote import check_destination, promote
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination, PlanChoices
from careen.pipeline.run.source import Examined, examine, open_source
from careen.pipeline.run.stripping import check_time


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """An image, a destination, and either a plan or an RBOM to plan from by `choices`."""

    image: str
    destination: Destination
    plan: Plan | None
    bom: RuntimeBom | None
    choices: PlanChoices


@dataclass(frozen=True, slots=True)
class Applied:
    """Figures of both images, and the names of the result."""

    original: Measure
    result: Measure
    places: tuple[str, ...]


def apply(request: ApplyRequest, session: Session) -> Applied:
    """Strip an image and promote the result.

    Raises InputError if the plan is of another image, VerificationError if the bytes are not as
    planned.
    """
    check_destination(request.destination, request.image, session)
    check_time()
    request = replace(request, choices=with_previous(request.choices, session))
    with ExitStack() as open_images:
        with session.stage("inspect"):
            image = open_images.enter_context(open_source(request.image, session))
            original = examine(image, session)
        with session.stage("plan"):
            plan = _settle_plan(request, original, session)
        result = strip_inspected(original, plan, open_images, session, "the new image")
        with session.stage("promote"):
            places = promote(result.image, None, request.destination, session)
        return Applied(original.measure, result.measure, places)


def _settle_plan(request: ApplyRequest, original: Examined, session: Session) -> Plan:
    """Return the given plan if it is of this image, or make one from the RBOM."""
    if request.plan is None:
        if request.bom is None:
            msg = "nothing to apply: give a plan, or an RBOM to plan from"
            raise InputError(msg)
        return known_plan(original, request.bom, request.choices, session)
    planned, here = request.plan.image, original.image.ref
    if planned.config_digest != here.config_digest:
        msg = (
            f"the plan is of another image: {planned.reference} (config {planned.config_digest}),"
            f" not {request.image} ({here.config_digest})"
        )
        raise InputError(msg)
    return request.plan
