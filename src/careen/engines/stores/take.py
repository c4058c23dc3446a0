"""Open an image directly from an engine's store, or return why that is not possible."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from careen.engines.client.client import Client
from careen.engines.stores.content import ContentStore, content_folder
from careen.engines.stores.docker_overlay import open_docker_overlay
from careen.engines.stores.keep import pinned_image
from careen.engines.stores.place import Place, local_store
from careen.engines.stores.podman_overlay import is_of_registry, open_podman_overlay
from careen.errors import BudgetError, ImageError, InputError, ToolError
from careen.model.image import Platform
from careen.model.runs.run_budget import RunBudget
from careen.oci.image import Image
from careen.oci.open import Unpacker, open_laid_out, open_saved
from careen.tools.workspace import Workspace


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """How to open an image: its name in messages, platform, work directory and read budget."""

    where: str
    platform: Platform | None
    scratch: Path
    budget: RunBudget


def open_in_place(
    client: Client, image_id: str, taking: OpenRequest, workspace: Workspace
) -> Image | str:
    """Open an image from an engine's store and check every digest, or return why not.

    Only root can read the store. The image is kept from removal until it is closed. Raises
    InputError (no image for the platform) and BudgetError.
    """
    place = local_store(client)
    if place is None:
        return f"{client.name}'s store cannot be read here"
    # A failed attempt must not reduce the budget of the next one.
    spent = RunBudget(meter=taking.budget.meter)
    with spent.reading(), ExitStack() as files:
        unpacker = Unpacker(taking.scratch, files, spent)
        try:
            files.enter_context(pinned_image(client, image_id, workspace))
            opened = _opened(place, image_id, unpacker)
        except BudgetError:
            raise
        except (InputError, ImageError, ToolError, OSError, ValueError) as error:
            return str(error)
        try:
            image = opened(taking.platform, unpacker, taking.where)
        except (ImageError, OSError, ValueError) as error:
            return str(error)
        taking.budget.admit(spent.size)
        taking.budget.unpack(spent.unpacked, taking.where)
        image.budget = taking.budget
        return image
    raise AssertionError(image_id)  # pragma: no cover — ExitStack does not swallow


_SPLIT = {"overlay2": open_docker_overlay, "overlay": open_podman_overlay}


def registry_digests(client: Client, image_id: str, digests: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of an image's repository digests (`repo@sha256:…`) that a registry may know.

    Podman also states digests of manifests that it made itself; none is returned if that cannot be
    told. Raises ToolError.
    """
    if not client.makes_manifests or not digests:
        return digests
    place = local_store(client)
    return digests if place is not None and is_of_registry(place.root, image_id) else ()


def _opened(
    place: Place, image_id: str, unpacker: Unpacker
) -> Callable[[Platform | None, Unpacker, str], Image]:
    if (read := _SPLIT.get(place.driver)) is not None:
        saved = read(place.root, image_id, unpacker)
        return lambda platform, unpacker, where: open_saved(
            saved, platform, unpacker, where, saved.hash_beside
        )
    content = ContentStore(content_folder(place.root, image_id), image_id, unpacker.files)
    return lambda *given: open_laid_out(content, *given)
