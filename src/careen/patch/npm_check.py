"""`npm ls`: what npm itself says of a project, asked of a copy that holds nothing but its package.json files."""

import json
import os
import shutil
from collections.abc import Mapping
from typing import Any

from careen.errors import ToolError
from careen.formats.json_document import items, mapping, text
from careen.patch.bench import LONG, Bench
from careen.patch.node_tree import MODULES, Tree
from careen.patch.npm_registry import Registry

_SHOWN = 3
_MAX_DEPTH = 150


def check(before: Tree, after: Tree, bench: Bench, registry: Registry) -> Mapping[str, tuple[str, ...]]:
    """Return the versions that npm sees after the change, by name. Raises ToolError if it has anything to complain of that it had not before."""
    listed = registry.memory.listed
    if "" not in listed:  # as the image has it
        listed[""] = _asked(before, bench, registry)
    was = listed[""]
    now = _asked(after, bench, registry)
    worse = sorted(_problems(now) - _problems(was))
    if worse:
        msg = f"npm ls finds the project broken after the upgrade: {'; '.join(worse[:_SHOWN])}; nothing was changed in the image"
        raise ToolError(msg)
    return _versions(now)


def _asked(tree: Tree, bench: Bench, registry: Registry) -> Mapping[str, Any]:
    here, inside = bench.directory("npm/tree")
    try:
        for place, node in tree.nodes.items():
            directory = here / place
            directory.mkdir(parents=True, exist_ok=True)
            (directory / "package.json").write_text(json.dumps(node.document))
        (here / MODULES).mkdir(exist_ok=True)
        for member in tree.members:
            name = tree.nodes[member].name if member in tree.nodes else ""
            link = here / MODULES / name
            if name and ".." not in name.split("/") and not link.exists():
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(os.path.relpath(here / member, link.parent))  # the container sees it elsewhere
    except OSError as error:
        msg = f"asking npm ls: the copy of {tree.directory} cannot be made: {error.strerror}"
        raise ToolError(msg) from error
    try:
        status, said = registry.npm("ls", "--all", "--json", "--prefix", inside, doing="asking npm ls", timeout=LONG)
    finally:
        shutil.rmtree(here, ignore_errors=True)
    if not isinstance(said, dict):
        msg = f"asking npm ls: it ended with {status} and said nothing that can be read"
        raise ToolError(msg)
    return said


def _problems(said: Mapping[str, Any]) -> set[str]:
    return {text(item)[:300] for item in items(said.get("problems")) if not text(item).startswith("extraneous")}


def _versions(said: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """Return the versions of all copies by name."""
    found: dict[str, set[str]] = {}
    level = [mapping(said.get("dependencies"))]
    for _ in range(_MAX_DEPTH):
        inner = []
        for holder in level:
            for name, raw in holder.items():
                item = mapping(raw)
                if version := text(item.get("version")):
                    found.setdefault(name, set()).add(version)
                inner.append(mapping(item.get("dependencies")))
        level = [each for each in inner if each]
    return {name: tuple(sorted(versions)) for name, versions in sorted(found.items())}
