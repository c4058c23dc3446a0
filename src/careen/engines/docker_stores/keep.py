"""Keep an image of docker's from being removed: by a container of it that never starts."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from careen.engines.docker.cli import call, inspect_image
from careen.engines.docker.engine import LABEL
from careen.engines.leftovers import DOCKER_CONTAINER, remove_docker_container
from careen.errors import ToolError
from careen.tools.workspace import Leftover, Workspace

_MAX_VOLUMES = 100


@contextmanager
def kept_from_removal(image_id: str, workspace: Workspace) -> Iterator[None]:
    """Within the block docker does not remove the layers of an image, whoever asks.

    Raises ToolError where docker makes no container of it; what it may have made is in the journal.
    """
    name = f"careen-{secrets.token_hex(8)}"
    left = Leftover(DOCKER_CONTAINER, name)
    workspace.record(left)
    label = f"{LABEL}={workspace.path.name}"
    # An image without a command makes no container: any word will do.
    words = (
        "--pull",
        "never",
        "--name",
        name,
        "--label",
        label,
        "--network",
        "none",
        "--entrypoint",
        "/careen",
    )
    call(
        "create",
        *words,
        *_instead_of_volumes(inspect_image(image_id) or {}),
        image_id,
        doing="keeping the image from removal",
    )
    try:
        yield
    finally:
        try:
            remove_docker_container(name)
            workspace.forget(left)
        except ToolError:
            pass  # it stays in the journal: the run's end tries again, and says so


def _instead_of_volumes(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield a mount for each volume of the image: docker would make one, and copy the image's files
    to it.
    """
    volumes = (found.get("Config") or {}).get("Volumes") or {}
    if len(volumes) > _MAX_VOLUMES:
        msg = f"keeping the image from removal: it has {len(volumes)} volumes"
        raise ToolError(msg)
    for path in volumes:
        if '"' in path or "," in path or "\n" in path:
            msg = f"keeping the image from removal: its volume {path[:100]!r} cannot be named"
            raise ToolError(msg)
        yield "--mount"
        yield f"type=tmpfs,destination={path}"
