"""The root of each step of a recipe, as an image of one layer, and the lock of what is in them."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from careen.catalog.definition import definition
from careen.catalog.families import family_of
from careen.catalog.port import Key, PackageSources, RootRequest
from careen.catalog.recipe import Recipe
from careen.catalog.release import other_release
from careen.catalog.user_namespace import mapped, remove_mapped, tree_leftover
from careen.errors import InputError, ToolError, VerificationError
from careen.inventory.scan import scan
from careen.model.catalog.entry import Entry
from careen.model.catalog.lock import Lock, LockedPackage, LockedWheel, Step
from careen.model.image import Platform
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem, Inventory
from careen.oci.created import epoch_seconds
from careen.oci.image import Image
from careen.oci.select import host_platform
from careen.oci.single import image_of_tar
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.run.session import Session


@dataclass(frozen=True, slots=True)
class Root:
    """The root after a step: an image of one layer, and what is in it."""

    image: Image
    rootfs: Rootfs
    inventory: Inventory


@dataclass(frozen=True, slots=True)
class MadeRoots:
    """The root after each step, and the digests (SHA-256, hex) of the packages' archives."""

    roots: tuple[Root, ...]
    digests: Mapping[Key, str]


def architecture(distribution: str) -> str:
    """Return this machine's architecture under the name of a distribution."""
    return family_of(distribution).architecture(platform.machine())


def sources_of(
    recipe: Recipe, given: Sequence[str], keys: Path | None, index: str = ""
) -> PackageSources:
    """Return the given sources, or this machine's. Raises InputError, and for unproven packages
    without given ones; for unproven wheels, an `index` of them (a URL) or the entry's is enough.
    """
    family, here = family_of(recipe.distribution), architecture(recipe.distribution)
    if given:
        return family.given(given, keys, recipe.release, here)
    doubts = (x.doubt for x in recipe.steps if x.doubt and not (index or x.index))
    if not recipe.doubt and (doubt := next(doubts, "")):
        msg = f"base {recipe.entry.name}: {doubt}; name an index that has them (--wheel-index)"
        raise InputError(msg)
    if recipe.doubt:
        msg = (
            f"base {recipe.entry.name}: {recipe.doubt}, so it has no sources of its own; give"
            " them with --source, and their keys with --source-key"
        )
        raise InputError(msg)
    return family.of_this_machine(recipe.release, here)


def make_roots(
    recipe: Recipe,
    sources: PackageSources,
    pins: Sequence[Sequence[LockedPackage]],
    created: str,
    opened: ExitStack,
    session: Session,
) -> MadeRoots:
    """Return the roots; `opened` closes them. `pins` has a list for each step, or is empty.

    Raises as `Family.make`.
    """
    family = family_of(recipe.distribution)
    session.say(f"installing packages of {family.title} {recipe.release}")
    into = session.scratch("root")
    into.chmod(0o711)  # in a user namespace, another user number passes through it
    wanted = RootRequest(
        release=recipe.release,
        sources=sources,
        steps=tuple(step.packages for step in recipe.steps),
        pins=pins,
        epoch=epoch_seconds(created),
        into=into,
        architecture=architecture(recipe.distribution),
    )
    with _others_files(into, session):
        family.make(wanted)
    out: list[Root] = []
    for number, step in enumerate(recipe.steps):
        session.say(f"reading the root after {step.name}")
        out.append(_opened(wanted, number, created, opened, host_platform(), session))
    require_release(recipe, out[0].inventory.distribution)
    keys = {key for root in out for key in _installed(root.inventory, family.ecosystem)}
    return MadeRoots(tuple(out), family.digests(wanted, out[0].rootfs, keys))


@contextmanager
def _others_files(into: Path, session: Session) -> Iterator[None]:
    """Remove at the end what an ordinary user cannot: directories with files of other owners."""
    if not mapped():
        yield
        return
    trees = [into / name for name in ("root", "empty", "tmp")]
    for each in trees:
        session.space.record(tree_leftover(each))
    yield
    for each in trees:
        remove_mapped(str(each))
        session.space.forget(tree_leftover(each))


def require_release(recipe: Recipe, found: Distribution | None) -> None:
    """Raise InputError if a root is of another release: an address of apk or dnf names none."""
    if not recipe.release[:1].isdigit():
        return
    if other := other_release(recipe, found):
        msg = (
            f"base {recipe.entry.name}: the sources are {other}, and the entry is of"
            f" {recipe.distribution} {recipe.release}; give its own with --source"
        )
        raise InputError(msg)


def _opened(
    wanted: RootRequest,
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
    made: MadeRoots,
    sources: PackageSources,
    created: str,
    wheels: Mapping[str, tuple[LockedWheel, ...]] | None = None,
) -> Lock:
    """Return the lock of the roots; `wheels` are those of a step, by its name.

    Raises ToolError for a package without a digest.
    """
    ecosystem = family_of(recipe.distribution).ecosystem
    installed = [_installed(root.inventory, ecosystem) for root in made.roots]
    if missing := sorted({key for keys in installed for key in keys} - made.digests.keys()):
        msg = f"locking packages: no list of the sources has {missing[0][0]} {missing[0][2]}"
        raise ToolError(msg)
    steps: list[Step] = []
    before: set[Key] = set()
    said = definitions(recipe, chain)
    for step, keys, defined in zip(recipe.steps, installed, said, strict=True):
        rows = (
            LockedPackage(name, arch, version, made.digests[(name, arch, version)])
            for name, arch, version in keys - before
        )
        own = (wheels or {}).get(step.name, ())
        steps.append(Step(step.name, tuple(sorted(rows)), defined, own))
        before |= keys
    return Lock(
        entry=recipe.entry.name,
        variant=recipe.variant.value,
        architecture=architecture(recipe.distribution),
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


def _installed(inventory: Inventory, ecosystem: Ecosystem) -> set[Key]:
    return {
        (each.name, each.architecture, each.version)
        for each in inventory.packages.values()
        if each.ecosystem is ecosystem
    }
