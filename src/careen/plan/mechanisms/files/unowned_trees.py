"""Unowned trees in shared directories, which a source of the application names only in part."""

from collections.abc import Iterator

from careen.model.paths import ImagePath, name, parent
from careen.plan.core.scene import Scene
from careen.plan.core.system_directories import is_shared
from careen.plan.scanners.base_directories import base_directories

_LOCAL = ("/opt", "/srv", "/mnt", "/media", "/home", "/usr/local/share", "/var/opt")
"""Directories in which nothing but trees of the image's owner is expected."""
_MAX_LIKE = 1000  # entries of a tree that are compared
_ENOUGH = 2
_MAX_VALUES = 200  # directories with a value behind them, in one source
_MAX_BASES = 1000
_MAX_COMPARED = 200  # trees that others are compared with

Found = Iterator[tuple[ImagePath, ImagePath | None]]


class UnownedTrees:
    """Collects what the application's texts say of directories, and finds the trees.

    One file may have the directory, and another one the name below it.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._bases: dict[str, ImagePath | None] = {}
        self._pieces: dict[str, ImagePath | None] = {}
        self._places: dict[str, ImagePath] = {}
        self._compared = 0
        for value in scene.config.env.values():
            self._note_base(value.rstrip("/"), None)

    def read(self, source: bytes, path: ImagePath) -> Found:
        """Yield the trees that a source alone names; the rest is for `composed`."""
        said = base_directories(source)
        for base in said.whole:
            self._note_base(base, path)
        for piece in said.pieces:
            self._pieces.setdefault(piece, path)
        for place in said.places:
            self._places.setdefault(place, path)
        for top in sorted(said.tops):
            yield from ((tree, path) for tree in self._below("/") if name(tree) == top)
        for base, rest in sorted(each for each in said.values if each[0] in _LOCAL)[:_MAX_VALUES]:
            for tree in self._below(base):
                if not rest or self._scene.rootfs.walk(f"{tree}{rest}").final is not None:
                    yield tree, path
        for base in sorted(said.whole if said.lists else ()):
            if base in _LOCAL:
                yield from ((tree, path) for tree in self._below(base))

    def composed(self) -> Found:
        """Yield the trees whose directory and name are in the application's texts.

        Also those that have the name of a variable for a directory (`voices_dir`, `MODEL_PATH`).
        """
        for base, path in sorted(self._bases.items()):
            for tree in self._below(base):
                if name(tree) in self._pieces:
                    yield tree, path or self._pieces[name(tree)]
        for base in ("/", *_LOCAL) if self._places else ():
            for tree in self._below(base):
                called = name(tree).lower().replace("-", "_")
                for word in (called, called.removesuffix("s"), f"{called}s"):
                    if word in self._places:
                        yield tree, self._places[word]

    def like(self, tree: ImagePath) -> Iterator[ImagePath]:
        """Yield the trees beside one that have the same names in them: another model, a voice."""
        self._compared += 1
        if self._compared > _MAX_COMPARED:
            return
        inside = self._names_in(tree)
        for other in self._below(parent(tree)) if len(inside) >= _ENOUGH else ():
            names = self._names_in(other) if other != tree else frozenset()
            if len(inside & names) >= max(_ENOUGH, len(inside | names) / 2):
                yield other

    def _names_in(self, tree: ImagePath) -> frozenset[str]:
        children = self._scene.rootfs.children(tree)
        return frozenset(name(path) for path in children[:_MAX_LIKE])

    def _note_base(self, base: str, path: ImagePath | None) -> None:
        if base != "/" and len(self._bases) < _MAX_BASES and is_shared(ImagePath(base)):
            self._bases.setdefault(base, path)

    def _below(self, base: str) -> Iterator[ImagePath]:
        """Yield the directories in a directory in which no package has a file."""
        final = self._scene.rootfs.walk(base).final
        for path in self._scene.rootfs.children(final.path) if final is not None else ():
            if (
                self._scene.rootfs[path].is_dir
                and path not in self._scene.owned_directories
                and path not in self._scene.inventory.owners
                and not is_shared(path)
                and path != "/root"
            ):
                yield path
