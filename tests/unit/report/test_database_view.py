"""What `careen db` prints: feeds with their age, the outcome of an import, checks."""

from dataclasses import replace
from pathlib import Path

import pytest

from careen.model.findings.advisory import Feed
from careen.model.findings.imported import Imported, ImportResult, Outcome
from careen.report.terminal_output.screen import ASCII, UNICODE
from careen.report.views.database import (
    CheckRow,
    DatabaseStatus,
    FeedRow,
    plain_http_warning,
    print_checks,
    print_compared,
    print_import,
    print_status,
    refused_warning,
    stale_lines,
)
from tests.support.screens import drawn

KEV = Feed("kev", "https://feeds.example/kev.json", "2026-11-20", "2026-11-21T10:00:00Z", 1400)


def row(feed: Feed = KEV, days: int = 3, *, certain: bool = True, stale: bool = False) -> FeedRow:
    return FeedRow(feed, days, certain=certain, stale=stale)


def status(*rows: FeedRow) -> DatabaseStatus:
    return DatabaseStatus("/data/advisories.db", 5_000_000, 14, rows)


def test_one_line_for_each_feed() -> None:
    other = replace(KEV, name="osv:PyPI", date="", records=20_000)
    text = drawn(
        lambda console: print_status(console, status(row(), row(other, 30, certain=False))), 100
    )
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0] == "/data/advisories.db 5.00 MB"
    assert "kev 1,400 2026-11-20 2026-11-21 3 d" in lines
    assert "osv:PyPI 20,000 — 2026-11-21 30 d or more" in lines
    assert "OLD" not in text
    assert "PLAIN HTTP" not in text
    assert "partial" not in text


def test_warnings_name_old_unencrypted_and_partial_feeds() -> None:
    feed = replace(
        KEV, source="http://user:secret@mirror.example:8080/kev", partial="only 2025 and later"
    )
    text = " ".join(
        drawn(lambda console: print_status(console, status(row(feed, 30, stale=True))), 100).split()
    )
    assert "OLD: 1 feed is older than 14 days: kev (30 days); newer advisories are missing" in text
    assert "PLAIN HTTP: mirror.example:8080; these feeds could have been changed in transit" in text
    assert "secret" not in text
    assert "kev: only 2025 and later" in text


def test_the_oldest_feeds_are_named_first_and_the_rest_counted() -> None:
    rows = [
        row(replace(KEV, name=f"feed-{days}"), days, stale=True) for days in (20, 50, 40, 30, 60)
    ]
    (line,) = stale_lines(status(*rows, row()), UNICODE)
    assert line == (
        "OLD: 5 feeds are older than 14 days: feed-60 (60 days), feed-50 (50 days), feed-40 (40"
        " days) and 2 more; newer advisories are missing"
    )
    assert stale_lines(status(row()), UNICODE) == []


def test_servers_are_counted_after_the_third() -> None:
    assert plain_http_warning([], UNICODE) == []
    (line,) = plain_http_warning(["a", "b", "c", "d", "e"], UNICODE)
    assert line.startswith("PLAIN HTTP: a, b, c and 2 more; ")


SOURCES = (
    Imported("kev.json", Outcome.IMPORTED, "kev", "2026-11-20", 1400),
    Imported("epss.csv", Outcome.UNCHANGED, "epss", "2026-11-20"),
    Imported("old.json", Outcome.OLDER, "kev", detail="the database has 2026-11-20"),
    Imported(
        "osv.jsonl",
        Outcome.IMPORTED,
        "osv:PyPI",
        records=10,
        refused=2,
        reasons=("PYSEC-1: no id", "x" * 1000),
    ),
    Imported("secdb.json", Outcome.REFUSED, "alpine", detail="not signed"),
    Imported("notes.txt", Outcome.NOT_A_FEED),
)
RESULT = ImportResult(SOURCES, Path("/data/advisories.db"), 5_000_000, 12.3, ("mirror.example",))


