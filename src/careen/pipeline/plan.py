"""Plan an image from its RBOM, or return the plan that an earlier run made of both."""

from dataclasses import dataclass
from pathlib import Path

from careen.adequacy.threshold import below_recorded
from careen.pipeline.run.known_plans import known_plan
from careen.pipeline.run.planned import Planned, PlansOfRbom, totalled
from careen.pipeline.run.previous import with_previous
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import PlanChoices, ProofChoices
from careen.pipeline.run.source import examine, locate, open_located
from careen.rbom.store import MAX_RBOM, read_rbom
from careen.tools.read_file import parsed, read_file


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What to plan: an image, the file of its RBOM, and the choices.

    `proof` says what to do if the RBOM records an adequacy that is too low.
    """

    image: str
    rbom: Path
    choices: PlanChoices
    proof: ProofChoices


def plan_image(request: PlanRequest, session: Session) -> Planned:
    """Return the plan of an image.

    Raises ConfigError (an unusable RBOM), InputError (no such image, the RBOM of another one),
    ImageError, EvidenceError or PolicyError.
    """
    data = read_file(request.rbom, MAX_RBOM)
    bom = None
    choices = request.choices
    if request.proof.minimum is not None:
        bom = parsed(data, request.rbom, read_rbom)
        choices = request.proof.at_adequacy(below_recorded(bom, request.proof.minimum), choices)
    choices = with_previous(choices, session)
    located = locate(request.image, session)
    made = PlansOfRbom.of(data, choices, session)
    seen = session.known.at(located.place)
    if made is not None and seen is not None and (planned := made.get(seen.config_digest)):
        session.reused.add(images=1, plans=1)
        return planned
    # An RBOM that cannot be used is refused before gigabytes are read.
    bom = bom or parsed(data, request.rbom, read_rbom)
    with session.stage("inspect"):
        image = open_located(located, session)
    with image:
        with session.stage("inspect"):
            examined = examine(image, session)
        with session.stage("plan"):
            planned = totalled(known_plan(examined, bom, choices, session), examined.rootfs)
    if made is not None:
        made.put(planned)
    return planned
