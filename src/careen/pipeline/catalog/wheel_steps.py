"""The wheels of each step of a recipe: fetched, checked, and written as a layer."""

import platform
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from careen.catalog.named_places import named_place
from careen.catalog.recipe import Recipe, RecipeStep
from careen.catalog.wheels.complete import require_complete
from careen.catalog.wheels.fetch import fetch
from careen.catalog.wheels.index import require_index
from careen.catalog.wheels.install import files_below, unpack, write_layer
from careen.catalog.wheels.replaced import replaced
from careen.catalog.wheels.target import ENVIRONMENT, Target, target_of
from careen.catalog.wheels.versions import require_versions
from careen.errors import InputError
from careen.model.catalog.lock import Lock, LockedWheel
from careen.model.paths import ImagePath
from careen.oci.changes.append import append_layer
from careen.oci.changes.edit import HistoryNote
from careen.oci.created import epoch_seconds
from careen.pipeline.catalog.roots import Root
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, examine


@dataclass(frozen=True, slots=True)
class WheelLayer:
    """The wheels of a step, the uncompressed layer of their files, and the paths of these."""

    wheels: tuple[LockedWheel, ...]
    tar: Path
    paths: frozenset[ImagePath]


@dataclass(frozen=True, slots=True)
class WheelWishes:
    """What all wheels of a build share: the lock, the time of the image, and the URL of the index
    ("": that of the entry, or of the user's pip).
    """

    lock: Lock | None
    created: str
    index: str = ""


def make_wheels(
    wanted: Recipe, roots: Sequence[Root], wishes: WheelWishes, session: Session
) -> Mapping[str, WheelLayer]:
    """Return the wheels of the steps that name some, by the step's name.

    Raises InputError (no Python, a lock without wheels, a wheel that is damaged or needs newer
    libraries), ToolError (pip, disk), VerificationError (a wheel that is not the locked one).
    """
    out: dict[str, WheelLayer] = {}
    for step, root in zip(wanted.steps, roots, strict=True):
        if step.pip:
            machine, environment = platform.machine(), ENVIRONMENT in step.added
            target = target_of(root.rootfs, root.inventory, machine, environment=environment)
            out[step.name] = made_wheels(step, root, target, wishes, session)
    return out


@dataclass(frozen=True, slots=True)
class AboveImage:
    """An image with wheels on top, these, and the paths of their files."""

    image: Examined
    wheels: tuple[LockedWheel, ...]
    paths: frozenset[ImagePath]


def wheels_above(
    base: Examined, wanted: Recipe, wishes: WheelWishes, opened: ExitStack, session: Session
) -> AboveImage:
    """Return an image with a layer for the wheels of each step; `opened` closes what is made.

    Raises as `make_wheels`.
    """
    machine, found = platform.machine(), AboveImage(base, (), frozenset())
    for step in wanted.steps:
        if not step.pip:
            continue
        below = found.image
        root = Root(below.image, below.rootfs, below.inventory)
        target = target_of(root.rootfs, root.inventory, machine)
        made = made_wheels(step, root, target, wishes, session)
        note = HistoryNote(f"careen base build: the wheels of {step.name}")
        image = append_layer(root.image, made.tar, note, {}, wishes.created)
        above = examine(opened.enter_context(image), session)
        found = AboveImage(above, (*found.wheels, *made.wheels), found.paths | made.paths)
    return found


def require_index_of_wheels(wanted: Recipe, given: str) -> None:
    """Raise InputError for an index that is no URL, or that the entry has no wheels for."""
    if given:
        require_index(given, "--wheel-index")
        if not wanted.has_wheels:
            msg = f"--wheel-index: {wanted.entry.name} has no wheels (`pip`); leave it out"
            raise InputError(msg)


def wheel_indexes(wanted: Recipe, given: str) -> Mapping[str, str]:
    """Return the index of each step with wheels, as evidence names it; `given` is for all."""
    return {
        step.name: named_place(url) if (url := _index(step, given)) else "the settings of pip"
        for step in wanted.steps
        if step.pip
    }


def _index(step: RecipeStep, given: str) -> str:
    """Return the index of a step; one that is named for an entry's wheels may lack a variant's."""
    return "" if step.entry is None else given or step.index


def _pins(step: RecipeStep, lock: Lock | None) -> tuple[LockedWheel, ...]:
    if lock is None:
        return ()
    found = next((each.wheels for each in lock.steps if each.name == step.name), ())
    if not found:
        msg = f"the lock has no wheels of {step.name}; build without --lock to make a new one"
        raise InputError(msg)
    return found


def made_wheels(
    step: RecipeStep,
    root: Root,
    target: Target,
    wishes: WheelWishes,
    session: Session,
) -> WheelLayer:
    """Return the wheels of one step and their layer, which replaces what the root has of them.

    Raises as `make_wheels`.
    """
    scratch = session.scratch("wheels")
    session.say(f"fetching wheels of {step.name}")
    pins = _pins(step, wishes.lock)
    wheels = fetch(step.pip, pins, target, scratch, _index(step, wishes.index))
    folder = scratch / "wheels"
    require_complete(folder, wheels, step.pip, target)
    session.say(f"unpacking wheels of {step.name}")
    unpacked = scratch / "root"
    unpacked.mkdir()
    files = [folder / each.file for each in wheels]
    unpack(files, target, unpacked)
    require_versions(files, unpacked, target, root.rootfs)
    paths = frozenset(
        ImagePath(f"/{path.relative_to(unpacked)}")
        for path in files_below(unpacked)
        if not path.is_dir()
    )
    gone = replaced(root.rootfs, root.inventory, wheels, target, paths)
    tar = scratch / "layer.tar"
    write_layer(unpacked, root.rootfs, epoch_seconds(wishes.created), tar, gone)
    shutil.rmtree(unpacked)  # each of the three may take gigabytes
    shutil.rmtree(folder)
    return WheelLayer(wheels, tar, paths)
