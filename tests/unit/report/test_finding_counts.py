"""Counts of findings in a summary: unknown is never 0."""

import json
from dataclasses import replace

import pytest

from careen.model.comparing.compared import Compared
from careen.model.measure import Measure
from careen.report.documents.summary import summary_json
from careen.report.scan.finding_counts import basis
from careen.report.terminal_output.screen import ASCII
from careen.report.terminal_output.terminal import print_summary
from careen.report.verdict_line import verdict_line
from tests.support.screens import drawn
from tests.support.summaries import HARDENED, ORIGINAL, SUMMARY

COUNTS = ("total", "critical", "high", "executed", "loaded", "kev", "fixable")


def uncompared(measure: Measure) -> Measure:
    assert measure.findings is not None
    found = replace(
        measure.findings, total=0, critical=0, high=0, executed=0, loaded=0, kev=0, fixable=0
    )
    return replace(measure, findings=replace(found, compared=Compared(1, 0)))


UNKNOWN = replace(SUMMARY, original=uncompared(ORIGINAL), hardened=uncompared(HARDENED))


def test_nothing_compared_is_a_dash_with_the_reason_and_not_0() -> None:
    lines = drawn(lambda console: print_summary(console, UNKNOWN), 100).splitlines()
    rows = [
        line.split() for line in lines if line.strip().startswith(("findings", "critical", "high"))
    ]
    assert ["findings", "—", "—", "—"] in rows
    assert ["critical", "—", "—", "—"] in rows
    assert any("the only package not compared with any advisory" in line for line in lines)


def test_nothing_compared_is_null_for_machines() -> None:
    document = json.loads(summary_json(UNKNOWN))
    for side in ("original", "hardened"):
        found = document[side]["findings"]
        assert [found[name] for name in COUNTS] == [None] * len(COUNTS)
        assert (found["packages"], found["compared"]) == (1, 0)


def test_without_a_kev_feed_exploited_is_a_dash_beside_known_counts() -> None:
    assert ORIGINAL.findings is not None
    assert HARDENED.findings is not None
    summary = replace(
        SUMMARY,
        original=replace(ORIGINAL, findings=replace(ORIGINAL.findings, kev=None)),
        hardened=replace(HARDENED, findings=replace(HARDENED.findings, kev=None)),
    )
    lines = drawn(lambda console: print_summary(console, summary), 100).splitlines()
    rows = [line.split() for line in lines]
    assert ["known", "exploited", "—", "—", "—"] in rows
    assert any(row[:2] == ["findings", "1,431"] for row in rows)
    document = json.loads(summary_json(summary))
    for side, total in (("original", 1_431), ("hardened", 94)):
        assert document[side]["findings"]["kev"] is None
        assert document[side]["findings"]["total"] == total


@pytest.mark.parametrize("side", ["original", "hardened"])
def test_what_was_not_compared_is_unknown_beside_what_was(side: str) -> None:
    """Zero findings of a result that nothing was compared with is no proof that none is left."""
    summary = (
        replace(SUMMARY, original=uncompared(ORIGINAL))
        if side == "original"
        else replace(SUMMARY, hardened=uncompared(HARDENED))
    )
    document = json.loads(summary_json(summary))
    totals = {each: document[each]["findings"]["total"] for each in ("original", "hardened")}
    assert totals == {"original": 1_431, "hardened": 94, side: None}
    lines = drawn(lambda console: print_summary(console, summary), 100).splitlines()
    row = next(line.split() for line in lines if line.strip().startswith("findings  "))
    shown = {"original": ["—", "94"], "hardened": ["1,431", "—"]}[side]
    assert row == ["findings", *shown, "—"]
    assert verdict_line(summary, ASCII).plain.endswith(", findings are not known")
    assert "the only package not compared with any advisory" in " ".join(" ".join(lines).split())


def test_the_age_of_the_feeds_and_the_share_compared_stand_beside_the_counts() -> None:
    assert ORIGINAL.findings is not None
    assert basis(ORIGINAL.findings) == (
        "feeds up to 32 days old; 8 of 180 packages not compared with any advisory"
    )
    document = json.loads(summary_json(SUMMARY))
    assert document["original"]["findings"]["oldest_feed_days"] == 32
    undated = replace(ORIGINAL.findings, database={"kev": "no date"}, compared=Compared(2, 2))
    assert basis(undated) == ""
