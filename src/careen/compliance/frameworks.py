"""Reader of frameworks: careen's own, and those of the user."""

import datetime as dt
import re
from collections.abc import Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from careen.compliance.registry import CHECKS
from careen.errors import InputError
from careen.model.compliance.framework import Framework, Item, Severity
from careen.model.compliance.result import Result
from careen.tools.toml.file import load_toml
from careen.tools.toml.table import Table

VERSION = 1
LIMIT = 4 << 20
_KEYS = ("version", "id", "title", "content", "dated", "source", "owner", "item")
_ITEM = (
    *("id", "title", "checks", "status", "rationale", "rest", "controls", "cci", "criteria"),
    *("severity", "group", "premise"),
)
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
# What XML cannot hold (https://www.w3.org/TR/xml/#charsets), and other control characters.
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_FIXED = (Result.INHERITED, Result.MANUAL, Result.NOT_APPLICABLE)


def own_frameworks() -> tuple[str, ...]:
    """Return the names of careen's own frameworks."""
    return tuple(
        sorted(each.name[:-5] for each in _folder().iterdir() if each.name.endswith(".toml"))
    )


def _folder() -> Traversable:
    return resources.files("careen.compliance") / "data" / "frameworks"


def load_frameworks(names: Sequence[str], today: dt.date) -> tuple[Framework, ...]:
    """Read frameworks by name or file, each once.

    Raises InputError for a name that is unknown, ConfigError for a file that is not valid.
    """
    found = tuple(_load(name, today) for name in dict.fromkeys(names))
    ids = [framework.id for framework in found]
    if twice := next((each for each in ids if ids.count(each) > 1), None):
        msg = f"--framework: two frameworks have the id {twice!r}: change the one in your file"
        raise InputError(msg)
    return found


def _load(name: str, today: dt.date) -> Framework:
    if name.endswith(".toml"):
        return _framework(load_toml(Path(name), LIMIT), today)
    known = own_frameworks()
    if name not in known:
        msg = (
            f"--framework {name!r}: unknown; known are {', '.join(known)}, and files that end in"
            " .toml"
        )
        raise InputError(msg)
    with resources.as_file(_folder() / f"{name}.toml") as path:
        return _framework(load_toml(path, LIMIT), today)


def _framework(table: Table, today: dt.date) -> Framework:
    if (version := table.values.get("version")) != VERSION:
        table.fail("version", f"expected {VERSION}, got {version!r}: take a file of this version")
    table.only(_KEYS)
    _check_texts(table, _KEYS)
    dated = table.date("dated")
    if dated is None:
        table.fail("dated", "is missing: the day on which the mapping was last checked")
    if dated > today:
        table.fail("dated", f"{dated} is in the future (today is {today}): check the file's date")
    name = _needed(table, "id")
    if not _ID.match(name):
        table.fail("id", "expected lower-case letters, digits and hyphens")
    items = tuple(_item(each) for each in table.array("item"))
    if not items:
        table.fail("item", "there is no [[item]]")
    _check_ids(table, items)
    texts = {key: _needed(table, key) for key in ("title", "content", "source", "owner")}
    return Framework(id=name, dated=dated, items=items, **texts)


def _check_ids(table: Table, items: Sequence[Item]) -> None:
    seen: set[str] = set()
    for each, item in zip(table.array("item"), items, strict=True):
        if item.id in seen:
            each.fail("id", f"{item.id!r} is there twice")
        seen.add(item.id)


def _check_texts(table: Table, keys: Sequence[str]) -> None:
    for key in keys:
        value = table.values.get(key)
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and _UNFIT.search(text):
                table.fail(key, "has a control character: remove it")


def _needed(table: Table, key: str) -> str:
    text = table.text(key)
    if text is None:
        table.fail(key, "is missing")
    return text


def _item(table: Table) -> Item:
    table.only(_ITEM)
    _check_texts(table, _ITEM)
    checks, premise = _checks(table, "checks"), _checks(table, "premise")
    status = _status(table)
    if bool(checks) == (status is not None):
        table.fail("id", "an item has either checks or a status")
    if status is not None and table.text("rationale") is None:
        table.fail("rationale", f"is missing: say why it is {status.value}")
    if premise and status is None:
        table.fail("premise", "belongs to a status, which holds while its checks pass")
    return Item(
        id=_needed(table, "id"),
        title=_needed(table, "title"),
        checks=checks,
        status=status,
        rationale=table.text("rationale") or "",
        premise=premise,
        rest=table.text("rest") or "",
        controls=table.texts("controls"),
        cci=table.texts("cci"),
        criteria=table.texts("criteria"),
        severity=_severity(table),
        group=table.text("group") or "",
    )


def _checks(table: Table, key: str) -> tuple[str, ...]:
    names = table.texts(key)
    for name in names:
        if name not in CHECKS:
            table.fail(key, f"unknown check {name!r}; `careen comply --list` lists all")
    return names


def _status(table: Table) -> Result | None:
    text = table.text("status")
    if text is None:
        return None
    if text not in {each.value for each in _FIXED}:
        table.fail("status", f"expected one of {', '.join(each.value for each in _FIXED)}")
    return Result(text)


def _severity(table: Table) -> Severity:
    text = table.text("severity") or Severity.MEDIUM.value
    if text not in {each.value for each in Severity}:
        table.fail("severity", f"expected one of {', '.join(each.value for each in Severity)}")
    return Severity(text)
