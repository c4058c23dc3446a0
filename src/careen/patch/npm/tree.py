"""Packages in the `node_modules` of one Node project, looked up as Node does.

A place is a path relative to the project's directory, as in npm's lock files:
`node_modules/a/node_modules/b`; the project itself is "".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from careen.errors import ImageError
from careen.formats.json_document import items, mapping, parse_object, text
from careen.model.paths import ImagePath, join
from careen.oci.tree.rootfs import Rootfs
from careen.patch.npm.ranges import satisfies

MAX_MANIFEST = 4 << 20
MAX_PACKAGES = 20_000
MAX_BYTES = 512 << 20
MODULES = "node_modules"
_STEP = re.compile(r"node_modules/((?:@[^/]+/)?[^/@.][^/]*)(?:/|\Z)")
_HARD = ("dependencies", "optionalDependencies", "peerDependencies")


@dataclass(frozen=True, slots=True)
class Node:
    """One package; `document` is its package.json.

    `changed` names the upgrade that put it there, "" if it is the image's.
    """

    place: str
    document: Mapping[str, Any] = field(repr=False)
    changed: str = ""

    @property
    def name(self) -> str:
        return text(self.document.get("name")) or self.place.rpartition("node_modules/")[2]

    @property
    def version(self) -> str:
        return text(self.document.get("version")).removeprefix("v")

    @property
    def shown(self) -> str:
        return f"{self.name}@{self.version}" if self.version else self.name or "the project"

    @property
    def bundles(self) -> bool:
        """Whether its archive brought packages below it."""
        stated = self.document.get("bundleDependencies", self.document.get("bundledDependencies"))
        return stated is True or bool(items(stated))

    def wants(self) -> Mapping[str, str]:
        """Return its dependencies by required name, with a project's development dependencies.

        Later kinds override earlier ones.
        """
        out: dict[str, str] = {}
        for kind in ("devDependencies", *_HARD) if not self.place else _HARD:
            out.update(
                {
                    name: text(spec)
                    for name, spec in mapping(self.document.get(kind)).items()
                    if isinstance(spec, str)
                }
            )
        return out

    def needs(self) -> Mapping[str, str]:
        """Return its required dependencies, without optional ones and peers."""
        optional = mapping(self.document.get("optionalDependencies"))
        return {
            name: text(spec)
            for name, spec in mapping(self.document.get("dependencies")).items()
            if isinstance(spec, str) and name not in optional
        }


class Tree:
    """Packages of a project by place.

    `resolve` and `dependents` use the current state; `put` and `drop` change it, not the image.
    """

    def __init__(
        self,
        directory: ImagePath,
        nodes: Iterable[Node],
        members: Iterable[str] = (),
        absent: Iterable[Node] = (),
    ) -> None:
        """Create a tree; `members` are the places of a workspace's members.

        `absent` are packages that a lock file states and that are not installed.
        """
        self.directory = directory
        self.nodes = {node.place: node for node in nodes}
        self.members = tuple(members)
        self.absent = {node.place: node for node in absent if node.place not in self.nodes}

    def copy(self) -> "Tree":
        """Return an independent copy."""
        return Tree(self.directory, self.nodes.values(), self.members, self.absent.values())

    def put(self, place: str, document: Mapping[str, Any], changed: str) -> None:
        """Set the package at a place; `changed` names the upgrade."""
        self.nodes[place] = Node(place, document, changed)

    def drop(self, place: str) -> None:
        """Remove the package at a place."""
        self.nodes.pop(place, None)

    def resolve(self, place: str, name: str, *, absent: bool = False) -> Node | None:
        """Return the package that `require(name)` finds from a place.

        With `absent`, packages that only the lock file states count, too.
        """
        here: str | None = place
        while here is not None:
            there = f"{here}/{MODULES}/{name}" if here else f"{MODULES}/{name}"
            found = self.nodes.get(there) or (self.absent.get(there) if absent else None)
            if found is not None:
                return found
            here = above(here)
        return None

    def dependents(self, place: str) -> Iterator[tuple[Node, str]]:
        """Yield the packages that get the one at a place, each with its range.

        Includes those that only the lock file states, so that it stays true.
        """
        head, _, name = place.rpartition(f"{MODULES}/")
        host = head.rstrip("/")
        for node in (*self.nodes.values(), *self.absent.values()):
            below = not host or node.place == host or node.place.startswith(f"{host}/")
            is_absent = node.place in self.absent
            if (
                below
                and (spec := node.wants().get(name)) is not None
                and self.resolve(node.place, name, absent=is_absent) is self.nodes[place]
            ):
                yield node, spec

    def wanting(self, place: str) -> Iterator[str]:
        """Yield the ranges of the packages that would get one at a free place."""
        head, _, name = place.rpartition(f"{MODULES}/")
        host = head.rstrip("/")
        for node in (*self.nodes.values(), *self.absent.values()):
            if (
                not (not host or node.place == host or node.place.startswith(f"{host}/"))
                or (spec := node.wants().get(name)) is None
            ):
                continue
            found = self.resolve(node.place, name, absent=node.place in self.absent)
            if found is None or len(found.place) < len(place):
                yield spec

    def behind(self, place: str) -> Node | None:
        """Return the package that would be found if the place were empty."""
        head, _, name = place.rpartition(f"{MODULES}/")
        outside = above(head.rstrip("/"))
        return self.resolve(outside, name) if outside is not None else None

    def below(self, place: str) -> list[str]:
        """Return the places within a package's own `node_modules`."""
        return [other for other in self.nodes if other.startswith(f"{place}/{MODULES}/")]

    def bundler(self, place: str) -> Node | None:
        """Return the outermost package around a place whose archive brought it, or None."""
        steps = list(steps_of(place))
        return next(
            (
                node
                for step in steps[:-1]
                if (node := self.nodes.get(step)) is not None and node.bundles
            ),
            None,
        )

    def reachable(self) -> set[str]:
        """Return the places that something depends on.

        Starts at the project and its workspace's members, else at the top packages.
        """
        root = self.nodes.get("")
        todo = (
            ["", *self.members]
            if root is not None
            else [place for place in self.nodes if place.count(f"{MODULES}/") == 1]
        )
        seen = set(todo)
        while todo:
            node = self.nodes.get(todo.pop())
            for name in node.wants() if node is not None else ():
                found = self.resolve(node.place if node is not None else "", name)
                if found is not None and found.place not in seen:
                    seen.add(found.place)
                    todo.append(found.place)
        return seen

    def unmet(self, node: Node) -> list[str]:
        """Return the unmet peer dependencies of a package, as texts."""
        optional = {
            name
            for name, meta in mapping(node.document.get("peerDependenciesMeta")).items()
            if mapping(meta).get("optional") is True
        }
        out = []
        for name, spec in mapping(node.document.get("peerDependencies")).items():
            found = self.resolve(above(node.place) or "", name)
            if (
                isinstance(spec, str)
                and (found is not None or name not in optional)
                and (found is None or not satisfies(found.version, spec))
            ):
                out.append(f"{name} {spec}, {found.version if found else 'none'} is there")
        return out


