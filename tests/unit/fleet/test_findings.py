"""Findings over time: each keeps the day on which it was first seen."""

from pathlib import Path

from careen.fleet.store.findings import put_findings
from careen.fleet.store.place import opened
from careen.model.fleet.facts import FindingFact

ONE = FindingFact("CVE-1", "pkg:pypi/a@1", "high", "executed")
TWO = FindingFact("CVE-2", "pkg:pypi/a@1", "low", "present")


def test_a_finding_keeps_its_day_goes_and_comes_back(tmp_path: Path) -> None:
    with opened(str(tmp_path / "fleet.db"), write=True) as database:

        def after(day: str, *findings: FindingFact) -> list[tuple[str, ...]]:
            with database.writing():
                put_findings(database, 1, findings, day)
            query = "SELECT advisory, tier, since, gone FROM finding ORDER BY advisory"
            return database.rows(query)

        assert after("1", ONE, TWO) == [
            ("CVE-1", "executed", "1", ""),
            ("CVE-2", "present", "1", ""),
        ]
        loaded = FindingFact("CVE-1", "pkg:pypi/a@1", "high", "loaded")
        assert after("2", loaded) == [("CVE-1", "loaded", "1", ""), ("CVE-2", "present", "1", "2")]
        assert after("3", loaded) == [("CVE-1", "loaded", "1", ""), ("CVE-2", "present", "1", "2")]
        assert after("4", TWO) == [("CVE-1", "loaded", "1", "4"), ("CVE-2", "present", "4", "")]
        with database.writing():
            put_findings(database, 2, (ONE,), "5")
        assert len(database.rows("SELECT * FROM finding")) == 3
