"""Keep an image of docker's from being removed: by a container of it that never starts."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from careen.engines.docker import LABEL
from careen.engines.docker_cli import call
from careen.engines.leftovers import DOCKER_CONTAINER, remove_docker_container
from careen.tools.workspace import Leftover, Workspace


@contextmanager
def kept_from_removal(image_id: str, workspace: Workspace) -> Iterator[None]:
    """Within the block docker does not remove the layers of an image, whoever asks. Raises ToolError."""
    name = f"careen-{secrets.token_hex(8)}"
    left = Leftover(DOCKER_CONTAINER, name)
    workspace.record(left)
    label = f"{LABEL}={workspace.path.name}"
    # An image without a command makes no container: any word will do.
    words = ("--pull", "never", "--name", name, "--label", label, "--network", "none", "--entrypoint", "/careen")
    call("create", *words, image_id, doing="keeping the image from removal")
    try:
        yield
    finally:
        remove_docker_container(name)
        workspace.forget(left)
