"""Strip an image by a plan or an RBOM, check the bytes, and promote; nothing is run."""

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass, replace

from careen.errors import InputError
from careen.model.measure import Measure
from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.oci.changes.edit import LayerCache
from careen.oci.image import Image
from careen.pipeline.proof.inspected import strip_inspected
from careen.pipeline.run.known_plans import choices_text, known_plan
from careen.pipeline.run.known_results import Key, known_result, note_result, result_key
from careen.pipeline.run.layer_packer import LayerPacker
from careen.pipeline.run.planning import rbom_sha256
from careen.pipeline.run.previous import with_previous
from careen.pipeline.run.promote import (
    Push,
    check_destination,
    pack_layers,
    promote,
    promote_packed,
)
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination, PlanChoices
from careen.pipeline.run.source import Examined, Located, examine, is_lasting, locate, open_located
from careen.pipeline.run.stripping import check_time
from careen.plan.store import write_plan
from careen.registries.deliver import Packed


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
    destination = request.destination
    with ExitStack() as open_images:
        with session.stage("inspect"):
            located = locate(request.image, session)
            key = _key(request, located, session)
            known = known_result(key, session)
        if known is not None:
            with session.stage("promote"):
                places = promote_packed(known.made, destination, session)
            return Applied(known.original, known.result, places)
        with session.stage("inspect"):
            image = open_images.enter_context(open_located(located, session))
            original = examine(image, session)
        with session.stage("plan"):
            plan = _settle_plan(request, original, session)
        packer = LayerPacker(image, session, destination.compression)
        memory = LayerCache(packer.layer_of) if destination.packs else None
        result = strip_inspected(original, plan, open_images, session, "the new image", memory)
        with session.stage("promote"):
            packer.settle()
            made = _packed(result.image, destination, session)
            places = promote(result.image, None, destination, session, Push(made))
            if made is not None and is_lasting(located, image, session):
                measures = original.measure, result.measure
                note_result(key, result.image, made, measures, session)
        return Applied(original.measure, result.measure, places)


def _packed(image: Image, destination: Destination, session: Session) -> Packed | None:
    return pack_layers(image, destination.compression, session) if destination.packs else None


def _key(request: ApplyRequest, located: Located, session: Session) -> Key | None:
    """Return the key of the result, or None if nothing is remembered of it."""
    destination = request.destination
    if destination.tag is not None or not destination.is_packed:
        return None
    if request.plan is not None:
        basis = f"plan {hashlib.sha256(write_plan(request.plan)).hexdigest()}"
    elif request.bom is not None:
        basis = f"rbom {rbom_sha256(request.bom)} {choices_text(request.choices)}"
    else:
        return None
    return result_key(located.place, f"{located.text} {basis}", destination.compression, session)


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
