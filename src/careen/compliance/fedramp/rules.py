"""Reader of FedRAMP's rules as a dated data file."""

import datetime as dt
from importlib import resources
from pathlib import Path
from typing import Any

from careen.model.compliance.fedramp import Clocks, Rules
from careen.model.findings.advisory import Severity
from careen.tools.toml.file import load_toml
from careen.tools.toml.table import Table

VERSION = 1
LIMIT = 1 << 20
CLASSES = ("a", "b", "c", "d")
RATINGS = (1, 2, 3, 4, 5)
_TOP = (
    *("version", "content", "dated", "source", "required", "grace", "accepted_after"),
    *("proposal", "class"),
)
_TIMES = ("evaluate", "history", "samples", "drifting")
_REDUCED = ("n1", "n2", "n3", "n4", "n5")
_EXPOSURES = 3
_LONGEST = 24 * 366 * 10


def load_rules(path: Path | None, today: dt.date) -> Rules:
    """Read a file of rules, careen's own without a path.

    Raises ConfigError with the line for another version, a date in the future, or a missing time.
    """
    if path is not None:
        return _rules(load_toml(path, LIMIT), today)
    own = resources.files("careen.compliance") / "data" / "fedramp-rules.toml"
    with resources.as_file(own) as file:
        return _rules(load_toml(file, LIMIT), today)


def _rules(table: Table, today: dt.date) -> Rules:
    if (version := table.values.get("version")) != VERSION:
        table.fail("version", f"expected {VERSION}, got {version!r}: take a file of this version")
    table.only(_TOP)
    dated = _day(table, "dated")
    if dated > today:
        table.fail("dated", f"{dated} is in the future (today is {today}): check the file's date")
    classes = table.table("class")
    classes.only(CLASSES)
    for name in CLASSES:
        if name not in classes.values:
            classes.fail(name, "is missing: rules have the classes a, b, c and d")
    return Rules(
        content=_needed(table, "content"),
        dated=dated,
        source=_needed(table, "source"),
        required=_day(table, "required"),
        grace=_day(table, "grace"),
        accepted_after=_hours(table, "accepted_after"),
        classes={name: _clocks(classes.table(name)) for name in CLASSES},
        proposal=_proposal(table.table("proposal")),
    )


def _clocks(table: Table) -> Clocks:
    table.only((*_TIMES, *_REDUCED))
    times = {key: _hours(table, key) for key in _TIMES}
    reduce = {
        int(key[1:]): _three(table, key) for key in _REDUCED if table.values.get(key) is not None
    }
    return Clocks(reduce=reduce, **times)


def _three(table: Table, key: str) -> tuple[dt.timedelta, dt.timedelta, dt.timedelta]:
    value = table.values[key]
    if not isinstance(value, list) or len(value) != _EXPOSURES:
        table.fail(key, "expected three numbers of hours")
    first, second, third = (_delta(table, key, each) for each in value)
    return first, second, third


def _hours(table: Table, key: str) -> dt.timedelta:
    if key not in table.values:
        table.fail(key, "is missing: a number of hours")
    return _delta(table, key, table.values[key])


def _delta(table: Table, key: str, value: Any) -> dt.timedelta:
    if type(value) is not int or not 0 < value <= _LONGEST:
        table.fail(key, f"expected a number of hours from 1 to {_LONGEST}")
    return dt.timedelta(hours=value)


def _proposal(table: Table) -> dict[Severity, int]:
    words = {each.word: each for each in Severity if each is not Severity.UNKNOWN}
    table.only(words)
    for key, value in table.values.items():
        if type(value) is not int or value not in RATINGS:
            table.fail(key, "expected an N-rating from 1 to 5")
    return {words[key]: value for key, value in table.values.items()}


def _day(table: Table, key: str) -> dt.date:
    found = table.date(key)
    if found is None:
        table.fail(key, "is missing: a day as YYYY-MM-DD")
    return found


def _needed(table: Table, key: str) -> str:
    text = table.text(key)
    if text is None:
        table.fail(key, "is missing")
    return text
