"""All PyPI records against an independent reading of the OSV schema's evaluation algorithm.

Of the versions at which something could change each record gets every second one, in turn the first
or the second half.
"""

import gzip
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from packaging.version import InvalidVersion, Version

from careen.advisories.matching.evaluate import evaluate
from careen.formats.versions import scheme_of
from tests.support.advisory_source import osv

RECORDS = (
    Path(__file__).resolve().parents[3] / "shared" / "data" / "vuln" / "pypi-osv-slim.jsonl.gz"
)

pytestmark = pytest.mark.advisories


def is_vulnerable(version: str, affected: dict[str, Any], named: frozenset[Version]) -> bool:
    """`IncludedInVersions or IncludedInRanges` of the schema's text, word for word; `named` are the
    entry's versions (see `named_in`).
    """
    ranges = [one for one in affected.get("ranges", []) if one["type"] != "GIT"]
    return included_in_versions(version, named) or any(
        included_in_range(version, one) for one in ranges
    )


def named_in(affected: dict[str, Any]) -> frozenset[Version]:
    return frozenset(parse(one) for one in affected.get("versions", []) if readable(one))


def included_in_versions(version: str, named: frozenset[Version]) -> bool:
    """A version that is named, or a local build of one."""
    return parse(version) in named or public(version) in named


def included_in_range(version: str, one: dict[str, Any]) -> bool:
    if not before_limits(version, one):
        return False
    vulnerable = False
    for event in in_order(one["events"]):
        if "introduced" in event and (
            event["introduced"] == "0" or at(version, event["introduced"]) >= 0
        ):
            vulnerable = True
        if "fixed" in event and at(version, event["fixed"]) >= 0:
            vulnerable = False
        if "last_affected" in event and at(version, event["last_affected"]) > 0:
            vulnerable = False
    return vulnerable


def before_limits(version: str, one: dict[str, Any]) -> bool:
    limits = [event["limit"] for event in one["events"] if "limit" in event]
    return not limits or any(limit == "*" or at(version, limit) < 0 for limit in limits)


def in_order(events: list[dict[str, str]]) -> list[dict[str, str]]:
    """Sort by version, one after the other: each event goes behind all that are not newer (the
    schema leaves the order of equal ones open).
    """
    out: list[dict[str, str]] = []
    for event in events:
        place = len(out)
        while place and older(event, out[place - 1]):
            place -= 1
        out.insert(place, event)
    return out


def older(a: dict[str, str], b: dict[str, str]) -> bool:
    (first,), (second,) = a.values(), b.values()
    if first == "0" or second == "0":
        return first == "0" and second != "0"
    return parse(first) < parse(second)


@cache
def parse(version: str) -> Version:
    return Version(version)


@cache
def public(version: str) -> Version:
    """A version without its local label."""
    return parse(parse(version).public)


def at(version: str, boundary: str) -> int:
    """Compare as PEP 440 has it in specifiers: a boundary without a local label stands for all
    local builds of it.
    """
    left, right = parse(version), parse(boundary)
    if right.local is None:
        left = public(version)
    return int(left > right) - int(left < right)


def readable(version: str) -> bool:
    try:
        parse(version)
    except InvalidVersion:
        return False
    return True


def boundaries_of(affected: dict[str, Any]) -> set[str]:
    return {
        version
        for one in affected.get("ranges", [])
        if one["type"] != "GIT"
        for event in one["events"]
        for version in event.values()
    }


def interesting(affected: dict[str, Any]) -> Iterator[str]:
    """Every boundary and explicit version, and around each what lies just below and above: pre-,
    post-, development and local versions, neighbours.
    """
    few = sorted(version for version in affected.get("versions", []) if readable(version))
    yield from few[:: max(1, len(few) // 6)]
    for boundary in boundaries_of(affected) | set(few[:1]) | set(few[-1:]):
        public = parse(boundary).public
        base = parse(boundary).base_version
        yield from (
            boundary,
            f"v{boundary}",
            f"{public}+cpu",
            f"{base}.dev0",
            f"{base}a0",
            f"{base}rc99",
            base,
            f"{base}.0",
            f"{base}.post1",
            f"{base}.0.1",
            f"{base}.1",
        )
        numbers = [int(number) for number in re.findall(r"\d+", base)]
        for place, number in enumerate(numbers):
            for other in (number - 1, number + 1):
                if other >= 0:
                    yield ".".join(map(str, [*numbers[:place], other, *numbers[place + 1 :]]))
    yield from ("0", "0.0.0.dev0", "1!0", "99999", "2.5.1+cpu")


@pytest.mark.no_cover
def test_every_record_is_evaluated_as_the_specification_says() -> None:
    scheme = scheme_of("PyPI")
    records = pairs = affected_pairs = 0
    differences = []
    unreadable = set()
    with gzip.open(RECORDS, "rt") as lines:
        for line in lines:
            record = json.loads(line)
            (advisory,) = osv(record)
            records += 1
            assert len(advisory.affected) == len(record["affected"])
            for entry, affected in zip(advisory.affected, record["affected"], strict=True):
                if not all(readable(version) for version in boundaries_of(affected)):
                    unreadable.add(
                        record["id"]
                    )  # the specification has no answer; what careen does is in test_evaluate
                    continue
                versions = [
                    *dict.fromkeys(
                        version for version in interesting(affected) if readable(version)
                    )
                ][records % 4 :: 4]
                named = named_in(affected)
                for version in versions:
                    expected, found = (
                        is_vulnerable(version, affected, named),
                        evaluate(entry, version, scheme),
                    )
                    pairs += 1
                    affected_pairs += expected
                    if found.affected != expected or not found.certain:
                        differences.append((record["id"], version, expected, found))
    assert records == 7080
    assert pairs > 60_000
    assert affected_pairs > 20_000
    assert differences == []
    assert len(unreadable) == 31
