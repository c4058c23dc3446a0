"""What the engines leave behind when careen dies, and the cleaner of each kind."""

import json
from collections.abc import Mapping

from careen.engines.cgroups import end_cgroup
from careen.engines.docker.cli import DOCKER, failure, inspect_image, try_call
from careen.engines.hold import remove_hold, thaw_hold
from careen.engines.mounts import unmount
from careen.errors import ToolError
from careen.tools.process import Program, run
from careen.tools.workspace import Cleaner, Leftover, StillUsedError

DOCKER_CONTAINER = "docker-container"
DOCKER_IMAGE = "docker-image"
DOCKER_IMAGE_NAME = "docker-image-name"
RUNC_CONTAINER = "runc-container"
MOUNT = "mount"
HOLD = "held-cgroup"
FROZEN = "frozen-cgroup"

_USED = "image is being used by"
"""Docker's message if a container, running or stopped, uses the image. Two runs with the same image
load it once.
"""

RUNTIME = Program(("runc", "crun"), "runc")


def remove_docker_container(name: str) -> None:
    """Kill and remove a container and its anonymous volumes; do nothing if it does not exist."""
    words = (DOCKER.require(), "rm", "--force", "--volumes", name)
    done = run(words, timeout=120.0)
    if done.status != 0 and "no such container" not in done.complaint.lower():
        raise failure(done, f"removing container {name}")


def remove_docker_image(image_id: str) -> None:
    """Remove a loaded image that has no name; do nothing if it does not exist.

    Raises StillUsedError while a container uses it.
    """
    found = inspect_image(image_id)
    if found is None or found.get("RepoTags"):
        return
    try:
        try_call(
            "image",
            "rm",
            image_id,
            doing=f"removing image {image_id}",
            absent="no such image",
            timeout=300.0,
        )
    except ToolError as error:
        if _USED in str(error):
            msg = (
                f"image {image_id} stays for now, as a container uses it that this run did not"
                " start; the next run removes it"
            )
            raise StillUsedError(msg) from error
        raise


def remove_docker_image_name(name: str) -> None:
    """Remove a temporary name of an image, and the image if it has no other name.

    Does nothing if the name does not exist.
    """
    try_call(
        "image", "rm", name, doing=f"removing image {name}", absent="no such image", timeout=300.0
    )


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
    return {
        DOCKER_CONTAINER: remove_docker_container,
        DOCKER_IMAGE: remove_docker_image,
        DOCKER_IMAGE_NAME: remove_docker_image_name,
        RUNC_CONTAINER: remove_runc_container,
        MOUNT: unmount,
        HOLD: remove_hold,
        FROZEN: thaw_hold,
    }
