"""Write down what is known of an image of an incident: its fix, and what VEX states of it."""

from dataclasses import replace
from pathlib import Path

from careen.errors import CareenError
from careen.model.incident import Fix, Incident, IncidentImage, Remedy
from careen.pipeline.incidents.state import incident_file
from careen.pipeline.incidents.update import Images
from careen.pipeline.watching.image_list import Watched
from careen.report.directory import write_report

ROLLED_BACK = "not stated: the result of before the incident is back"
SUFFIX = ".openvex"  # not .json: `fleet index` of the same directory takes that for an SBOM


def with_remedy(image: IncidentImage, remedy: Remedy) -> IncidentImage:
    """Return an image with its fix; one that is known stays if nothing is known any more."""
    if remedy.fix is Fix.NOT_KNOWN and image.fix is not Fix.NOT_KNOWN:
        return image
    return replace(image, fix=remedy.fix, why=remedy.why)


def stated(
    incident: Incident, place: int, watched: Watched, images: Images, state: Path
) -> IncidentImage:
    """Write the statement about an image's result beside the incident, and return the image.

    What cannot be stated is said in its place: the fix does not depend on it.
    """
    image = incident.images[place]
    try:
        known = images.known(watched, image)
        if known.document is not None:
            file = _file(incident, watched.key, state)
            write_report(file.parent, {file.name: known.document})
    except CareenError as error:
        return replace(image, vex=f"not stated: {error}")
    return replace(image, vex=known.vex)


def withdrawn(incident: Incident, image: IncidentImage, key: str, state: Path) -> IncidentImage:
    """Remove the statement about a result that no name means any more, and return the image."""
    file = _file(incident, key, state)
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        return replace(image, vex=f"not withdrawn: {file}: {error.strerror}")
    return replace(image, vex=ROLLED_BACK)


def _file(incident: Incident, key: str, state: Path) -> Path:
    return incident_file(state, incident.identifier).with_suffix("") / f"{key}{SUFFIX}"
