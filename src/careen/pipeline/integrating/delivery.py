"""Where the result of the last good run is, and how it comes to names that it does not have yet.

One run may have put it into docker's store, and another one asks for it in a registry.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from careen.errors import CareenError, ConfigError, ToolError
from careen.oci.reference import RegistryImage
from careen.pipeline.integrating.decide import EVERYWHERE, Whereabouts
from careen.pipeline.integrating.inputs import digest_at, result_digest
from careen.pipeline.integrating.request import CiRequest
from careen.pipeline.integrating.state import Stored
from careen.pipeline.run.attachments import attachments_of
from careen.pipeline.run.evidence import manifest_fault, note_promotion
from careen.pipeline.run.promote import Push, check_destination, promote
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination
from careen.pipeline.run.source import open_source


def place_of(name: str, places: Mapping[str, str]) -> str:
    """Return the place by which a state knows a name, "" without one.

    A place in a registry is a name with a digest.
    """
    return next((place for place in places if place == name or place.startswith(f"{name}@")), "")


def places_asked(destination: Destination, stored: Stored) -> tuple[str, ...]:
    """Return the places of a result that a run asks for."""
    named = (place_of(name, stored.places) for name in destination.describe())
    return tuple(place for place in named if place)


def whereabouts(destination: Destination, stored: Stored, session: Session) -> Whereabouts:
    """Look for a result at the names that are asked for, and elsewhere if it is not there.

    Raises ToolError for a registry or a store that does not answer.
    """
    missing: list[str] = []
    gone = ""
    for name in destination.describe():
        place = place_of(name, stored.places)
        found = digest_at(place, session) if place else ""
        if not found:
            missing.append(name)
            gone = gone or place
        elif found != stored.places[place]:
            wrong = f"the result {place} is another image than the one that was verified"
            return Whereabouts(wrong=wrong)
    if not missing:
        return EVERYWHERE
    source = next((each for each in stored.places if _has(each, stored, session)), "")
    if not source:
        return Whereabouts(wrong=f"the result {gone or next(iter(stored.places), '')} is gone")
    return Whereabouts(tuple(missing), source)


def _has(place: str, stored: Stored, session: Session) -> bool:
    try:
        return digest_at(place, session) == stored.places[place]
    except CareenError:  # a store of another machine
        return False


def bring(
    request: CiRequest,
    stored: Stored,
    at: Whereabouts,
    evidence: Path,
    session: Session,
    keep: Callable[[Stored], None],
) -> Stored:
    """Give the result the names that it does not have, and return the new state.

    `keep` stores a state. Nothing is run. Raises InputError, ConfigError, ImageError or ToolError
    before any name is given. Once the names are given nothing is raised: what fails is a note, and
    the next run looks at a place again that could not be asked.
    """
    if at.wrong:
        raise ToolError(at.wrong)
    if not at.missing:
        return stored
    wanted = request.destination
    going = replace(
        wanted,
        tag=wanted.tag if wanted.tag in at.missing else None,
        outputs=tuple(each for each in wanted.outputs if str(each) in at.missing),
    )
    # Without a registry there is nothing to attach to.
    to_registry = any(isinstance(each, RegistryImage) for each in going.outputs)
    going = replace(going, attach=going.attach and to_registry)
    attachments = attachments_of(evidence, going)
    if fault := manifest_fault(evidence, stored.result):
        raise ConfigError(fault)
    check_destination(going, request.image, session)
    with session.stage("promote"), open_source(at.source, session) as image:
        if image.ref.config_digest != stored.result:
            msg = f"{at.source}: is another image than a moment ago; run it again"
            raise ToolError(msg)
        names = promote(image, None, going, session, Push(attachments=attachments))
    places = {
        **{
            place: digest
            for place, digest in stored.places.items()
            if not any(place_of(name, {place: digest}) for name in at.missing)
        },
        **_digests(names, session),
    }
    stored = replace(stored, places=places)
    # The places first: a run that is killed here leaves evidence that is as the state says.
    keep(stored)
    try:
        changed = note_promotion(evidence, names, session, signs=request.key is not None)
    except CareenError as error:
        session.progress.note(f"the manifest does not state {', '.join(names)}: {error}")
        return stored
    if changed and stored.attested:  # the manifest that was signed has changed
        stored = replace(stored, attested=())
        keep(stored)
    return stored


def _digests(names: tuple[str, ...], session: Session) -> Mapping[str, str]:
    """Return the digest of each new name; one that cannot be asked is left out."""
    out: dict[str, str] = {}
    for name in names:
        try:
            out[name] = result_digest(name, session)
        except CareenError as error:
            session.progress.note(f"{name}: the next run gives the result this name again: {error}")
    return out
