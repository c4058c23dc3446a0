"""Open an image where docker's store has it, or say why that cannot be done."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from careen.engines.docker_stores.content import ContentStore, content_folder
from careen.engines.docker_stores.daemon import Place, local_store
from careen.engines.docker_stores.keep import kept_from_removal
from careen.engines.docker_stores.overlay import OverlayStore
from careen.errors import BudgetError, ImageError, InputError, ToolError
from careen.model.image import Platform
from careen.model.run_budget import RunBudget
from careen.oci.image import Image
from careen.oci.open import Unpacker, open_laid_out, open_saved
from careen.tools.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Taking:
    """How an image is opened: its name in messages, the platform that is meant, and what reading it
    takes from.
    """

    where: str
    platform: Platform | None
    scratch: Path
    budget: RunBudget


def take_in_place(image_id: str, taking: Taking, workspace: Workspace) -> Image | str:
    """Open the image out of docker's store, with every digest checked; return why not if it cannot
    be had there.

    Root alone can read the store. The image is kept from removal until it is closed. Raises
    InputError (no image for the platform) and BudgetError.
    """
    place = local_store()
    if place is None:
        return "the store of the daemon cannot be read here"
    spent = RunBudget()  # what an attempt that fails has cost is no allowance for the next one
    with spent.reading(), ExitStack() as files:
        unpacker = Unpacker(taking.scratch, files, spent)
        try:
            files.enter_context(kept_from_removal(image_id, workspace))
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


def _opened(
    place: Place, image_id: str, unpacker: Unpacker
) -> Callable[[Platform | None, Unpacker, str], Image]:
    if place.driver == "overlay2":
        saved = OverlayStore(place.root, image_id, unpacker)
        return lambda *given: open_saved(saved, *given)
    content = ContentStore(content_folder(place.root, image_id), image_id, unpacker.files)
    return lambda *given: open_laid_out(content, *given)
