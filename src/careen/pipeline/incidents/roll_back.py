"""Give each name that an incident moved the result back that it had before."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from careen.engines.client.client import DOCKER
from careen.errors import InputError
from careen.model.incident import Incident, IncidentImage, Standing
from careen.oci.reference import EngineImage, RegistryImage, parse_reference
from careen.pipeline.incidents.state import write_incident
from careen.registries.retag import retag
from careen.registries.skopeo import Skopeo


def roll_back(
    incident: Incident, state: Path, skopeo: Skopeo, say: Callable[[str], None]
) -> Incident:
    """Move the names of the fixed images back, and return the incident.

    An image without an earlier result keeps the new one, and its `detail` says so. Raises
    InputError or ToolError at the first name that cannot be moved; those before it are written
    down.
    """
    for i, image in enumerate(incident.images):
        if image.standing is not Standing.FIXED:
            continue
        say(image.tag)
        done = _moved_back(image, skopeo)
        images = (*incident.images[:i], done, *incident.images[i + 1 :])
        incident = replace(incident, images=images)
        write_incident(state, incident)
    return incident


def _moved_back(image: IncidentImage, skopeo: Skopeo) -> IncidentImage:
    if not image.before:
        return replace(image, detail="not rolled back: it had no result before the incident")
    for place, digest in image.before.items():
        reference = parse_reference(place)
        match reference:
            case RegistryImage():
                retag(reference, digest, skopeo)
            case EngineImage():
                DOCKER.call("tag", digest, reference.name, doing=f"tagging {reference.name!r}")
            case _:
                msg = f"{place}: only names in a registry or in docker's store are moved back"
                raise InputError(msg)
    return replace(image, standing=Standing.ROLLED_BACK, detail="")
