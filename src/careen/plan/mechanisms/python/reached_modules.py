"""Modules of kept distributions that something reaches; imports of others keep nothing."""

import re
from collections.abc import Iterable

from careen.model.packages.package import Package
from careen.model.paths import ImagePath, source_of
from careen.model.plan import Level
from careen.model.rbom import IMPORT_SWEEP
from careen.model.runs.trace import Use
from careen.plan.core.mechanism import Work
from careen.plan.scanners.imports import IMPORTERS
from careen.plan.scanners.source import Source, mentions

MAX_DEPTH = 16  # nested packages that are distinguished
_SITE = re.compile(r".*/(?:site-packages|dist-packages)/")
_USED = frozenset({Use.EXECUTED, Use.MAPPED, Use.OPENED, Use.WRITTEN})
_CODE = (".py", ".pyc", ".so")
_NO_LETTER = b"0123456789./"
_WORDS = re.compile(rb"[A-Za-z_]\w*")
_DOTTED = re.compile(rb"([A-Za-z_]\w{0,63}(?:\.\w{1,64}){1,12})")
# A search for a literal prefix is fastest, so the look-behind follows the prefix.
_IMPORT = re.compile(rb"import(?<=\bimport)[ \t]+([\w., \t]{1,2000})")
_FROM = re.compile(
    rb"from(?<=\bfrom)[ \t]++(\.{0,16})((?:\w{1,64}\.){0,12}\w{0,64})[ \t]++import"
    rb"[ \t]*+(\((?:[^()#]|#[^\n]*+){0,8000}+|[^\n;]{0,2000})"
)
_CONTINUED = re.compile(rb"\\\r?\n")
_CHAIN = re.compile(rb"[A-Za-z_]\w{0,63}(?:[./][A-Za-z_]\w{0,63}){1,12}")
_OBJECT = re.compile(rb"=[ \t]*([A-Za-z_]\w{0,63}(?:\.\w{1,64}){0,12})")
_TOLD = re.compile(
    rb"(?<!\w)(?:" + b"|".join(IMPORTERS) + rb")"
    rb"[ \t]{0,20}+\(\s{0,80}(?![ru]?[\"'][^\"'\n%{]{0,200}[\"']\s{0,80}[,)])"
)
# The function itself is passed on, or imported under another name.
_HANDED = re.compile(rb"import_module(?<!\wimport_module)(?:[ \t]{1,20}as\b|[ \t]{0,20}[,)])")
_LOOKS_AROUND = tuple(
    b"iter_modules walk_packages __path__ listdir( scandir( glob( iterdir( spec_from_file_location"
    b" run_path run_module attach_stub".split()
)
_CYTHON = b"__pyx_"
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
            self._reach(_split(found))

    def read(self, path: ImagePath, source: Source) -> None:
        """Reach what a source imports or names."""
        names = _names_of(path)
        package = names[:-1]
        literals = (_DOTTED.match(text) for text in source.quoted if b"." in text)
        for found in sorted({match.group(1) for match in literals if match is not None}):
            self._reach(_split(found))
        text = _CONTINUED.sub(b" ", source)
        for listed in sorted(set(_IMPORT.findall(text))):
            for found in listed.split(b","):
                self._reach(_split(found.strip().partition(b" ")[0]))
        for above, rest, listed in sorted(set(_FROM.findall(text))):
            base = package[: len(package) - len(above) + 1] if above else ()
            if base or not above:
                self._reach((*base, *_split(rest)))
                self._reach_words((*base, *_split(rest)), _words(listed))
        if package and package[0] not in self._whole and not self._all:
            self._read_own(package, source)

    def _read_own(self, package: Names, text: Source) -> None:
        told = mentions(text, *IMPORTERS) and (_TOLD.search(text) or _HANDED.search(text))
        if told or mentions(text, *_LOOKS_AROUND):
            self.reach_whole(package[0])
            return
        runs = {run.lstrip(_NO_LETTER) for run in text.runs}
        joined = {run for run in runs if b"." in run or b"/" in run}
        words = _texts((runs - joined).union(*map(_WORDS.findall, joined)))
        chains = {
            _split(found.replace(b"/", b".")) for run in joined for found in _CHAIN.findall(run)
        }
        for depth in range(1, len(package) + 1):
            self._reach_words(package[:depth], words)
            below = self._children.get(package[:depth], {})
            for names in sorted(chains):
                if names[0] in below:
                    self._reach((*package[:depth], *names))

    def read_compiled(self, path: ImagePath, data: bytes) -> None:
        """Reach the modules that a compiled module names in full.

        A module of Cython reaches its whole top-level package.
        """
        top = _names_of(path)[:1]
        if not top or top[0] in self._whole or top[0] not in self._sources:
            return
        if _CYTHON in data:
            self.reach_whole(top[0])
        begin = re.escape(top[0].encode("utf-8", "surrogateescape"))
        pattern = begin + rb"(?<![\w.]" + begin + rb")(?:\.\w{1,64}){1,12}"
        for found in sorted(set(re.findall(pattern, data))):
            self._reach(_split(found))

    def _reach_words(self, package: Names, words: frozenset[str]) -> None:
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


def _split(dotted: bytes) -> Names:
    return tuple(item for item in dotted.decode("utf-8", "replace").split(".") if item)


def _words(text: bytes) -> frozenset[str]:
    return _texts(set(_WORDS.findall(text)))


def _texts(words: set[bytes]) -> frozenset[str]:
    return frozenset(word.decode("utf-8", "replace") for word in words)
