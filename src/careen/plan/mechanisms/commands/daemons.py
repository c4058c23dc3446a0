"""Daemons that ran, by the packages of the system, and the packages whose commands their operators
use.
"""

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
# from packages to what they depend on, and from units to what they name, in one image; a large one
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
    """Return the packages with commands that a daemon's operators use (purl → the daemon's program
    that ran, as a package lists it).

    A daemon has a service unit or an init script. A distribution makes several packages of one
    source (`apache2` has the unit, `apache2-bin` the program, `apache2-utils` the tools), so the
    program may be another package's of that source on which the one with the unit depends, and all
    of that source count that have a command. Sources with an essential package are the system
    itself: there a daemon is one package. Only dpkg has essential packages; of others the unit has
    to name the program. So it has of dpkg's, too, where the package with the unit has a compiled
    program of its own and another's ran: servers depend on their clients. A package whose units
    start other programs than those that ran (procps: its script starts `sysctl`, and `kill` ran) is
    no daemon.
    """
    sources: dict[str, list[Package]] = {}
    for package in (package for ecosystem in SYSTEM for package in scene.packages(ecosystem)):
        sources.setdefault(package.source.partition("@")[0] or package.name, []).append(package)
    daemons = _Daemons(scene, dependencies)
    out: dict[str, ImagePath] = {}
    for family in sources.values():
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
    """Finds the programs of daemons that ran. What is asked of a package is found out once, and
    steps between packages are counted.
    """

    def __init__(self, scene: Scene, dependencies: Dependencies) -> None:
        self._scene = scene
        self._dependencies = dependencies
        self._steps = _MAX_STEPS
        self._direct: dict[str, tuple[Package, ...]] = {}
        self._ran: dict[str, tuple[ImagePath, ...]] = {}

    def program(self, package: Package, family: Container[str]) -> ImagePath | None:
        """Return the first program that ran of a package with a unit, or of those of its family
        (purls) that it depends on, directly or not.
        """
        if not any(_UNIT.match(path) for path in package.files):
            return None
        own = self._programs(package)
        if package.ecosystem is Ecosystem.DEB and own:
            return None if self._starts_another(package, own) else own[0]
        programs = (
            *own,
            *(path for item in self._needed(package, family) for path in self._programs(item)),
        )
        if not programs or (package.ecosystem is Ecosystem.DEB and not self._has_compiled(package)):
            return next(iter(programs), None)
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
        """Say whether the units name compiled programs of the package, and none that ran.

        A script that they name may start any program: then nothing is known.
        """
        files = frozenset(package.files)
        named = {path for text in self._units(package) for path in self._named(text)}
        own = [
            entry
            for path in sorted(path for path in named if path in files)
            if (entry := self._scene.rootfs.get(path)) is not None and entry.is_executable
        ]
        return bool(own) and not named.intersection(ran) and all(map(self._is_elf, own))

    def _programs(self, package: Package) -> tuple[ImagePath, ...]:
        """The programs of a package that ran."""
        if package.purl not in self._ran:
            self._ran[package.purl] = tuple(
                path for path in package.files if self._scene.used_as(path, Use.EXECUTED)
            )
        return self._ran[package.purl]

    def _needed(self, package: Package, family: Container[str]) -> list[Package]:
        """Those of its family that a package depends on, directly or not, the nearest first."""
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
        """Say whether a package has a compiled program."""
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
        """Yield what the paths in a unit lead to; an init script puts some together
        (`DAEMON=/usr/sbin/$NAME`).
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
