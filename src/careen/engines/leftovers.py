"""What the engines leave behind when careen dies, and the cleaner of each kind."""

import json
from collections.abc import Mapping
from functools import partial

from careen.engines.cgroups import end_cgroup
from careen.engines.client.client import CLIENTS, DOCKER, Client
from careen.engines.compose.project import PROJECT, remove_project
from careen.engines.hold import remove_hold, thaw_hold
from careen.engines.mounts import unmount
from careen.errors import ToolError
from careen.tools.process import Program, run
from careen.tools.workspace import Cleaner, Leftover, StillUsedError

RUNC_CONTAINER = "runc-container"
MOUNT = "mount"
HOLD = "held-cgroup"
FROZEN = "frozen-cgroup"

_USED = ("image is being used by", "image used by ")
"""Messages if a container, running or stopped, uses the image. Two runs with the same image load it
once.
"""

RUNTIME = Program(("runc", "crun"), "runc")


def container_leftover(client: Client, name: str) -> Leftover:
    """Return the leftover for a container of docker or podman."""
    return Leftover(f"{client.name}-container", name)


def image_leftover(client: Client, image_id: str) -> Leftover:
    """Return the leftover for a loaded image of docker or podman that has no name."""
    return Leftover(f"{client.name}-image", image_id)


def image_name_leftover(client: Client, name: str) -> Leftover:
    """Return the leftover for a temporary name of an image of docker or podman."""
    return Leftover(f"{client.name}-image-name", name)


def remove_container(client: Client, name: str) -> None:
    """Kill and remove a container and its anonymous volumes; do nothing if it does not exist."""
    words = (client.program.require(), "rm", *client.remove_words, "--force", "--volumes", name)
    done = run(words, timeout=120.0)
    if done.status != 0 and "no such container" not in done.complaint.lower():
        raise client.failure(done, f"removing container {name}")


def remove_unnamed_image(client: Client, image_id: str) -> None:
    """Remove a loaded image that has no name; do nothing if it does not exist.

    Raises StillUsedError while a container uses it.
    """
    found = client.inspect_image(image_id)
    if found is None or found.get("RepoTags"):
        return
    try:
        client.remove_image(image_id)
    except ToolError as error:
        if any(words in str(error) for words in _USED):
            msg = (
                f"image {image_id} stays for now, as a container uses it that this run did not"
                " start; the next run removes it"
            )
            raise StillUsedError(msg) from error
        raise


def runc_leftover(program: str, root: str, container_id: str) -> Leftover:
    """Return the leftover for a container of the embedded engine."""
    return Leftover(RUNC_CONTAINER, json.dumps([program, root, container_id]))


def remove_runc_container(name: str) -> None:
    """Kill and delete a container of the embedded engine and empty its control group."""
    program, root, container_id = json.loads(name)
    found = Program((program,), "runc").path()
    if found is not None:
        run((found, "--root", root, "delete", "--force", container_id), timeout=60.0)
    end_cgroup(container_id)


def cleaners() -> Mapping[str, Cleaner]:
    """Return the cleaner for every kind of leftover of the engines."""
    found: dict[str, Cleaner] = {
        RUNC_CONTAINER: remove_runc_container,
        MOUNT: unmount,
        HOLD: remove_hold,
        FROZEN: thaw_hold,
        PROJECT: partial(remove_project, DOCKER),
    }
    for client in CLIENTS:
        found[container_leftover(client, "").kind] = partial(remove_container, client)
        found[image_leftover(client, "").kind] = partial(remove_unnamed_image, client)
        found[image_name_leftover(client, "").kind] = client.remove_image
    return found
