"""Findings that only a rebuild can fix, and what it takes; nothing is built.

They are in modules and crates linked into programs, and native libraries inside others' files.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from careen.formats.versions import UnreadableVersionError, VersionScheme, scheme_of_packages
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.patching import Aim, Blocked, BlockReason, Reach
from careen.model.paths import ImagePath
from careen.patch.port import Ground
from careen.patch.targets import choose

STANDARD_LIBRARY = "stdlib"
COMPILED = (Ecosystem.GOLANG, Ecosystem.CARGO, Ecosystem.GENERIC)
_UNSTATED = "(devel)"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Program:
    """A Go program: its main module, the module's version and Go's; "" if unknown."""

    main: str = ""
    version: str = ""
    go: str = ""


def explain(ground: Ground, aims: Sequence[Aim]) -> Sequence[Blocked]:
    """Return why each aim that no package manager claims is not upgraded, sorted by purl.

    What is compiled in is REBUILD, with what a rebuild takes; everything else is NO_MEANS. All
    findings of an aim are together.
    """
    programs = _programs(ground.inventory, {aim.purl for aim in aims})
    return tuple(
        _explained(aim, ground.inventory, programs)
        for aim in sorted(aims, key=lambda aim: aim.purl)
    )


def _explained(aim: Aim, inventory: Inventory, programs: Mapping[ImagePath, _Program]) -> Blocked:
    package = inventory.packages.get(aim.purl)
    if package is None or aim.ecosystem not in COMPILED:
        where = f" in {package.record}" if package is not None else ""
        detail = (
            f"fixed in {_fixes(aim)}; careen cannot upgrade {aim.ecosystem.value} packages{where}"
        )
        return aim.blocked(BlockReason.NO_MEANS, detail)
    match aim.ecosystem:
        case Ecosystem.GOLANG:
            detail = _go(aim, package, programs.get(package.record, _Program()))
        case Ecosystem.CARGO:
            detail = (
                f"cargo update -p {aim.name} --precise {_target(aim)} && cargo build --release, for"
                f" {_places(package)}"
            )
        case _:
            detail = _native(aim, package, inventory)
    owner = _owner(package, inventory, ("pkg:deb/", "pkg:apk/", "pkg:rpm/"))
    detail += f"; the file is {owner}'s, and its distribution's to build" if owner else ""
    return aim.blocked(BlockReason.REBUILD, detail)


def _go(aim: Aim, package: Package, program: _Program) -> str:
    target = _target(aim)
    what = (
        f"{_places(package)} (main module {f'{program.main} {program.version}'.strip()})"
        if program.main
        else _places(package)
    )
    if aim.name == STANDARD_LIBRARY:
        return (
            f"build {what} with Go ≥ {target.removeprefix('go').removeprefix('v')}; {aim.version}"
            " made it"
        )
    made = f"; Go {program.go} made it" if program.go else ""
    if program.main == aim.name:
        return (
            f"it is the program itself: install or build {aim.name} ≥ {_v(target)} as"
            f" {_places(package)}{made}"
        )
    return f"go get {aim.name}@{_v(target)} && go build, for {what}{made}"


def _native(aim: Aim, package: Package, inventory: Inventory) -> str:
    target = _target(aim)
    wheel = _owner(package, inventory, ("pkg:pypi/", "pkg:conda/", "pkg:npm/"))
    if wheel:
        return (
            f"{aim.name} {aim.version} is inside {_places(package)}, which {wheel} brings: a build"
            f" of that with {aim.name} ≥ {target} is needed"
        )
    return f"build {_places(package)} with {aim.name} ≥ {target}; {aim.version} is inside"


def _target(aim: Aim) -> str:
    """Return the lowest known version that closes the most, without a new major if possible."""
    known = list(dict.fromkeys(fix for fixes in aim.fixes.values() for fix in fixes))
    scheme = scheme_of_packages(aim.ecosystem)
    if scheme is None:  # native libraries: as the records list them
        return known[-1] if len(known) == 1 else _fixes(aim)
    for allow_major in (False, True):
        chosen = choose(aim, known, Reach.MINIMAL, allow_major=allow_major)
        if chosen.version and (allow_major or not chosen.left):
            return chosen.version
    return _highest(known, scheme)


def _highest(versions: Iterable[str], scheme: VersionScheme) -> str:
    best = ""
    for version in versions:
        try:
            best = version if not best or scheme.compare(version, best) > 0 else best
        except UnreadableVersionError:
            continue
    return best or next(iter(versions), "")


def _programs(inventory: Inventory, asked: set[str]) -> Mapping[ImagePath, _Program]:
    """Return the Go programs that contain the packages in `asked`, by path."""
    records = {
        package.record
        for purl, package in inventory.packages.items()
        if purl in asked and package.ecosystem is Ecosystem.GOLANG
    }
    out: dict[ImagePath, _Program] = {}
    for package in inventory.packages.values():
        if package.ecosystem is not Ecosystem.GOLANG or package.record not in records:
            continue
        known = out.get(package.record, _Program())
        if package.name == STANDARD_LIBRARY:
            out[package.record] = replace(known, go=package.version)
        elif package.evidence.startswith(("Go build info: ", "Go build info, ")):
            out[package.record] = replace(
                known,
                main=package.name,
                version="" if package.version == _UNSTATED else package.version,
            )
    return out


def _places(package: Package) -> str:
    named = list(package.files[:_SHOWN]) or [package.record]
    more = f" and {len(package.files) - _SHOWN} more" if len(package.files) > _SHOWN else ""
    return ", ".join(named) + more


def _owner(package: Package, inventory: Inventory, kinds: tuple[str, ...]) -> str:
    owners = inventory.owners.get(package.record, ())
    found = next(
        (owner for owner in owners if owner.startswith(kinds) and owner != package.purl), ""
    )
    return found.partition("?")[0]


def _v(version: str) -> str:
    return f"v{version.removeprefix('v')}"


def _fixes(aim: Aim) -> str:
    known = list(dict.fromkeys(fix for fixes in aim.fixes.values() for fix in fixes))
    return ", ".join(known[:_SHOWN]) + (" …" if len(known) > _SHOWN else "")
