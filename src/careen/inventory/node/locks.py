"""Packages that lock files of npm, yarn and pnpm declare; they need not be installed."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from careen.errors import ImageError
from careen.formats.json_document import mapping, parse_object, text

LOCK_FILES = frozenset({"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml"})
MAX_LOCK = 32 << 20  # a monorepo's has about 5 MB
_MAX_LOCKED = 200_000

Locked = tuple[str, str]
"""Name with scope, version."""

_YARN_KEY = re.compile(r'"?((?:@[^@/"\s]+/)?[^@/"\s:]+)@')
_YARN_VERSION = re.compile(r'  version:? "?([^"\s]+)"?\s*\Z')
_PNPM_KEY = re.compile(r"/?((?:@[^@/\s]+/)?[^@/\s]+)[@/](\d[^\s():_'\"]*)")
_MAX_LINE = 20_000  # yarn joins all requirements of a package in one line


def locked(data: bytes, where: str) -> frozenset[Locked]:
    """Return the packages that a lock file declares, without the project's own and links.

    Raises ImageError for a broken file.
    """
    name = where.rpartition("/")[2]
    if name.endswith(".json"):
        found = _npm(parse_object(data, where, ImageError))
    else:
        lines = data.decode("utf-8", "replace").split("\n")
        found = _yarn(lines) if name == "yarn.lock" else _pnpm(lines)
    return frozenset(item for item, _ in zip(found, range(_MAX_LOCKED), strict=False))


def _npm(document: Mapping[str, Any]) -> Iterator[Locked]:
    """Yield the packages of npm's lock file."""
    # Versions 2 and 3 map paths to packages; version 1 nests `dependencies`.
    packages = mapping(document.get("packages"))
    for path, raw in packages.items():
        item = mapping(raw)
        name = text(item.get("name")) or path.rpartition("node_modules/")[2]
        if "node_modules/" in path and item.get("link") is not True and text(item.get("version")):
            yield name, text(item.get("version"))
    todo = [] if packages else [mapping(document.get("dependencies"))]
    while todo:
        for name, raw in todo.pop().items():
            item = mapping(raw)
            if version := text(item.get("version")):
                yield _alias(name, version)
            todo.append(mapping(item.get("dependencies")))


def _alias(name: str, version: str) -> Locked:
    """Return the real name and version: a version `npm:other@1.0` means another package."""
    if version.startswith("npm:"):
        other, _, number = version.removeprefix("npm:").rpartition("@")
        return other, number
    return name, version


def _yarn(lines: list[str]) -> Iterator[Locked]:
    """Yield the packages of yarn's lock file, classic or berry, without the workspace's own.

    A block has a key at the start of a line, and `version` indented by two.
    """
    name = ""
    for long in lines:
        line = long[:_MAX_LINE]
        if line and line[0] not in " #":
            match = _YARN_KEY.match(line)
            name = match.group(1) if match is not None and "@workspace:" not in line else ""
            aliased = (
                re.match(r'"?[^"]*?@npm:((?:@[^@/"\s]+/)?[^@/"\s:]+)@', line) if name else None
            )
            name = aliased.group(1) if aliased is not None else name
        elif name and (version := _YARN_VERSION.match(line)):
            yield name, version.group(1)
            name = ""


def _pnpm(lines: list[str]) -> Iterator[Locked]:
    """Yield the packages of pnpm's lock file, from the keys of `packages`.

    Versions 5, 6 and 9 write `/name/1.0.0`, `/name@1.0.0` and `name@1.0.0`, with peers in
    parentheses or after `_`.
    """
    inside = False
    for line in lines:
        if line and line[0] not in " #\r":
            inside = line.startswith("packages:")
        elif (
            inside
            and line.startswith("  ")
            and line[2:3].strip()
            and (key := line[:_MAX_LINE].rstrip()).endswith((":", ": {}"))
        ):
            match = _PNPM_KEY.match(key.strip().lstrip("'\""))
            if match is not None:
                yield match.group(1), match.group(2)
