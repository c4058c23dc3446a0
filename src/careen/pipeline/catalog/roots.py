"""The root of each step of a recipe, as an image of one layer, and the lock of what is in them."""

import platform
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from careen.catalog.debian.bootstrap import Bootstrap, bootstrap
from careen.catalog.debian.lists import Key, digests
from careen.catalog.debian.sources import AptSources
from careen.catalog.definition import definition
from careen.catalog.recipe import Recipe
from careen.errors import ToolError, VerificationError
from careen.inventory.scan import scan
from careen.model.catalog.entry import Entry
from careen.model.catalog.lock import Lock, LockedPackage, LockedWheel, Step
from careen.model.image import Platform
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.paths import ImagePath
from careen.oci.created import epoch_seconds
from careen.oci.image import Image
from careen.oci.select import host_platform
from careen.oci.single import image_of_tar
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.run.session import Session

_LISTS = ImagePath("/var/lib/apt/lists")
_MAX_LIST = 512 << 20
_DEBIAN_NAMES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class Root:
    """The root after a step: an image of one layer, and what is in it."""

    image: Image
    rootfs: Rootfs
    inventory: Inventory


def architecture() -> str:
    """Return this machine's architecture under Debian's name."""
    machine = platform.machine()
    return _DEBIAN_NAMES.get(machine, machine)


def make_roots(
    recipe: Recipe,
    sources: AptSources,
    pins: Sequence[LockedPackage],
    created: str,
    opened: ExitStack,
    session: Session,
) -> tuple[Root, ...]:
    """Return the root after each step; `opened` closes them. Raises as `bootstrap`."""
    session.say(f"installing packages of Debian {recipe.release}")
    into = session.scratch("root")
    into.chmod(0o711)  # in a user namespace, another user number passes through it
    wanted = Bootstrap(
        release=recipe.release,
        sources=sources,
        steps=tuple(step.packages for step in recipe.steps),
        pins=pins,
        epoch=epoch_seconds(created),
        into=into,
    )
    bootstrap(wanted)
    out: list[Root] = []
    for number, step in enumerate(recipe.steps):
        session.say(f"reading the root after {step.name}")
        out.append(_opened(wanted, number, created, opened, host_platform(), session))
    return tuple(out)


def _opened(
    wanted: Bootstrap,
    number: int,
    created: str,
    opened: ExitStack,
    here: Platform,
    session: Session,
) -> Root:
    saved = wanted.saved(number)
    image = opened.enter_context(image_of_tar(f"step {number}", saved, here, created))
    image.budget = session.budget
    saved.unlink()  # the image holds it open
    rootfs = image.rootfs()
    return Root(image, rootfs, scan(rootfs))


def definitions(recipe: Recipe, chain: Sequence[Entry]) -> tuple[str, ...]:
    """Return the digest of what each step is defined by; that of a variant is the whole chain's."""
    return tuple(
        definition(chain if step.entry is None else chain[: chain.index(step.entry) + 1])
        for step in recipe.steps
    )


def lock_of(
    recipe: Recipe,
    chain: Sequence[Entry],
    roots: Sequence[Root],
    sources: AptSources,
    created: str,
    wheels: Mapping[str, tuple[LockedWheel, ...]] | None = None,
) -> Lock:
    """Return the lock of the roots; digests come from the package lists in the first one.

    `wheels` are those of a step, by its name.

    Raises ToolError for a package that no list has.
    """
    installed = [_installed(root.inventory) for root in roots]
    wanted = {key for keys in installed for key in keys}
    found = _digests(roots[0].rootfs, wanted)
    if missing := sorted(wanted - found.keys()):
        msg = f"locking packages: no list of the sources has {missing[0][0]} {missing[0][2]}"
        raise ToolError(msg)
    steps: list[Step] = []
    before: set[Key] = set()
    said = definitions(recipe, chain)
    for step, keys, defined in zip(recipe.steps, installed, said, strict=True):
        rows = (
            LockedPackage(name, arch, version, found[(name, arch, version)])
            for name, arch, version in keys - before
        )
        own = (wheels or {}).get(step.name, ())
        steps.append(Step(step.name, tuple(sorted(rows)), defined, own))
        before |= keys
    return Lock(
        entry=recipe.entry.name,
        variant=recipe.variant.value,
        architecture=architecture(),
        created=created,
        sources=sources.public,
        steps=tuple(steps),
    )


def require_locked(lock: Lock, made: Lock) -> None:
    """Raise VerificationError unless the packages are those of a lock, step by step."""
    for step, found in zip(lock.steps, made.steps, strict=False):
        odd = [
            *(f"{x.name} {x.version}" for x in set(step.packages) ^ set(found.packages)),
            *(f"{x.name} {x.version}" for x in set(step.wheels) ^ set(found.wheels)),
        ]
        if odd or step.name != found.name:
            msg = (
                f"the packages of step {found.name} are not those of the lock:"
                f" {min(odd, default=found.name)}; build without --lock to make a new one"
            )
            raise VerificationError(msg)


def _installed(inventory: Inventory) -> set[Key]:
    return {
        (each.name, each.architecture, each.version)
        for each in inventory.packages.values()
        if each.ecosystem is Ecosystem.DEB
    }


def _digests(rootfs: Rootfs, wanted: set[Key]) -> Mapping[Key, str]:
    found: dict[Key, str] = {}
    for path in rootfs.children(_LISTS):
        if path.endswith("_Packages") and rootfs[path].is_file:
            found |= digests(rootfs.read(path, _MAX_LIST), wanted)
    return found
