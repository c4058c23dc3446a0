"""Daemons that ran, by Debian's packages, and the packages whose commands their operators use."""

import re
from collections.abc import Iterable, Mapping

from careen.model.package import Ecosystem, Package
from careen.model.paths import ImagePath, parent
from careen.model.trace import Use
from careen.plan.dependencies import Dependencies
from careen.plan.scene import Scene

_UNIT = re.compile(r"/etc/init\.d/.|(?:/usr)?/lib/systemd/system/[^/]+\.service\Z")


def operated(scene: Scene, dependencies: Dependencies) -> Mapping[str, ImagePath]:
    """Return the packages with commands that a daemon's operators use (purl → the daemon's program that ran, as a package lists it).

    A daemon has a service unit or an init script. Debian makes several packages of one source (`apache2` has the unit, `apache2-bin` the program,
    `apache2-utils` the tools), so the program may be another package's of that source on which the one with the unit depends, and all of that source
    count that have a command. Sources with an essential package are the system itself: there a daemon is one package.
    """
    sources: dict[str, list[Package]] = {}
    for package in scene.packages(Ecosystem.DEB):
        sources.setdefault(package.source.partition("@")[0] or package.name, []).append(package)
    out: dict[str, ImagePath] = {}
    for family in sources.values():
        alone = any(package.essential for package in family)
        for package in family:
            if package.essential or not any(_UNIT.match(path) for path in package.files):
                continue
            program = _ran(scene, [package] if alone else _with_needed(package, family, dependencies))
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


def _ran(scene: Scene, packages: Iterable[Package]) -> ImagePath | None:
    return next((path for package in packages for path in package.files if scene.used_as(path, Use.EXECUTED)), None)


def _has_command(scene: Scene, package: Package) -> bool:
    for path in package.files:
        above = scene.rootfs.walk(parent(path)).final
        if above is not None and above.path in scene.command_path:
            return True
    return False