def steps_of(place: str) -> Iterator[str]:
    """Yield the places of the packages along a place, itself last.

    Stops where the path is no chain of `node_modules/name`.
    """
    start = place.find(f"{MODULES}/")
    at = start
    while at >= 0 and at < len(place):
        step = _STEP.match(place, at)
        if step is None:
            return
        yield place[: step.end(1)]
        at = step.end()


def is_place(place: str) -> bool:
    """Return whether a path is an installed package's, not that of something inside one."""
    return (list(steps_of(place)) or [""])[-1] == place


def above(place: str) -> str | None:
    """Return the directory whose `node_modules` is tried next, None above the project."""
    if not place:
        return None
    head, modules, _ = place.rpartition(f"{MODULES}/")
    if modules:
        return head.rstrip("/")
    return place.rpartition("/")[0]


def read_tree(rootfs: Rootfs, directory: ImagePath) -> Tree:
    """Read the package.json of all packages of a project and of its workspace's members.

    Raises ImageError beyond 20,000 packages or 512 MiB.
    """
    nodes: list[Node] = []
    members: list[str] = []
    todo = [""]
    seen = {""}
    left = MAX_BYTES
    while todo:
        place = todo.pop()
        here = join(directory, *place.split("/")) if place else directory
        entry = rootfs.get(join(here, "package.json"))
        if entry is not None and entry.is_file:
            left -= entry.size
            if left < 0 or len(nodes) >= MAX_PACKAGES:
                msg = (
                    f"{directory}: more than {MAX_PACKAGES} Node packages, or {MAX_BYTES} bytes of"
                    " package.json: not patched"
                )
                raise ImageError(msg)
            if (document := _document(rootfs, entry.path)) is not None:
                nodes.append(Node(place, document))
        for name, linked in _packages(rootfs, join(here, MODULES)):
            if linked is not None:
                inside = linked.removeprefix(f"{directory.rstrip('/')}/")
                if inside != linked and f"{MODULES}/" not in inside and inside not in seen:
                    seen.add(inside)
                    members.append(inside)
                    todo.append(inside)
                continue
            todo.append(f"{place}/{MODULES}/{name}" if place else f"{MODULES}/{name}")
    return Tree(directory, nodes, members)


def _document(rootfs: Rootfs, path: ImagePath) -> Mapping[str, Any] | None:
    try:
        return parse_object(rootfs.read(path, MAX_MANIFEST), path, ImageError)
    except ImageError:
        return None


def _packages(rootfs: Rootfs, modules: ImagePath) -> Iterator[tuple[str, ImagePath | None]]:
    """Yield the names in a `node_modules`, each with its target if it is a link."""
    for path in rootfs.children(modules):
        name = path.rpartition("/")[2]
        if name.startswith("@"):
            yield from (
                (f"{name}/{child.rpartition('/')[2]}", target)
                for child, target in _direct(rootfs, path)
            )
        elif not name.startswith("."):
            yield from ((name, target) for _, target in _one(rootfs, path))


def _direct(rootfs: Rootfs, scope: ImagePath) -> Iterator[tuple[ImagePath, ImagePath | None]]:
    for path in rootfs.children(scope):
        yield from _one(rootfs, path)


def _one(rootfs: Rootfs, path: ImagePath) -> Iterator[tuple[ImagePath, ImagePath | None]]:
    entry = rootfs[path]
    if entry.is_dir:
        yield path, None
    elif entry.is_symlink and (final := rootfs.walk(path).final) is not None and final.is_dir:
        yield path, final.path
