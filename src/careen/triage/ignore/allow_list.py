"""A plain allow-list in YAML or JSON: entries with `id` or `cve`, `reason` and `review_by`.

AWS's deep-learning containers keep theirs so, with `vulnerability_id`.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from careen.errors import ConfigError
from careen.formats.json_document import parse
from careen.triage.ignore.fields import check_names, day_of, text_of
from careen.triage.ignore.rule import (
    ANY,
    MAX_REASON,
    MAX_RULES,
    Rule,
    check_days,
    check_glob,
    refuse,
)
from careen.triage.ignore.shape import IgnoreList, NewEntry, Shape
from careen.triage.ignore.yaml_text import (
    Item,
    YamlFile,
    items_of,
    read_yaml_file,
    with_items,
    without_items,
)

KEYS = ("allowlist", "allow_list", "exceptions", "entries", "ignore")
"""Members of which one may hold the list; else the document is the list."""

IDENTIFIERS = ("id", "cve", "vulnerability_id")
_MEMBERS = (*IDENTIFIERS, "package", "reason", "review_by", "until")


def _rule(item: Item) -> Rule:
    value, where = item.value, item.where
    check_names(value, _MEMBERS, where)
    named = [text for name in IDENTIFIERS if (text := text_of(value, name, where))]
    if len(named) != 1 or named[0] == ANY:
        raise refuse(where, f"an entry needs one of {', '.join(IDENTIFIERS)}, with an identifier")
    reason = " ".join(text_of(value, "reason", where).split())[:MAX_REASON]
    if not reason:
        raise refuse(where, "an entry needs a reason")
    review_by, until = day_of(value, "review_by", where), day_of(value, "until", where)
    check_days(review_by, until, where)
    package = check_glob(text_of(value, "package", where), where)
    return Rule(named[0].upper(), package, reason, until, where, review_by, item.place)


def _key(document: object) -> str:
    """Return the member that holds the list, "" if the document is the list."""
    if not isinstance(document, dict):
        return ""
    return next((key for key in KEYS if key in document), KEYS[0])


def _members(entry: NewEntry, identifier: str) -> Mapping[str, Any]:
    return {
        identifier: entry.identifier,
        "package": entry.name,
        "reason": entry.reason,
        "review_by": entry.review_by.isoformat(),
    }


def _spelled(items: Sequence[Mapping[str, Any]]) -> str:
    """Return the member that the file's entries have for the identifier."""
    return next((name for item in items for name in IDENTIFIERS if name in item), "id")


def parse_yaml_list(data: bytes, name: str) -> IgnoreList:
    """Parse a list in YAML. Raises ConfigError `name:line: …`."""
    return yaml_list(read_yaml_file(data, name))


def yaml_list(file: YamlFile) -> IgnoreList:
    """Return the entries of a file that was read. Raises as `parse_yaml_list`."""
    key = _key(file.value)
    if isinstance(file.value, dict):
        check_names(file.value, (key,), file.name)
    return IgnoreList(tuple(_rule(item) for item in items_of(file, key)))


def _add_yaml(data: bytes, entries: Sequence[NewEntry], name: str) -> bytes:
    file = read_yaml_file(data, name)
    key = _key(file.value)
    identifier = _spelled([item.value for item in items_of(file, key)])
    return with_items(file, key, [_members(entry, identifier) for entry in entries])


def _remove_yaml(data: bytes, places: Collection[int], name: str) -> bytes:
    file = read_yaml_file(data, name)
    return without_items(file, _key(file.value), places)


def parse_json_list(data: bytes, name: str) -> IgnoreList:
    """Parse a list in JSON. Raises ConfigError `name: entry N: …`."""
    return IgnoreList(tuple(_rule(item) for item in _json_items(*_read(data, name), name)))


def _read(data: bytes, name: str) -> tuple[Any, list[Any]]:
    """Return the document, and the list in it. Raises ConfigError."""
    document = parse(data, name, ConfigError, unique=True) if data.strip() else []
    key = _key(document)
    if isinstance(document, dict):
        check_names(document, (key,), name)
    found = document.setdefault(key, []) if isinstance(document, dict) else document
    if not isinstance(found, list):
        raise refuse(name, f"{key or 'the file'}: expected a list, got {type(found).__name__}")
    if len(found) > MAX_RULES:
        raise refuse(name, f"more than the {MAX_RULES} rules that are read of such a file")
    return document, found


def _json_items(_document: Any, found: Sequence[Any], name: str) -> Iterator[Item]:
    for place, each in enumerate(found):
        where = f"{name}: entry {place + 1}"
        if not isinstance(each, dict):
            raise refuse(where, f"expected an object, got {str(each)[:80]!r}")
        yield Item(place, where, each)


def _add_json(data: bytes, entries: Sequence[NewEntry], name: str) -> bytes:
    document, found = _read(data, name)
    identifier = _spelled([item.value for item in _json_items(document, found, name)])
    found.extend(_members(entry, identifier) for entry in entries)
    return _dumped(document, data)


def _remove_json(data: bytes, places: Collection[int], name: str) -> bytes:
    document, found = _read(data, name)
    found[:] = [each for place, each in enumerate(found) if place not in places]
    return _dumped(document, data)


def _dumped(document: Any, before: bytes) -> bytes:
    """Return JSON with the indentation of the file before."""
    indent = re.search(rb"\n([ \t]+)\S", before)
    width = indent[1].decode() if indent is not None else 2
    text = json.dumps(document, indent=width, ensure_ascii=False)
    if not text.isprintable() and any(0xD800 <= ord(char) < 0xE000 for char in text):  # noqa: PLR2004
        text = json.dumps(document, indent=width)  # half a character, which is not UTF-8
    return f"{text}\n".encode()


YAML = Shape("an allow-list in YAML", parse_yaml_list, _add_yaml, _remove_yaml)
JSON = Shape("an allow-list in JSON", parse_json_list, _add_json, _remove_json)
