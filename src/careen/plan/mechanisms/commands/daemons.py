"""Daemons that ran, and the packages whose commands their operators use."""

import re
from collections.abc import Container, Iterator, Mapping
from itertools import islice
from typing import TypeVar

from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath, name, parent
from careen.model.runs.trace import Use
from careen.plan.core.dependencies import Dependencies
from careen.plan.core.scene import SYSTEM, Scene

_UNIT = re.compile(r"/etc/init\.d/.|(?:/usr)?/lib/systemd/system/[^/]+\.service\Z")
# steps from packages to dependencies, and from units to what they name, in one image; a large one
# takes some thousands
_MAX_STEPS = 1_000_000
_MAX_UNITS = 1000  # of one package
_MAX_UNIT = 64 << 10
_STEP = 64  # characters of a unit
_MAX_SET = 1000  # variables in one unit
_PATH = re.compile(r"(?<![\w./+-])/[\w./+-]{1,200}")
_SET = re.compile(r"^[ \t]*(\w{1,40})=[\"']?([\w./+-]{1,100})[\"']?[ \t]*$", re.MULTILINE)
_VARIABLE = re.compile(r"\$\{?(\w{1,40})\}?")
_Step = TypeVar("_Step")


def operated(scene: Scene, dependencies: Dependencies) -> Mapping[str, ImagePath]:
    """Return the packages, by purl, with commands that a daemon's operators use.

    The value is the daemon's program that ran, as a package lists it. A daemon has a service unit
    or an init script. The program may be in another package of the same source on which the one
    with the unit depends. All packages of that source with a command count.
    """
    sources: dict[str, list[Package]] = {}
    for package in (package for ecosystem in SYSTEM for package in scene.packages(ecosystem)):
        sources.setdefault(package.source.partition("@")[0] or package.name, []).append(package)
    daemons = _Daemons(scene, dependencies)
    out: dict[str, ImagePath] = {}
    # Distributions make several packages of one source: `apache2` has the unit, `apache2-bin` the
    # program, `apache2-utils` the tools.
    for family in sources.values():
        # A source with an essential package is the system itself: there a daemon is one package.
        alone = any(package.essential for package in family)
        purls = frozenset[str]() if alone else frozenset(package.purl for package in family)
        rest = [] if alone else family
        for package in family:
            program = None if package.essential else daemons.program(package, purls)
            if program is not None:
                out.setdefault(package.purl, program)
                out.update(
                    (item.purl, program)
                    for item in rest
                    if item.purl not in out and _has_command(scene, item)
                )
                rest = []
    return out


class _Daemons:
    """Finder of the daemons' programs that ran; results are cached, and steps are bounded."""

    def __init__(self, scene: Scene, dependencies: Dependencies) -> None:
        self._scene = scene
        self._dependencies = dependencies
        self._steps = _MAX_STEPS
        self._direct: dict[str, tuple[Package, ...]] = {}
        self._ran: dict[str, tuple[ImagePath, ...]] = {}

    def program(self, package: Package, family: Container[str]) -> ImagePath | None:
        """Return the first program that ran of a package with a unit, or None.

        It may be of a package of the `family` (purls) on which this one depends, directly or not.
        """
        if not any(_UNIT.match(path) for path in package.files):
            return None
        own = self._programs(package)
        # procps is no daemon: its script starts `sysctl`, and `kill` ran.
        if package.ecosystem is Ecosystem.DEB and own:
            return None if self._starts_another(package, own) else own[0]
        programs = (
            *own,
            *(path for item in self._needed(package, family) for path in self._programs(item)),
        )
        if not programs or (package.ecosystem is Ecosystem.DEB and not self._has_compiled(package)):
            return next(iter(programs), None)
        # Without essential packages, which only dpkg has, the unit has to name the program. So it
        # does if the package has a compiled program of its own: servers depend on their clients.
        texts = list(self._units(package))
        if package.ecosystem is not Ecosystem.DEB:
            return next(
                (path for path in programs if any(f"/{name(path)}" in text for text in texts)), None
            )
        named = {path for text in texts for path in self._named(text)}
        return next(
            (path for path in programs if (end := self._end(path)) is not None and end in named),
            None,
        )

    def _starts_another(self, package: Package, ran: tuple[ImagePath, ...]) -> bool:
        """Return whether the units name compiled programs of the package, but none that ran."""
        files = frozenset(package.files)
        named = {path for text in self._units(package) for path in self._named(text)}
        own = [
            entry
            for path in sorted(path for path in named if path in files)
            if (entry := self._scene.rootfs.get(path)) is not None and entry.is_executable
        ]
        # A script that a unit names may start any program.
        return bool(own) and not named.intersection(ran) and all(map(self._is_elf, own))

    def _programs(self, package: Package) -> tuple[ImagePath, ...]:
        """Return the programs of a package that ran."""
        if package.purl not in self._ran:
            self._ran[package.purl] = tuple(
                path for path in package.files if self._scene.used_as(path, Use.EXECUTED)
            )
        return self._ran[package.purl]

    def _needed(self, package: Package, family: Container[str]) -> list[Package]:
        """Return the dependencies of a package in its family, direct or not, nearest first."""
        found = {package.purl}
        todo = [package]
        for current in todo:
            for item in self._depends(current, family):
                if item.purl not in found:
                    found.add(item.purl)
                    todo.append(item)
        return todo[1:]

    def _depends(self, package: Package, family: Container[str]) -> Iterator[Package]:
        if package.purl not in self._direct:
            self._direct[package.purl] = tuple(
                item
                for item in self._counted(self._dependencies.of(package))
                if item.purl in family
            )
        yield from self._counted(iter(self._direct[package.purl]))

    def _counted(self, steps: Iterator[_Step]) -> Iterator[_Step]:
        for step in islice(steps, self._steps):
            self._steps -= 1
            yield step

    def _has_compiled(self, package: Package) -> bool:
        """Return whether a package has a compiled program."""
        entries = (self._scene.rootfs.get(path) for path in package.files)
        return any(
            self._is_elf(entry)
            for entry in self._counted(
                entry for entry in entries if entry is not None and entry.is_executable
            )
        )

    def _is_elf(self, entry: Entry) -> bool:
        with self._scene.rootfs.open(entry.path) as stream:
            return stream.read(4) == b"\x7fELF"

    def _units(self, package: Package) -> Iterator[str]:
        """Yield the texts of a package's units and init scripts."""
        for path in islice((path for path in package.files if _UNIT.match(path)), _MAX_UNITS):
            entry = self._scene.rootfs.get(path)
            if entry is not None and entry.is_file and self._steps:
                text = self._scene.text(entry)[:_MAX_UNIT].decode("utf-8", "replace")
                self._steps -= min(self._steps, 1 + len(text) // _STEP)
                yield text

    def _named(self, text: str) -> Iterator[ImagePath | None]:
        """Yield what the paths in a unit lead to, None for a path that leads nowhere.

        Variables that an init script sets are filled in (`DAEMON=/usr/sbin/$NAME`).
        """
        values = dict(_SET.findall(text))
        whole = _VARIABLE.sub(
            lambda match: values.get(match.group(1), match.group()), text, count=_MAX_SET
        )
        yield from (self._end(match.group()) for match in self._counted(_PATH.finditer(whole)))

    def _end(self, path: str) -> ImagePath | None:
        final = self._scene.rootfs.walk(path).final
        return None if final is None else final.path


def _has_command(scene: Scene, package: Package) -> bool:
    for path in package.files:
        above = scene.rootfs.walk(parent(path)).final
        if above is not None and above.path in scene.command_path:
            return True
    return False
