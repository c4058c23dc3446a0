"""Modules of kept distributions that something reaches; imports of others keep nothing."""

import re
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet

from careen.model.packages.package import Package
from careen.model.paths import ImagePath, source_of
from careen.model.plan import Level
from careen.model.rbom import IMPORT_SWEEP
from careen.model.runs.trace import Use
from careen.plan.core.mechanism import Work
from careen.plan.scanners.compiled.imports import CompiledNames
from careen.plan.scanners.python_source import OwnNames, PythonNames

MAX_DEPTH = 16  # nested packages that are distinguished
_SITE = re.compile(r".*/(?:site-packages|dist-packages)/")
_USED = frozenset({Use.EXECUTED, Use.MAPPED, Use.OPENED, Use.WRITTEN})
_CODE = (".py", ".pyc", ".so")
_OBJECT = re.compile(rb"=[ \t]*([A-Za-z_]\w{0,63}(?:\.\w{1,64}){0,12})")
Names = tuple[str, ...]


class ReachedModules:
    """Imports followed from module to module, by names alone.

    Any word of a reached source may name a module beside or above it. All modules of a top-level
    package are reached if it imports by a computed name or searches a directory. So are they if
    anything but Python source names it (a setting, a pickle, a command line).
    """

    def __init__(self, work: Work, packages: Iterable[Package]) -> None:
        self._all = work.scene.level is Level.PACKAGE
        self._whole: set[str] = set()
        self._reached: set[ImagePath] = set()
        self._new: list[ImagePath] = []
        self._named: set[str] = set()  # dotted names that were reached: sources repeat each other
        self._children: dict[Names, dict[str, list[ImagePath]]] = {}
        self._sources: dict[str, list[ImagePath]] = {}
        for package in packages if not self._all else ():
            for path in package.files:
                if path.endswith(".py"):
                    self._add(path)
        for file in work.scene.observed:
            if any(use.origin != IMPORT_SWEEP and use.use in _USED for use in file.uses):
                self.reach_file(source_of(file.path) or file.path)

    def _add(self, path: ImagePath) -> None:
        names = _names_of(path)
        for depth in range(len(names)):
            found = self._children.setdefault(names[:depth], {}).setdefault(names[depth], [])
            if depth == len(names) - 1:
                found.append(path)
        if names:
            self._sources.setdefault(names[0], []).append(path)

    @property
    def partial(self) -> frozenset[str]:
        """Top-level packages whose modules are not all reached."""
        return frozenset(self._sources.keys() - self._whole)

    def is_whole(self, package: Package) -> bool:
        """Return whether all modules of one of a distribution's top-level packages are reached."""
        return any(module.partition(".")[0] in self._whole for module in package.modules)

    def has(self, path: ImagePath) -> bool:
        """Return whether a source is reached; one outside known distributions always is."""
        if path in self._reached or self._all:
            return True
        names = _names_of(path)
        return not names or names[0] in self._whole or names[0] not in self._sources

    def top_of(self, path: ImagePath) -> str:
        """Return the top-level package that a file lies in, "" if none."""
        return next(iter(_names_of(path)), "")

    def take(self) -> tuple[ImagePath, ...]:
        """Return the sources that were reached since the last call."""
        new, self._new = self._new, []
        return tuple(new)

    def reach_file(self, path: ImagePath) -> None:
        """Reach a file that is used, or kept for itself, and the packages above it."""
        if path.endswith(_CODE):
            self._reach(_names_of(path))
            self._mark((path,))

    def reach_whole(self, module: str) -> None:
        """Reach all modules of a top-level package."""
        if module in self._sources and module not in self._whole:
            self._whole.add(module)
            self._mark(self._sources[module])

    def reach_module(self, module: str) -> None:
        """Reach an imported top-level module; sources decide about its submodules."""
        self._reach((module,))

    def reach_entry_points(self, text: bytes) -> None:
        """Reach the modules that an entry_points.txt names."""
        for found in _OBJECT.findall(text):
            self._reach(_split(found.decode("utf-8", "replace")))

    def read(self, path: ImagePath, names: PythonNames, own: Callable[[], OwnNames]) -> None:
        """Reach what a source imports or names; `own` is asked only where it counts."""
        package = _names_of(path)[:-1]
        for found in (*names.chains, *names.imports):
            if found not in self._named:
                self._named.add(found)
                self._reach(_split(found))
        for above, rest, listed in names.froms:
            base = package[: len(package) - above + 1] if above else ()
            if base or not above:
                self._reach((*base, *_split(rest)))
                self._reach_words((*base, *_split(rest)), listed)
        if package and package[0] not in self._whole and not self._all:
            self._read_own(package, own())

    def _read_own(self, package: Names, names: OwnNames) -> None:
        if names.looks_around:
            self.reach_whole(package[0])
            return
        chains = [_split(chain) for chain in names.chains]
        for depth in range(1, len(package) + 1):
            self._reach_words(package[:depth], names.words)
            below = self._children.get(package[:depth], {})
            for chain in chains:
                if chain[0] in below:
                    self._reach((*package[:depth], *chain))

    def read_compiled(
        self, path: ImagePath, names: CompiledNames, below: Callable[[str], Iterable[str]]
    ) -> None:
        """Reach the modules that a compiled module names in full.

        `below` returns its names in a top-level package. A module of Cython reaches its whole
        package.
        """
        top = self.top_of(path)
        if not top or top in self._whole or top not in self._sources:
            return
        if names.is_cython:
            self.reach_whole(top)
        for found in below(top):
            self._reach(_split(found))

    def _reach_words(self, package: Names, words: AbstractSet[str]) -> None:
        children = self._children.get(package)
        if package and children and package[0] not in self._whole:
            for word in sorted(words & children.keys()):
                self._reach((*package, word))

    def _reach(self, names: Names) -> None:
        """Reach the module that names lead to, and its packages; attributes are ignored."""
        if not names or names[0] in self._whole:
            return
        for depth in range(min(len(names), MAX_DEPTH)):
            found = self._children.get(names[:depth], {}).get(names[depth])
            if found is None:
                return
            self._mark(found)
            self._mark(self._children.get(names[: depth + 1], {}).get("__init__", ()))

    def _mark(self, paths: Iterable[ImagePath]) -> None:
        for path in paths:
            if path not in self._reached:
                self._reached.add(path)
                self._new.append(path)


def _names_of(path: ImagePath) -> Names:
    """Return the names that lead to a module below a site directory, or ()."""
    site = _SITE.match(path)
    if site is None:
        return ()
    return tuple(path[site.end() :].removesuffix(".py").split("/"))[:MAX_DEPTH]


def _split(dotted: str) -> Names:
    return tuple(item for item in dotted.split(".") if item)
