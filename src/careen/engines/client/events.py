"""Events of docker and podman about containers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ContainerEvent:
    """An event: `create` or `start`, the container's id, its image's name or id, its labels."""

    action: str
    container: str
    image: str
    labels: Mapping[str, Any]


def read_event(found: Mapping[str, Any]) -> ContainerEvent:
    """Return an event from either engine's JSON object; what it lacks is empty."""
    # Docker mixes labels and its own attributes, and an image may have a label `image`: docker's
    # own one wins there.
    actor = found.get("Actor")
    if isinstance(actor, dict):
        labels = _mapping(actor.get("Attributes"))
        return ContainerEvent(
            str(found.get("Action") or ""),
            str(actor.get("ID") or ""),
            str(labels.get("image") or ""),
            labels,
        )
    return ContainerEvent(
        str(found.get("Status") or ""),
        str(found.get("ID") or ""),
        str(found.get("Image") or ""),
        _mapping(found.get("Attributes")),
    )


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}
