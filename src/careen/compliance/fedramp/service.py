"""Reader of the provider's file: class, package, and decisions about vulnerabilities."""

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path

from careen.compliance.fedramp.rules import CLASSES, RATINGS
from careen.model.compliance.fedramp import Decision, Disposition, Service
from careen.model.rfc3339 import parse_time
from careen.tools.toml.file import load_toml
from careen.tools.toml.table import Table

VERSION = 1
LIMIT = 4 << 20
_TOP = ("version", "class", "package_overview", "internet", "rules", "decision")
_DECISION = (
    *("id", "evaluated", "rating", "likely_exploitable", "internet_reachable", "impact"),
    *("next_at", "next_rating", "disposition", "accepted", "note"),
)
# A subset of RFC 3986: what is passed on as a URI must be one.
_URI = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/?#-]*)?")
_WORDS = {each.value: each for each in Disposition}


def load_service(path: Path, now: dt.datetime) -> tuple[Service, Path | None]:
    """Read a provider's file; return it with the file of rules that it names, or None.

    Raises ConfigError with the line, also for an evaluation in the future.
    """
    table = load_toml(path, LIMIT)
    if (version := table.values.get("version")) != VERSION:
        table.fail("version", f"expected {VERSION}, got {version!r}: take a file of this version")
    table.only(_TOP)
    klass = table.text("class")
    if klass is None or klass.lower() not in CLASSES:
        table.fail("class", "expected the class of the certification: a, b, c or d")
    overview = table.text("package_overview")
    if overview is None or not _URI.fullmatch(overview):
        table.fail("package_overview", "expected the URI of your Certification Package Overview")
    service = Service(klass.lower(), overview, _flag(table, "internet"), _decisions(table, now))
    rules = table.text("rules")
    return service, None if rules is None else path.parent / rules


def _decisions(table: Table, now: dt.datetime) -> Mapping[str, Decision]:
    out: dict[str, Decision] = {}
    for each in table.array("decision"):
        each.only(_DECISION)
        name = each.text("id")
        if name is None:
            each.fail("id", "is missing: the identifier of a vulnerability, such as a CVE")
        if name.upper() in out:
            each.fail("id", f"{name[:80]!r} is there twice")
        out[name.upper()] = _decision(each, name.upper(), now)
    return out


def _decision(table: Table, name: str, now: dt.datetime) -> Decision:
    evaluated, next_at = _time(table, "evaluated"), _time(table, "next_at")
    if evaluated is not None and evaluated > now:
        table.fail("evaluated", f"{evaluated.isoformat()} is in the future")
    next_rating = _rating(table, "next_rating")
    if (next_at is None) != (next_rating is None):
        table.fail("next_at", "next_at and next_rating are stated together")
    decided = ("rating", "likely_exploitable", "internet_reachable", "disposition", "accepted")
    if evaluated is None and (key := next((k for k in decided if k in table.values), None)):
        table.fail(key, "a decision needs `evaluated`, the time when the evaluation was completed")
    word = table.text("disposition")
    if word is not None and word not in _WORDS:
        table.fail("disposition", f"expected one of {', '.join(_WORDS)}")
    return Decision(
        id=name,
        where=table.where("id"),
        evaluated=evaluated,
        rating=_rating(table, "rating"),
        likely_exploitable=_flag(table, "likely_exploitable"),
        internet_reachable=_flag(table, "internet_reachable"),
        impact=table.text("impact") or "",
        next_at=next_at,
        next_rating=next_rating,
        disposition=None if word is None else _WORDS[word],
        accepted=table.text("accepted") or "",
        note=table.text("note") or "",
    )


def _flag(table: Table, key: str) -> bool | None:
    return table.flag(key) if key in table.values else None


def _rating(table: Table, key: str) -> int | None:
    value = table.values.get(key)
    if value is not None and (type(value) is not int or value not in RATINGS):
        table.fail(key, "expected an N-rating from 1 to 5")
    return value


def _time(table: Table, key: str) -> dt.datetime | None:
    value = table.values.get(key)
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC)
    found = parse_time(value) if isinstance(value, str) else None
    if value is not None and found is None:
        table.fail(key, "expected a time with its zone, as 2026-12-31T12:00:00Z")
    return None if found is None else found.astimezone(dt.UTC)
