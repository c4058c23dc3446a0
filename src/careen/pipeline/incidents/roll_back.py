"""Give each name that an incident moved the result back that it had before."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from careen.errors import CareenError, ToolError
from careen.model.incident import Incident, IncidentImage, Standing
from careen.oci.reference import EngineImage, RegistryImage, parse_reference
from careen.pipeline.incidents.removals import keep_removals
from careen.pipeline.incidents.state import write_incident
from careen.pipeline.incidents.stated import withdrawn
from careen.pipeline.integrating.inputs import digest_at
from careen.pipeline.run.session import Session
from careen.pipeline.run.timestamp import now
from careen.pipeline.watching.image_list import Watched
from careen.pipeline.watching.lock import only_pass
from careen.registries.retag import retag


def roll_back(
    incident: Incident, listed: Mapping[str, Watched], state: Path, session: Session
) -> tuple[Incident, bool]:
    """Move the names of all promoted images back; return the incident and whether all were moved.

    A name that means another image by now stays, and so does one that meant none before; `detail`
    says which. What the incident removed from an image is no longer removed, whether its names
    moved or not. Each image is written down. Raises InputError if the file cannot be written.
    """
    whole = True
    for i, image in enumerate(incident.images):
        if image.standing is Standing.ROLLED_BACK or not image.begun:
            continue
        session.progress.note(f"rolling back {image.tag}")
        try:
            with only_pass(state / _key(image, listed), now()):
                # What is asked for later is again what it was before.
                keep_removals(state / _key(image, listed), incident.identifier, ())
                moved = _moved(image, session)
            if not moved:
                continue
            gone = withdrawn(incident, image, _key(image, listed), state)
            done = replace(gone, standing=Standing.ROLLED_BACK, detail="", status=0)
        except CareenError as error:
            whole, done = False, replace(image, detail=f"not rolled back: {error}")
        incident = incident.with_image(i, done)
        write_incident(state, incident)
    return incident, whole


def _key(image: IncidentImage, listed: Mapping[str, Watched]) -> str:
    watched = listed.get(image.tag)
    if watched is None:
        msg = "no entry of the list makes this tag any more"
        raise ToolError(msg)
    return watched.key


def _moved(image: IncidentImage, session: Session) -> bool:
    """Move the names of an image back; return whether it had moved any. Raises ToolError."""
    if not image.after:
        # The run was cut off: it may have promoted a result, and so may somebody else.
        for place, digest in image.before.items():
            if (found := digest_at(place, session)) != digest:
                msg = (
                    f"{place} means {found or 'no image'} now, and the run that was cut off did not"
                    f" write down whether that is its result; it meant {digest} before"
                )
                raise ToolError(msg)
    if image.after in ({}, image.before):
        return False
    for place, digest in image.after.items():
        if place not in image.before:
            msg = f"{place} meant no image before the incident"
            raise ToolError(msg)
        if digest_at(place, session) != digest:
            msg = f"{place} means another image by now"
            raise ToolError(msg)
    for place, digest in image.before.items():
        reference = parse_reference(place)
        match reference:
            case RegistryImage():
                retag(reference, digest, session.skopeo)
            case EngineImage():
                doing = f"tagging {reference.name!r}"
                session.store.client.call("tag", digest, reference.name, doing=doing)
            case _:
                msg = f"{place}: only names in a registry or in an engine's store are moved back"
                raise ToolError(msg)
    return True
