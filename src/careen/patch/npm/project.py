"""Node projects of an image: where they are, their package manager, what npm may change."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from careen.formats.json_document import mapping, text
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.patching import BlockReason
from careen.model.paths import ImagePath, ancestors, join, parent
from careen.oci.tree.rootfs import Rootfs
from careen.patch.npm.lock import MAX_LOCK, Lock
from careen.patch.npm.tree import MODULES, Node, Tree, is_place, read_tree

LOCKS = ("npm-shrinkwrap.json", "package-lock.json")
HIDDEN = ".package-lock.json"
_OTHERS = {
    "yarn.lock": "yarn",
    f"{MODULES}/.yarn-integrity": "yarn",
    f"{MODULES}/.yarn-state.yml": "yarn",
    ".pnp.cjs": "yarn",
    "pnpm-lock.yaml": "pnpm",
    f"{MODULES}/.modules.yaml": "pnpm",
    f"{MODULES}/.pnpm": "pnpm",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}
_TRACES = tuple(name for name in _OTHERS if name.startswith(MODULES))
_DISTRIBUTIONS = ("pkg:deb/", "pkg:apk/", "pkg:rpm/")
_PYTHON = re.compile(r"/(?:site|dist)-packages/([^/]+)/")
_MAX_SETTINGS = 1 << 20


@dataclass(frozen=True, slots=True)
class NotManaged:
    """A package that is not npm's to change, with the reason."""

    barrier: BlockReason
    detail: str


@dataclass(frozen=True, slots=True)
class ProjectPlace:
    """Project and place of an installed package."""

    project: ImagePath
    place: str


def seat(package: Package, rootfs: Rootfs, inventory: Inventory) -> ProjectPlace | NotManaged:
    """Return the project and place of a Node package, or why it is not npm's to change."""
    record = package.record
    owned = next(
        (purl for purl in inventory.owners.get(record, ()) if purl.startswith(_DISTRIBUTIONS)), None
    )
    if owned is not None:
        return NotManaged(BlockReason.FOREIGN, f"{record} belongs to {owned.partition('?')[0]}")
    if ".yarn/" in record and record.endswith(".zip"):
        return NotManaged(
            BlockReason.NO_MEANS,
            f"{record} is run by yarn out of its archive; yarn up {package.name}, and build again",
        )
    python = _PYTHON.search(record)
    if python is not None:
        return NotManaged(
            BlockReason.FOREIGN, f"{parent(record)} is part of the Python package in {python[1]}"
        )
    directory = parent(record)
    head, modules, rest = directory.partition(f"/{MODULES}/")
    if not modules:
        return NotManaged(
            BlockReason.FOREIGN,
            f"{directory} is not in a node_modules: an application of its own, or installed"
            " without npm",
        )
    place = f"{MODULES}/{rest}"
    if package.presence is Presence.EMBEDDED or not is_place(place):
        return NotManaged(BlockReason.FOREIGN, f"{directory} is built into the package around it")
    return _seat(ImagePath(head or "/"), place, rootfs)


def _seat(directory: ImagePath, place: str, rootfs: Rootfs) -> ProjectPlace:
    """Return the seat; packages of a workspace member belong to the workspace."""
    if _is_locked(directory, rootfs):
        return ProjectPlace(directory, place)
    for above in ancestors(directory):
        if _is_locked(above, rootfs) and _links_to(directory, join(above, MODULES), rootfs):
            return ProjectPlace(above, f"{directory.removeprefix(above).lstrip('/')}/{place}")
    return ProjectPlace(directory, place)


def _is_locked(directory: ImagePath, rootfs: Rootfs) -> bool:
    return (
        any(join(directory, name) in rootfs for name in LOCKS)
        or join(directory, MODULES, HIDDEN) in rootfs
    )


def _links_to(directory: ImagePath, modules: ImagePath, rootfs: Rootfs) -> bool:
    for path in rootfs.children(modules):
        for each in rootfs.children(path) if path.rpartition("/")[2].startswith("@") else (path,):
            if (
                rootfs[each].is_symlink
                and (final := rootfs.walk(each).final) is not None
                and final.path == directory
            ):
                return True
    return False


@dataclass(frozen=True, slots=True)
class Project:
    """One Node project.

    `locks` are npm's lock files by path, with the hidden one in `node_modules`; `settings` is its
    .npmrc. `other` is another manager that installed it, "" for npm.
    """

    directory: ImagePath
    tree: Tree
    locks: Mapping[ImagePath, Lock]
    settings: bytes
    other: str = ""


def read_project(rootfs: Rootfs, directory: ImagePath) -> Project:
    """Read a project's packages, and from its lock files those that are not installed.

    Raises ImageError if it is too large or a lock file is broken.
    """
    locks: dict[ImagePath, Lock] = {}
    for path in (*(join(directory, name) for name in LOCKS), join(directory, MODULES, HIDDEN)):
        entry = rootfs.get(path)
        if entry is not None and entry.is_file:
            locks[path] = Lock(rootfs.read(path, MAX_LOCK), path)
    tree = read_tree(rootfs, directory)
    absent = {node.place: node for lock in locks.values() for node in _stated(lock)}
    settings = join(directory, ".npmrc")
    entry = rootfs.get(settings)
    stated = rootfs.read(settings, _MAX_SETTINGS) if entry is not None and entry.is_file else b""
    return Project(
        directory,
        Tree(directory, tree.nodes.values(), tree.members, absent.values()),
        locks,
        stated,
        _other(rootfs, directory, locks),
    )


def _stated(lock: Lock) -> Iterator[Node]:
    for place, raw in lock.packages.items():
        item = mapping(raw)
        if place and text(item.get("version")) and item.get("link") is not True:
            yield Node(
                place,
                {"name": text(item.get("name")) or place.rpartition(f"{MODULES}/")[2], **item},
            )


def _other(rootfs: Rootfs, directory: ImagePath, locks: Mapping[ImagePath, Lock]) -> str:
    """Return the other manager that installed the project, "" for npm."""
    # Traces in `node_modules` are certain; a lock file beside npm's own is not.
    for name, manager in _OTHERS.items():
        if ImagePath(f"{directory.rstrip('/')}/{name}") in rootfs and (
            name in _TRACES or not locks
        ):
            return manager
    return ""


def native(rootfs: Rootfs, directory: ImagePath, place: str) -> bool:
    """Return whether a package's directory holds compiled code."""
    home = ImagePath(f"{directory.rstrip('/')}/{place}")
    for entry in rootfs.below(home):
        if not entry.is_file or entry.path.startswith(f"{home}/{MODULES}/"):
            continue
        if entry.path.endswith((".node", ".so")):
            return True
        if entry.is_executable:
            with rootfs.open(entry.path) as stream:
                if stream.read(4) == b"\x7fELF":
                    return True
    return False


def packages_of(inventory: Inventory) -> Iterator[Package]:
    """Yield the Node packages."""
    return (
        package for package in inventory.packages.values() if package.ecosystem is Ecosystem.NPM
    )
