"""Protection of an image from removal, by a container that never starts."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from careen.engines.client.client import Client
from careen.engines.client.engine import LABEL
from careen.engines.leftovers import container_leftover, remove_container
from careen.errors import ToolError
from careen.tools.workspace import Workspace

_MAX_VOLUMES = 100


@contextmanager
def pinned_image(client: Client, image_id: str, workspace: Workspace) -> Iterator[None]:
    """Keep an engine from removing the layers of an image within the block.

    Raises ToolError if it cannot create the container; leftovers are in the journal.
    """
    name = f"careen-{secrets.token_hex(8)}"
    left = container_leftover(client, name)
    workspace.record(left)
    label = f"{LABEL}={workspace.path.name}"
    # A command is required; any word will do.
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
    client.call(
        "create",
        *words,
        *_instead_of_volumes(client.inspect_image(image_id) or {}),
        image_id,
        doing="keeping the image from removal",
    )
    try:
        yield
    finally:
        try:
            remove_container(client, name)
            workspace.forget(left)
        except ToolError:
            pass  # it stays in the journal; the run's end tries again and reports it


def _instead_of_volumes(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield mount options in place of the image's volumes."""
    # The engine would create volumes and copy the image's files to them.
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
