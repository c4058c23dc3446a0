"""Test suites inside distributions: directories `test` or `tests` that hold modules."""

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

from careen.model.paths import ImagePath, ancestors, parent
from careen.model.plan import Level, Reason
from careen.model.runs.trace import Use
from careen.plan.core.mechanism import Work
from careen.plan.scanners.python_source import PythonNames
from careen.plan.scanners.suite_names import SUITES

WHY = "a test suite inside a distribution; nothing that is kept imports it, and it was not used"
_SITE = re.compile(r".*?/(?:site-packages|dist-packages)/")
_SITES = re.compile(r"\A.*/(?:site-packages|dist-packages)/")
_NAME = re.compile(rb"[A-Za-z_]\w*")
_MODULE = re.compile(r".*\.(?:py|pyc|so)\Z")
_RELATIVE = re.compile(r"(\.++)(.*)")


class Suites:
    """Test suites that are held back while their distribution is kept.

    A suite is given back when a kept source names it. If only modules of it are used or named,
    those are given back, and what they name. None is held back at `package`, or if the run imported
    pytest.
    """

    def __init__(self, work: Work) -> None:
        scene = work.scene
        self._work = work
        self._known: dict[ImagePath, bool] = {}
        self._off = scene.level is Level.PACKAGE or "pytest" in scene.observed_modules
        self._needed: set[ImagePath] = set()
        self._named: dict[ImagePath, set[str]] = {}
        self._held = work.held
        self.given: set[ImagePath] = set()
        for path in scene.uses:
            if scene.used_as(path, Use.EXECUTED, Use.MAPPED, Use.OPENED, Use.WRITTEN):
                self._note(path)

    def _note(self, path: ImagePath) -> None:
        """Record a used file of a suite: a module needs itself, data the whole suite."""
        suite = self.suite_of(path)
        if suite is not None and _MODULE.match(path):
            rest = path[len(suite) + 1 :].removeprefix("__pycache__/")
            self._named.setdefault(suite, {"__init__"}).add(re.split("[./]", rest)[0])
        elif suite is not None:
            self._needed.add(suite)

    def suite_of(self, path: ImagePath) -> ImagePath | None:
        """Return the outermost directory of a suite that holds a path, or None.

        A directory without modules is no suite but data, which a program searches by its own names.
        """
        site = _SITE.match(path)
        if site is None or self._off:
            return None
        parts = path[site.end() :].split("/")
        for position, part in enumerate(parts[:-1]):
            if (
                part in SUITES
                and position > 0
                and self._has_module(
                    found := ImagePath(path[: site.end()] + "/".join(parts[: position + 1]))
                )
            ):
                return found
        return None

    def _has_module(self, directory: ImagePath) -> bool:
        if directory not in self._known:
            self._known[directory] = any(
                _MODULE.match(entry.path)
                for entry in self._work.scene.rootfs.below(directory)
                if entry.is_file
            )
        return self._known[directory]

    def hold(self, path: ImagePath, reason: Reason) -> bool:
        """Hold a path back if its suite is not needed, and return whether it is held.

        The reason to keep it is remembered.
        """
        suite = self.suite_of(path)
        if suite is None or suite in self._needed:
            return False
        if any(_is_of(path, suite, module) for module in self._named.get(suite, ())):
            self.given.add(path)
            return False
        self._held.setdefault(suite, {})[path] = reason
        return True

    def read(self, path: ImagePath, names: PythonNames, text: Callable[[], bytes]) -> None:
        """Give back the suites that a kept source outside of them names.

        A source imports one, names it (`"numpy.tests.util"`, `f".tests.{name}"`), or looks for it
        beside itself (`Path(__file__).parent / "tests"`).
        """
        if not self._held:
            return
        if path in self.given:
            self._read_given(path, text())
        if not (names.searched or names.suites) or self.suite_of(path) is not None:
            return
        around = _around(path, names.searched)
        for held in [held for held in self._held if parent(held) in around]:
            for rest in sorted(around[parent(held)]):
                self._give_below(held, rest, path)
        for suite, module in sorted(_suites(path, names.suites)):
            for found in [held for held in self._held if suite in (held, _SITES.sub("", held))]:
                self._give(found, module, path)

    def _read_given(self, path: ImagePath, source: bytes) -> None:
        """Give back what a module of a suite, given back alone, names in the suite.

        If it looks for files, the whole suite is given back.
        """
        suite = self.suite_of(path)
        if suite not in self._held:
            return
        if b"__file__" in source or b"import_module" in source or b"resource" in source:
            self._give(suite, "", path)
            return
        beside = {item[len(suite) + 1 :].split("/")[0].split(".")[0] for item in self._held[suite]}
        for word in sorted(
            beside & {item.decode("utf-8", "replace") for item in _NAME.findall(source)}
        ):
            self._give(suite, word, path)

    def _give_below(self, suite: ImagePath, rest: str, user: ImagePath) -> None:
        """Give back the paths in a suite that begin with `rest`; all if it is empty."""
        if not rest:
            self._give(suite, "", user)
            return
        held = self._held.get(suite, {})
        for item in sorted(item for item in held if item.startswith(f"{suite}/{rest}")):
            self._give_one(item, held.pop(item), user)

    def _give_one(self, item: ImagePath, reason: Reason, user: ImagePath) -> None:
        self.given.add(item)
        self._work.add_broadly(
            item, Reason(reason.code, f"{reason.detail}, whose tests {user} imports", user)
        )

    def _give(self, suite: ImagePath, module: str, user: ImagePath) -> None:
        """Give back a suite, or one module of it with the packages that hold it."""
        held = self._held.get(suite, {})
        chosen = sorted(held)
        if module and module in self._named.get(suite, ()):
            return  # it is there already
        if module and any(_is_of(item, suite, module) for item in chosen):
            self._named.setdefault(suite, {"__init__"}).add(module)
            chosen = [
                item
                for item in chosen
                if _is_of(item, suite, module) or _is_of(item, suite, "__init__")
            ]
        else:
            self._needed.add(suite)
        for item in chosen:
            self._give_one(item, held.pop(item), user)
        if suite in self._needed:
            self._held.pop(suite, None)


def _is_of(path: ImagePath, suite: ImagePath, module: str) -> bool:
    rest = path[len(suite) + 1 :]
    return rest.startswith((f"{module}.", f"{module}/", f"__pycache__/{module}."))


def _around(path: ImagePath, searched: AbstractSet[str]) -> Mapping[ImagePath, AbstractSet[str]]:
    """Return the directories whose suite a source searches, each with what it searches there.

    These are its own directory and those above it in its distribution.
    """
    if not searched:
        return {}
    above = (each for each in ancestors(path) if _SITE.match(f"{each}/"))
    return dict.fromkeys((parent(path), *above), searched)


def _suites(path: ImagePath, names: AbstractSet[str]) -> set[tuple[str, str]]:
    """Return the suites that dotted names of a source lead to, each with its module, or "".

    A suite is an absolute path for relative imports, else `package/tests` below any site directory.
    """
    out: set[tuple[str, str]] = set()
    for item in names:
        relative = _RELATIVE.fullmatch(item) if item.startswith(".") else None
        above = path
        for _ in range(len(relative.group(1)) if relative else 0):
            above = parent(above)
        parts = (relative.group(2) if relative else item).split(".")
        for position, part in enumerate(parts):
            if part in SUITES:
                suite = "/".join(([above] if relative else []) + parts[: position + 1])
                out.add((suite, next(iter(parts[position + 1 :]), "")))
    return out
