"""`ignore:` of Grype's configuration (`.grype.yaml`).

Source: grype/match/ignore.go of Grype. The rest of the configuration is left alone.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from careen.model.packages.purls import read_purl
from careen.triage.ignore.fields import check_names, mapping_of, reason_of, text_of
from careen.triage.ignore.rule import ANY, MAX_GLOB, Rule, refuse, review_in
from careen.triage.ignore.scope import Scope, check_scope
from careen.triage.ignore.shape import IgnoreList, NewEntry, Shape
from careen.triage.ignore.yaml_text import (
    Item,
    YamlFile,
    items_of,
    read_yaml_file,
    with_items,
    without_items,
)

NAMES = (".grype.yaml", ".grype.yml", "grype.yaml", "grype.yml")
KEY = "ignore"

_TYPES = {
    "apk": "apk",
    "conda": "conda",
    "deb": "deb",
    "npm": "npm",
    "pypi": "python",
    "cargo": "rust-crate",
    "generic": "binary",
    "golang": "go-module",
    "maven": "java-archive",
    "rpm": "rpm",
}
"""Grype's word for a type of package, by the purl's."""
_PURL_TYPES = {word: (kind,) for kind, word in _TYPES.items()} | {"jenkins-plugin": ("maven",)}
_LANGUAGES = {
    "go": ("golang",),
    "java": ("maven",),
    "javascript": ("npm",),
    "python": ("pypi", "conda"),
    "rust": ("cargo",),
}
_FIXES = ("fixed", "not-fixed", "wont-fix", "unknown")
_MEMBERS = (
    *("vulnerability", "include-aliases", "reason", "namespace", "fix-state", "package"),
    *("vex-status", "vex-justification", "match-type"),
)
_PACKAGE = ("name", "version", "language", "type", "location", "upstream-name")
_UNREAD = {
    "namespace": "careen has no namespaces of Grype's database",
    "match-type": "careen has no match types of Grype's",
    "vex-status": "careen takes VEX documents with --vex",
    "vex-justification": "careen takes VEX documents with --vex",
}


def parse_grype_yaml(data: bytes, name: str) -> IgnoreList:
    """Parse the entries under `ignore`. Raises ConfigError `name:line: …`."""
    return grype_list(read_yaml_file(data, name))


def grype_list(file: YamlFile) -> IgnoreList:
    """Return the entries of a file that was read. Raises as `parse_grype_yaml`."""
    if file.value is not None and not isinstance(file.value, dict):
        raise refuse(file.name, f"expected {KEY}: with a list, as Grype has it")
    return IgnoreList(tuple(_rule(item) for item in items_of(file, KEY)))


def _rule(item: Item) -> Rule:
    value, where = item.value, item.where
    check_names(value, _MEMBERS, where)
    package = mapping_of(value, "package", where)
    check_names(package, _PACKAGE, where)
    identifier = text_of(value, "vulnerability", where)
    location = text_of(package, "location", where)
    kinds, unread = _kinds(package, where)
    scope = Scope(
        paths=(location,) if location else (),
        name=text_of(package, "name", where),
        source=text_of(package, "upstream-name", where),
        version=text_of(package, "version", where),
        kinds=kinds,
        fix=text_of(value, "fix-state", where),
    )
    problem = check_scope(scope, MAX_GLOB)
    if scope.fix and scope.fix not in _FIXES:
        problem = f"fix-state: expected one of {', '.join(_FIXES)}, got {scope.fix[:80]!r}"
    if problem:
        raise refuse(where, problem)
    unread = next((f"{key}: {why}" for key, why in _UNREAD.items() if value.get(key)), unread)
    if not identifier and scope == Scope():
        unread = unread or "it names no vulnerability and no package"
    reason = reason_of(value, "reason", where)
    return Rule(
        identifier.upper() or ANY,
        "",
        reason,
        None,
        where,
        review_in(reason),
        item.place,
        scope if scope != Scope() else None,
        unread,
    )


def _kinds(package: Mapping[str, Any], where: str) -> tuple[tuple[str, ...], str]:
    """Return the purl types that type and language allow, and what of them is unknown."""
    kind, language = text_of(package, "type", where), text_of(package, "language", where)
    if kind and kind not in _PURL_TYPES:
        return (), f"type: careen finds no packages of type {kind[:80]!r}"
    if language and language not in _LANGUAGES:
        return (), f"language: careen finds no packages of language {language[:80]!r}"
    if kind and language:
        both = tuple(each for each in _PURL_TYPES[kind] if each in _LANGUAGES[language])
        return both, "" if both else "no package has both this type and this language"
    return (_PURL_TYPES[kind] if kind else _LANGUAGES.get(language, ())), ""


def _add(data: bytes, entries: Sequence[NewEntry], name: str) -> bytes:
    return with_items(read_yaml_file(data, name), KEY, [_entry(entry) for entry in entries])


def _entry(entry: NewEntry) -> Mapping[str, Any]:
    read = read_purl(entry.purl)
    name = entry.name if read is None else _name(entry.name, read.type)
    package = {"name": name}
    if read is not None and read.type in _TYPES:
        package["type"] = _TYPES[read.type]
    return {
        "vulnerability": entry.identifier,
        # Grype names a finding of a language's package by its GHSA.
        "include-aliases": True,
        "reason": f"{entry.reason}; review by {entry.review_by}",
        "package": package,
    }


def _name(name: str, kind: str) -> str:
    """Return the name as Grype has it; it takes one with special characters for an expression."""
    bare = name.rpartition(":")[2] if kind == "maven" else name
    return re.sub(r"([\^$*+?\[\](){}|\\])", r"\\\1", bare)


def _remove(data: bytes, places: Collection[int], name: str) -> bytes:
    return without_items(read_yaml_file(data, name), KEY, places)


SHAPE = Shape("Grype's configuration", parse_grype_yaml, _add, _remove)
