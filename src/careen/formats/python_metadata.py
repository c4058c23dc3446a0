"""Metadata of Python distributions: METADATA or PKG-INFO, and requirements."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from careen.errors import ImageError

# File extensions of distributions that are not unpacked.
ARCHIVES = (
    ".whl",
    ".egg",
    ".pyz",
    ".pex",
    ".shiv",
)
_SECTION = re.compile(r"\[([^\]:]*)(?::(.*))?\]\s*\Z")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\Z")
_MACHINES = ("x86_64", "aarch64", "")
_MINORS = range(6, 16)
_MAX_REQUIREMENTS = 10_000


@dataclass(frozen=True, slots=True)
class PythonMetadata:
    """Name (PyPA normalised), version (as written) and Requires-Dist lines of a distribution."""

    name: str
    version: str
    requires: tuple[str, ...]


def read_metadata(data: bytes, where: str) -> PythonMetadata:
    """Read the headers of METADATA or PKG-INFO (core metadata specification).

    Raises ImageError without a usable Name and Version.
    """
    # Not packaging's `parse_email`: its time is quadratic in the header names of a hostile file.
    fields: dict[str, list[str]] = {"name": [], "version": [], "requires-dist": []}
    for line in data.decode("utf-8", "replace").split("\n"):
        text = line.rstrip("\r")
        if not text:
            break
        key, colon, value = text.partition(":")
        if colon and key.lower() in fields:
            fields[key.lower()].append(value.strip())
    name, version = (next(iter(fields[key]), "") for key in ("name", "version"))
    if not _NAME.match(name) or not version:
        msg = f"{where}: no usable Name and Version: {name!r} {version!r}"
        raise ImageError(msg)
    return PythonMetadata(
        canonicalize_name(name), version, tuple(fields["requires-dist"][:_MAX_REQUIREMENTS])
    )


def egg_requirements(text: str) -> tuple[str, ...]:
    """Return the Requires-Dist lines of setuptools' requires.txt.

    A section `[extra:marker]` becomes a marker.
    """
    out: list[str] = []
    suffix = ""
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        section = _SECTION.match(line)
        if section is None:
            out.append(line + suffix)
            continue
        extra, marker = section.group(1), section.group(2)
        terms = [*([f"({marker})"] if marker else []), *([f'extra == "{extra}"'] if extra else [])]
        suffix = f" ; {' and '.join(terms)}" if terms else ""
    return tuple(out[:_MAX_REQUIREMENTS])


def unconditional(requires: Iterable[str], python: str) -> tuple[str, ...]:
    """Return the normalised names of the requirements that hold on Linux without an extra.

    `python` is the version (`3.11`), or "" if unknown. A marker that the image does not decide
    (machine, patch release) counts as true if it can be true. Invalid lines are ignored.
    """
    out: dict[str, None] = {}
    for line in requires:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        if requirement.marker is None or _may_hold(str(requirement.marker), python):
            out[canonicalize_name(requirement.name)] = None
    return tuple(out)


@lru_cache(maxsize=4096)
def _may_hold(text: str, python: str) -> bool:
    try:
        marker = Marker(text)
        return any(marker.evaluate(dict(environment)) for environment in _environments(python))
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
        return True


@lru_cache(maxsize=64)
def _environments(python: str) -> tuple[Mapping[str, str], ...]:
    versions = (python,) if python else tuple(f"3.{minor}" for minor in _MINORS)
    return tuple(
        {
            "os_name": "posix",
            "sys_platform": "linux",
            "platform_system": "Linux",
            "platform_machine": machine,
            "platform_release": "",
            "platform_version": "",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "implementation_version": f"{version}.{patch}",
            "python_version": version,
            "python_full_version": f"{version}.{patch}",
            "extra": "",
        }
        for version in versions
        for machine in _MACHINES
        for patch in (0, 99)
    )
