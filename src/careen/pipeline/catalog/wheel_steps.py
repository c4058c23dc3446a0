"""The wheels of each step of a recipe: fetched, checked, and written as a layer."""

import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.catalog.named_places import named_place
from careen.catalog.recipe import Recipe, RecipeStep
from careen.catalog.wheels.complete import require_complete
from careen.catalog.wheels.fetch import fetch
from careen.catalog.wheels.install import unpack, write_layer
from careen.catalog.wheels.target import ENVIRONMENT, Target, target_of
from careen.catalog.wheels.versions import require_versions
from careen.errors import InputError
from careen.model.catalog.lock import Lock, LockedWheel
from careen.oci.created import epoch_seconds
from careen.pipeline.catalog.roots import Root
from careen.pipeline.run.session import Session


@dataclass(frozen=True, slots=True)
class WheelLayer:
    """The wheels of a step, and the uncompressed layer of their files."""

    wheels: tuple[LockedWheel, ...]
    tar: Path


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
            out[step.name] = _made(step, root, target, wishes, session)
    return out


def wheel_indexes(wanted: Recipe, given: str) -> Mapping[str, str]:
    """Return the index of each step with wheels, as evidence names it; `given` is for all."""
    return {
        step.name: named_place(url) if (url := given or step.index) else "the settings of pip"
        for step in wanted.steps
        if step.pip
    }


def _pins(step: RecipeStep, lock: Lock | None) -> tuple[LockedWheel, ...]:
    if lock is None:
        return ()
    found = next((each.wheels for each in lock.steps if each.name == step.name), ())
    if not found:
        msg = f"the lock has no wheels of {step.name}; build without --lock to make a new one"
        raise InputError(msg)
    return found


def _made(
    step: RecipeStep,
    root: Root,
    target: Target,
    wishes: WheelWishes,
    session: Session,
) -> WheelLayer:
    scratch = session.scratch("wheels")
    session.say(f"fetching wheels of {step.name}")
    pins = _pins(step, wishes.lock)
    wheels = fetch(step.pip, pins, target, scratch, wishes.index or step.index)
    folder = scratch / "wheels"
    require_complete(folder, wheels, step.pip, target)
    session.say(f"unpacking wheels of {step.name}")
    unpacked = scratch / "root"
    unpacked.mkdir()
    files = [folder / each.file for each in wheels]
    unpack(files, target, unpacked)
    require_versions(files, unpacked, target, root.rootfs)
    tar = scratch / "layer.tar"
    write_layer(unpacked, root.rootfs, epoch_seconds(wishes.created), tar)
    shutil.rmtree(unpacked)  # each of the three may take gigabytes
    shutil.rmtree(folder)
    return WheelLayer(wheels, tar)
