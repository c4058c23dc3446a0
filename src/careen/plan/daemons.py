"""Daemons that ran, by the packages of the system, and the packages whose commands their operators use."""

import re
from collections.abc import Iterable, Mapping

from careen.model.package import Ecosystem, Package
from careen.model.paths import ImagePath, name, parent
from careen.model.trace import Use
from careen.plan.dependencies import Dependencies
from careen.plan.scene import SYSTEM, Scene

_UNIT = re.compile(r"/etc/init\.d/.|(?:/usr)?/lib/systemd/system/[^/]+\.service\Z")


def operated(scene: Scene, dependencies: Dependencies) -> Mapping[str, ImagePath]:
    """Return the packages with commands that a daemon's operators use (purl → the daemon's program that ran, as a package lists it).

    A daemon has a service unit or an init script. A distribution makes several packages of one source (`apache2` has the unit, `apache2-bin` the program,
    `apache2-utils` the tools), so the program may be another package's of that source on which the one with the unit depends, and all of that source
    count that have a command. Sources with an essential package are the system itself: there a daemon is one package. Only dpkg has essential packages; of
    others the unit has to name the program.
    """
    sources: dict[str, list[Package]] = {}
    for package in (package for ecosystem in SYSTEM for package in scene.packages(ecosystem)):
        sources.setdefault(package.source.partition("@")[0] or package.name, []).append(package)
    out: dict[str, ImagePath] = {}
    for family in sources.values():
        alone = any(package.essential for package in family)
        for package in family:
            if package.essential or not any(_UNIT.match(path) for path in package.files):
                continue
            program = _ran(scene, package, [package] if alone else _with_needed(package, family, dependencies))
            if program is not None:
                chosen = [package] if alone else [item for item in family if item is package or _has_command(scene, item)]
                out.update((item.purl, program) for item in chosen if item.purl not in out)
    return out


def _with_needed(package: Package, family: list[Package], dependencies: Dependencies) -> list[Package]:
    """A package and those of its family that it depends on, directly or not."""
    found = [package]
    for current in found:
        found.extend(item for item in dependencies.of(current) if item in family and item not in found)
    return found


def _ran(scene: Scene, package: Package, packages: Iterable[Package]) -> ImagePath | None:
    """Return the first program of these packages that ran."""
    programs = [path for item in packages for path in item.files if scene.used_as(path, Use.EXECUTED)]
    if package.ecosystem is not Ecosystem.DEB:
        texts = [scene.text(entry) for path in package.files if _UNIT.match(path) and (entry := scene.rootfs.get(path)) is not None and entry.is_file]
        programs = [path for path in programs if any(f"/{name(path)}".encode() in text for text in texts)]
    return next(iter(programs), None)


def _has_command(scene: Scene, package: Package) -> bool:
    for path in package.files:
        above = scene.rootfs.walk(parent(path)).final
        if above is not None and above.path in scene.command_path:
            return True
    return False
