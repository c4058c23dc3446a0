"""Check of a project with `npm ls`, run on a copy that holds only its package.json files."""

import json
from collections.abc import Mapping
from typing import Any

from careen.errors import ToolError
from careen.formats.json_document import items, mapping, text
from careen.patch.npm.registry import Registry
from careen.patch.npm.tree import MODULES, Tree
from careen.patch.sandbox import INSIDE, LONG, Sandbox

_SHOWN = 3
_WRITE = """
const fs = require('fs'), path = require('path');
const [from, to] = process.argv.slice(1);
const [documents, links] = JSON.parse(fs.readFileSync(from, 'utf8'));
fs.rmSync(to, {recursive: true, force: true});
fs.mkdirSync(path.join(to, 'node_modules'), {recursive: true});
for (const place of Object.keys(documents)) {
  fs.mkdirSync(path.join(to, place), {recursive: true});
  fs.writeFileSync(path.join(to, place, 'package.json'), JSON.stringify(documents[place]));
}
for (const place of Object.keys(links)) {
  const link = path.join(to, place);
  fs.mkdirSync(path.dirname(link), {recursive: true});
  if (!fs.existsSync(link)) fs.symlinkSync(path.relative(path.dirname(link), path.join(to, links[place])), link);
}
"""
_MAX_DEPTH = 150


def check(
    before: Tree, after: Tree, sandbox: Sandbox, registry: Registry
) -> Mapping[str, tuple[str, ...]]:
    """Return the versions that npm sees after the change, by name.

    Raises ToolError if npm reports a problem that it did not report before.
    """
    listed = registry.memory.listed
    if "" not in listed:  # the image's own state
        listed[""] = _asked(before, sandbox, registry)
    was = listed[""]
    now = _asked(after, sandbox, registry)
    worse = sorted(_problems(now) - _problems(was))
    if worse:
        msg = (
            f"npm ls finds the project broken after the upgrade: {'; '.join(worse[:_SHOWN])};"
            " nothing was changed in the image"
        )
        raise ToolError(msg)
    return _versions(now)


def _asked(tree: Tree, sandbox: Sandbox, registry: Registry) -> Mapping[str, Any]:
    """Write the copy inside the container and ask `npm ls`."""
    documents = {place: node.document for place, node in tree.nodes.items()}
    links = {
        f"{MODULES}/{tree.nodes[member].name}": member
        for member in tree.members
        if member in tree.nodes
    }
    said_to = sandbox.put("npm/tree.json", json.dumps([documents, links]).encode())
    doing = "asking npm ls"
    # Written inside the container: a writer outside could follow links that lie there.
    registry.node("-e", _WRITE, said_to, f"{INSIDE}/npm/tree", doing=doing)
    status, said = registry.npm(
        "ls", "--all", "--json", "--prefix", f"{INSIDE}/npm/tree", doing=doing, timeout=LONG
    )
    if not isinstance(said, dict):
        msg = f"{doing}: it ended with {status} and said nothing that can be read"
        raise ToolError(msg)
    return said


def _problems(said: Mapping[str, Any]) -> set[str]:
    return {
        text(item)[:300]
        for item in items(said.get("problems"))
        if not text(item).startswith("extraneous")
    }


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
