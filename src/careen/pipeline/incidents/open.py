"""Open an incident: fix which images it is about, in which order, and what is done to each."""

from collections.abc import Mapping
from pathlib import Path

from careen.errors import CareenError, InputError
from careen.model.incident import Fix, Incident, IncidentImage, Remedy
from careen.pipeline.incidents.affected import Exposure, in_waves
from careen.pipeline.incidents.state import incident_file, write_incident
from careen.pipeline.incidents.stated import stated, with_remedy
from careen.pipeline.incidents.update import Images
from careen.pipeline.watching.image_list import Watched
from careen.pipeline.watching.lock import only_pass


def open_incident(
    identifier: str, exposure: Exposure, images: Images, state: Path, now: str
) -> Incident:
    """Write the file of a new incident and return it. Raises InputError if it is open already."""
    file = incident_file(state, identifier)
    with only_pass(file.with_suffix(""), now):
        if file.exists():
            msg = (
                f"incident {identifier} is open already ({file}): work it off with `careen fleet"
                f" incident run {identifier}`, or remove that file to begin again"
            )
            raise InputError(msg)
        unlisted = sorted({each.name for each in exposure.affected if each.watched is None})
        incident = Incident(
            identifier.upper(),
            now,
            in_waves(exposure.affected),
            tuple(unlisted),
            exposure.unanswered,
            exposure.unknown,
        )
        listed = {each.watched.tag: each.watched for each in exposure.affected if each.watched}
        incident = _with_fixes(incident, listed, images, state)
        write_incident(state, incident)
    return incident


def _with_fixes(
    incident: Incident, listed: Mapping[str, Watched], images: Images, state: Path
) -> Incident:
    """Return the incident with the fix of each image; what cannot be fixed is stated at once."""
    for i, image in enumerate(incident.images):
        watched = listed[image.tag]
        incident = incident.with_image(i, _with_fix(image, watched, images))
        if incident.images[i].fix is Fix.NONE:
            incident = incident.with_image(i, stated(incident, i, watched, images, state))
    return incident


def _with_fix(image: IncidentImage, watched: Watched, images: Images) -> IncidentImage:
    try:
        return with_remedy(image, images.known(watched, image).remedy)
    except CareenError as error:  # a careen.toml with a mistake fails when its turn comes
        return with_remedy(image, Remedy(Fix.NOT_KNOWN, str(error)))