def printed(result: ImportResult, width: int = 110) -> list[str]:
    text = drawn(lambda console: print_import(console, result), width)
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def test_each_source_has_its_outcome_and_the_reasons_of_refusals() -> None:
    lines = printed(RESULT)
    assert lines[0] == "✓ kev 1,400 as of 2026-11-20"
    assert lines[1] == "✓ epss unchanged; as of 2026-11-20"
    assert lines[2] == "! kev older; the database has 2026-11-20"
    assert lines[3] == "! osv:PyPI 10 2 records refused"
    assert lines[4] == "→ PYSEC-1: no id"
    assert "✗ alpine refused; not signed" in lines
    assert "! notes.txt not advisories" in lines
    assert "1,410 records imported in 12.3 s; /data/advisories.db has 5.00 MB" in lines
    assert sum(line.count("x") for line in lines if set(line) <= {"x", "→", " "}) == 300
    assert lines[-1].startswith("REFUSED: alpine; the database keeps the previous version of it")


def test_an_import_of_nothing_says_that_there_is_no_database() -> None:
    lines = printed(ImportResult((), Path("/data/advisories.db"), 0, 0.1))
    assert lines == ["0 records imported in 0.1 s; there is no database /data/advisories.db yet"]


def test_refused_feeds_are_counted_after_the_third() -> None:
    refused = [Imported(f"{name}.json", Outcome.REFUSED) for name in "abcde"]
    (line,) = refused_warning(replace(RESULT, sources=tuple(refused)), UNICODE)
    assert line == (
        "REFUSED: a.json, b.json, c.json and 2 more; the database keeps the previous version of"
        " them"
    )


CHECKS = (CheckRow("every record is readable"), CheckRow("schema", ("version 3",), ("expected 4",)))


def test_checks_end_with_a_verdict_and_the_way_to_mend() -> None:
    text = " ".join(drawn(lambda console: print_checks(console, CHECKS, "db"), 100).split())
    assert "✓ every record is readable ✗ schema → version 3 → expected 4" in text
    assert text.endswith(
        "db: NOT sound: remove it, and run `careen db update` or `careen db import`"
    )
    sound = " ".join(drawn(lambda console: print_checks(console, CHECKS[:1], "db"), 100).split())
    assert sound.endswith("db: sound")


@pytest.mark.parametrize(
    ("problems", "verdict"),
    [
        ((), "feeds: matches the database"),
        (("kev: 1 record differs",), "feeds: does NOT match the database: run"),
    ],
)
def test_a_comparison_ends_with_its_result(problems: tuple[str, ...], verdict: str) -> None:
    check = CheckRow("compared", problems)
    text = " ".join(drawn(lambda console: print_compared(console, check, "feeds"), 100).split())
    assert verdict in text
    assert ("✗" if problems else "✓") in text


HOSTILE = "\x1b]0;evil\x07\u202e[bold]x"


def test_text_of_a_feed_cannot_steer_the_terminal() -> None:
    feed = replace(KEV, name=HOSTILE, source=f"http://{HOSTILE}/", partial=HOSTILE)
    source = Imported(HOSTILE, Outcome.REFUSED, HOSTILE, reasons=(HOSTILE,), detail=HOSTILE)
    check = CheckRow("compared", (HOSTILE,), (HOSTILE,))
    for encoding in ("utf-8", "ascii"):
        text = "".join(
            (
                drawn(lambda c: print_status(c, status(row(feed, 30, stale=True))), 100, encoding),
                drawn(lambda c: print_import(c, replace(RESULT, sources=(source,))), 100, encoding),
                drawn(lambda c: print_checks(c, [check], HOSTILE), 100, encoding),
                drawn(lambda c: print_compared(c, check, HOSTILE), 100, encoding),
            )
        )
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
        assert "[bold]x" in text
        assert encoding == "utf-8" or text.isascii()
    assert stale_lines(status(row(feed, 30, stale=True)), ASCII)[0].isascii()
