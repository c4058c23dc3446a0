"""The difference between a container's root and its image, as a layer.

It is read from the engine's overlay directory, or else from a temporary image of the container.
"""

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from careen.engines.client.client import LONG, Client, full_id
from careen.engines.leftovers import image_name_leftover
from careen.engines.upper_layer import UnresolvedOverlayError, write_upper
from careen.errors import ToolError
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive
from careen.oci.tar.write import END
from careen.tools.workspace import Workspace


def write_changes(
    client: Client, found: Mapping[str, Any], workspace: Workspace, destination: Path
) -> None:
    """Write the layer of the container with the inspect record `found`.

    Raises ToolError.
    """
    upper = readable_upper(client, found)
    if upper is not None:
        try:
            write_upper(upper, destination)
        except UnresolvedOverlayError:
            pass  # the directory alone does not say everything; the engine does
        else:
            return
    write_committed(client, found, workspace, destination)


def readable_upper(client: Client, found: Mapping[str, Any]) -> Path | None:
    """Return the overlay's upper directory, or None if its content cannot be used.

    None with another storage driver or user, a daemon on another machine, or shifted owners.
    """
    upper = overlay_upper_directory(client, found)
    if upper is None or (found.get("HostConfig") or {}).get("UsernsMode") not in (None, "", "host"):
        return None
    return None if client.maps_users() else upper


def overlay_upper_directory(client: Client, found: Mapping[str, Any]) -> Path | None:
    """Return the overlay's upper directory for reading names, or None.

    None with another storage driver or user, or a daemon on another machine.
    """
    driver = found.get("GraphDriver") or {}
    upper = (driver.get("Data") or {}).get("UpperDir")
    if (
        driver.get("Name") != client.driver
        or not upper
        or os.geteuid() != 0
        or not Path(str(upper)).is_dir()
    ):
        return None
    return Path(str(upper))


def write_committed(
    client: Client, found: Mapping[str, Any], workspace: Workspace, destination: Path
) -> None:
    """Commit the container to a temporary image, write its top layer, and remove the image.

    Raises ToolError.
    """
    name = f"careen-changes:{secrets.token_hex(8)}"
    leftover = image_name_leftover(client, name)
    workspace.record(leftover)
    directory = workspace.directory("changes")
    try:
        client.call(
            "commit",
            str(found.get("Id")),
            name,
            doing="making an image of what the container has changed",
            timeout=LONG,
        )
        archive = directory / "image.tar"
        client.call(
            "save",
            "--output",
            str(archive),
            name,
            doing="saving what the container has changed",
            timeout=LONG,
        )
        client.remove_image(name)
        workspace.forget(leftover)
        _take_top(archive, _layers_below(client, found), directory, destination)
    except OSError as error:
        msg = (
            f"reading what the container has changed: {error.strerror or error}; free some space,"
            " or name another disk with --work-dir"
        )
        raise ToolError(msg) from error
    finally:
        client.remove_image(name)
        workspace.forget(leftover)
        shutil.rmtree(directory, ignore_errors=True)


def _layers_below(client: Client, found: Mapping[str, Any]) -> int:
    """Return the number of layers of the container's image."""
    image = client.inspect_image(full_id(found.get("Image")))
    if image is None:
        msg = (
            f"reading what the container has changed: {client.name} no longer has the container's"
            " image"
        )
        raise ToolError(msg)
    return len((image.get("RootFS") or {}).get("Layers") or ())


def _take_top(archive: Path, below: int, scratch: Path, destination: Path) -> None:
    with (
        open_image(
            DockerArchive(archive, None), None, scratch, name="what the container has changed"
        ) as image,
        destination.open("wb") as out,
    ):
        if len(image.layers) == below:  # nothing has changed
            out.write(END)
            return
        if len(image.layers) != below + 1:
            msg = (
                f"reading what the container has changed: the engine made {len(image.layers)}"
                f" layers of {below} and the changes; expected {below + 1}"
            )
            raise ToolError(msg)
        with image.layers[-1].open() as layer:
            shutil.copyfileobj(layer, out, 1 << 20)
