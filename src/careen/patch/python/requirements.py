"""Requirements between installed Python distributions, as `pip check` reads them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

MAX_REQUIREMENTS = 2000
"""Requires-Dist lines read of one distribution; the longest list in use has some 400."""

_MAX_LINE = 2000


@dataclass(frozen=True, slots=True)
class Installed:
    """What others depend on: normalised name, version as written, requirements, Requires-Python."""

    name: str
    version: str
    requires: tuple[str, ...] = ()
    python: str = ""


def installed_of(name: str, version: str, metadata: str) -> Installed:
    """Parse the headers of METADATA."""
    requires: list[str] = []
    python = ""
    for line in metadata.split("\n"):
        text = line.rstrip("\r")
        if not text:
            break
        key, _, value = text.partition(":")
        if key.lower() == "requires-dist" and len(requires) < MAX_REQUIREMENTS:
            requires.append(value.strip())
        elif key.lower() == "requires-python":
            python = value.strip()[:200]
        elif (
            key.lower() == "version"
            and version_of(value.strip()) == version_of(version) is not None
        ):
            # It can differ from the file name's (`2024.07.04`); the interpreter reports this one.
            version = value.strip()
    return Installed(name, version, tuple(requires), python)


def version_of(text: str) -> Version | None:
    """Parse a version; return None if it is invalid."""
    if len(text) > 200:  # noqa: PLR2004 — longer than any version
        return None
    try:
        return Version(text)
    except InvalidVersion:
        return None


@lru_cache(maxsize=8192)
def _requirement(line: str) -> Requirement | None:
    if len(line) > _MAX_LINE:
        return None
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None


def requirements(
    dist: Installed, markers: Mapping[str, str]
) -> tuple[tuple[str, Requirement], ...]:
    """Return the requirements in an environment, each with its normalised name.

    Requirements of extras are left out.
    """
    return _required(dist, tuple(sorted(markers.items())))


@lru_cache(maxsize=4096)  # each distribution is asked for each version on offer
def _required(
    dist: Installed, frozen: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, Requirement], ...]:
    markers = dict(frozen)
    out: list[tuple[str, Requirement]] = []
    for line in dist.requires:
        found = _requirement(line)
        if found is None:
            continue
        try:
            holds = found.marker is None or found.marker.evaluate({**markers, "extra": ""})
        except (UndefinedComparison, UndefinedEnvironmentName, InvalidVersion):
            holds = True
        if holds:
            out.append((canonicalize_name(found.name), found))
    return tuple(out)


def allows(requirement: Requirement, version: str) -> bool:
    """Return whether a version satisfies a requirement.

    An invalid version satisfies a requirement without a specifier only.
    """
    parsed = version_of(version)
    return (
        requirement.specifier.contains(parsed, prereleases=True)
        if parsed is not None
        else not requirement.specifier
    )


def problems(dists: Iterable[Installed], markers: Mapping[str, str]) -> frozenset[str]:
    """Return what `pip check` would report: one sentence for each unmet requirement."""
    known = {dist.name: dist for dist in dists}
    out: set[str] = set()
    for dist in known.values():
        for name, requirement in requirements(dist, markers):
            other = known.get(name)
            if other is None:
                out.add(f"{dist.name} {dist.version} requires {name}, which is not installed")
            elif not allows(requirement, other.version):
                out.add(
                    f"{dist.name} {dist.version} requires {name}{requirement.specifier}, and"
                    f" {other.version} is installed"
                )
    return frozenset(out)


def objections(
    dists: Iterable[Installed], name: str, version: str, markers: Mapping[str, str]
) -> tuple[tuple[Installed, str], ...]:
    """Return the distributions that do not allow a version of `name`, each with the reason.

    The reason reads like `requires-dist of foo 1.2: urllib3<2`.
    """
    out: list[tuple[Installed, str]] = []
    for dist in dists:
        for wanted, requirement in requirements(dist, markers):
            if wanted == name and dist.name != name and not allows(requirement, version):
                out.append(
                    (
                        dist,
                        (
                            f"requires-dist of {dist.name} {dist.version}:"
                            f" {name}{requirement.specifier}"
                        ),
                    )
                )
    return tuple(out)


def needed(dist: Installed, markers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names that a distribution requires, sorted."""
    return tuple(sorted({name for name, _ in requirements(dist, markers)}))
