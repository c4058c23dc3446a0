"""Give each image of an incident the result back that it had before."""

from dataclasses import replace
from pathlib import Path

from careen.engines.client.client import DOCKER
from careen.errors import CareenError, ToolError
from careen.model.incident import Incident, IncidentImage, Standing
from careen.oci.reference import in_registry
from careen.pipeline.incidents.before import restore_before
from careen.pipeline.incidents.state import write_incident
from careen.pipeline.watching.image_list import Watched
from careen.pipeline.watching.lock import only_image
from careen.registries.retag import retag
from careen.registries.skopeo import Skopeo


def roll_back(
    incident: Incident,
    listed: tuple[Watched, ...],
    state: Path,
    now: str,
    skopeo: Skopeo,
) -> Incident:
    """Move the tags of the fixed images back, and return the incident.

    The tag in the registry moves first: it is what is deployed. An image without an earlier result
    keeps the new one, and its `detail` says so. Raises InputError or ToolError at the first tag
    that cannot be moved; those before it are written down.
    """
    by_tag = {watched.tag: watched for watched in listed}
    for i, image in enumerate(incident.images):
        if image.standing is not Standing.FIXED:
            continue
        done = _moved_back(incident.identifier, image, by_tag.get(image.tag), state, now, skopeo)
        images = (*incident.images[:i], done, *incident.images[i + 1 :])
        incident = replace(incident, images=images)
        write_incident(state, incident)
    return incident


def _moved_back(
    identifier: str,
    image: IncidentImage,
    watched: Watched | None,
    state: Path,
    now: str,
    skopeo: Skopeo,
) -> IncidentImage:
    if not image.before:
        return replace(image, detail="not rolled back: it had no result before the incident")
    if watched is None:
        return replace(image, detail="not rolled back: no entry of the list makes this tag")
    with only_image(state, watched.key, now):
        if image.registry_before:
            retag(in_registry(image.tag), image.registry_before, skopeo)
        try:
            DOCKER.call("tag", image.before, image.tag, doing=f"tagging {image.tag!r}")
        except CareenError as error:
            if not image.registry_before:
                msg = f"{image.tag}: its earlier result cannot be tagged: {error}"
                raise ToolError(msg) from error
        restore_before(state, identifier, watched.key)
    return replace(image, standing=Standing.ROLLED_BACK, detail="")
