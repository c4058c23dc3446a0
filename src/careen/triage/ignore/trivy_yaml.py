"""`.trivyignore.yaml`, Trivy's list with packages, paths and reasons.

Source: pkg/result/ignore.go of Trivy.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from careen.triage.ignore.fields import check_names, reason_of, text_of, texts_of
from careen.triage.ignore.rule import MAX_GLOB, Rule, day, refuse, review_in
from careen.triage.ignore.scope import Scope, check_scope
from careen.triage.ignore.shape import IgnoreList, NewEntry, Shape
from careen.triage.ignore.trivy_lines import last_day
from careen.triage.ignore.yaml_text import (
    Item,
    YamlFile,
    items_of,
    read_yaml_file,
    with_items,
    without_items,
)

NAMES = (".trivyignore.yaml", ".trivyignore.yml")
KEY = "vulnerabilities"

_OTHERS = ("misconfigurations", "secrets", "licenses")
_MEMBERS = ("id", "paths", "purls", "expired_at", "statement")


def parse_trivy_yaml(data: bytes, name: str) -> IgnoreList:
    """Parse the entries under `vulnerabilities`. Raises ConfigError `name:line: …`."""
    return trivy_list(read_yaml_file(data, name))


def trivy_list(file: YamlFile) -> IgnoreList:
    """Return the entries of a file that was read. Raises as `parse_trivy_yaml`."""
    if file.value is not None and not isinstance(file.value, dict):
        raise refuse(file.name, f"expected {KEY}: with a list, as Trivy has it")
    check_names(file.value or {}, (KEY, *_OTHERS), file.name)
    rules = tuple(_rule(item) for item in items_of(file, KEY))
    return IgnoreList(rules, tuple(_notes(file)))


def _notes(file: YamlFile) -> list[str]:
    counted = ((key, (file.value or {}).get(key)) for key in _OTHERS)
    return [
        f"{file.name}: {key}: {len(value):,} {'entry' if len(value) == 1 else 'entries'}, not about"
        " vulnerabilities: not applied"
        for key, value in counted
        if isinstance(value, list) and value
    ]


def _rule(item: Item) -> Rule:
    value, where = item.value, item.where
    check_names(value, _MEMBERS, where)
    identifier = text_of(value, "id", where)
    if not identifier:
        raise refuse(where, "an entry needs an id")
    scope = Scope(purls=texts_of(value, "purls", where), paths=texts_of(value, "paths", where))
    problem = check_scope(scope, MAX_GLOB)
    if problem:
        raise refuse(where, problem)
    reason = reason_of(value, "statement", where)
    until = _until(text_of(value, "expired_at", where), where)
    return Rule(
        identifier.upper(),
        "",
        reason,
        until,
        where,
        review_in(reason) if until is None else None,
        item.place,
        scope if scope != Scope() else None,
    )


def _until(text: str, where: str) -> dt.date | None:
    """Return the last whole day before `expired_at`, a day or a time."""
    if not text:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return last_day(day(text, "expired_at", where))
    if moment.tzinfo is not None:
        try:
            moment = moment.astimezone(dt.UTC)
        except OverflowError as error:
            raise refuse(where, f"expired_at: {text[:80]!r} is no time in UTC") from error
    return last_day(moment.date())


def _add(data: bytes, entries: Sequence[NewEntry], name: str) -> bytes:
    """Add one entry for the packages that share identifier and reason."""
    alike: dict[tuple[str, str], list[NewEntry]] = {}
    for entry in entries:
        alike.setdefault((entry.identifier, entry.reason), []).append(entry)
    return with_items(read_yaml_file(data, name), KEY, [_entry(group) for group in alike.values()])


def _entry(group: Sequence[NewEntry]) -> Mapping[str, Any]:
    first = group[0]
    return {
        "id": first.identifier,
        "purls": sorted({purl_of(entry.purl) for entry in group}),
        "expired_at": first.review_by,
        "statement": first.reason,
    }


def purl_of(purl: str) -> str:
    """Return a purl without version and qualifiers, which is any version of the package."""
    bare = purl.partition("?")[0].partition("#")[0]
    head, at, _ = bare.rpartition("@")
    return head if at and "/" in head else bare


def _remove(data: bytes, places: Collection[int], name: str) -> bytes:
    return without_items(read_yaml_file(data, name), KEY, places)


SHAPE = Shape("Trivy's YAML list", parse_trivy_yaml, _add, _remove)
