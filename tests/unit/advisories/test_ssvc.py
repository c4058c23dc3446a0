"""CISA's SSVC assessments: read from CVE records, kept beside older ones, and found again."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from careen.advisories.database.store import open_store
from careen.advisories.database.verify import verify_database
from careen.advisories.feeds.port import About, NotAboutPackages, Refused
from careen.model.findings.advisory import SsvcAssessment
from tests.support.feed_layouts import KEV, feeds, imported, read, zipped

pytestmark = pytest.mark.slow


def record(cve: str = "CVE-2024-7399", day: str = "2026-04-24", **stated: str) -> dict[str, Any]:
    """A CVE record with CISA's container, as Vulnrichment publishes it."""
    said = {"Exploitation": "active", "Automatable": "no", "Technical Impact": "total", **stated}
    content = {
        "id": cve,
        "role": "CISA Coordinator",
        "options": [{name: value} for name, value in said.items() if value],
        "version": "2.0.3",
        "timestamp": f"{day}T17:37:21.854316Z",
    }
    vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    metrics = [
        {"other": {"type": "ssvc", "content": content}},
        {"other": {"type": "kev", "content": {"dateAdded": "2026-04-24"}}},
        {"cvssV3_1": {"version": "3.1", "vectorString": vector, "baseScore": 9.8}},
    ]
    return {
        "dataType": "CVE_RECORD",
        "dataVersion": "5.1",
        "cveMetadata": {"cveId": cve, "state": "PUBLISHED"},
        "containers": {
            "cna": {"descriptions": [{"lang": "en", "value": "a flaw"}]},
            "adp": [
                {"title": "CVE Program Container", "providerMetadata": {"shortName": "CVE"}},
                {"title": "CISA ADP Vulnrichment", "providerMetadata": {"shortName": "CISA-ADP"}}
                | {"metrics": metrics},
            ],
        },
    }


def test_what_a_record_states(tmp_path: Path) -> None:
    folder = feeds(
        tmp_path / "in", a=record(), b=record(Automatable=""), c=record(Exploitation="PoC")
    )
    assert read(folder / "a") == [
        SsvcAssessment("CVE-2024-7399", "active", "no", "total", "2026-04-24"),
        About("ssvc", date="2026-04-24"),
    ]
    assert read(folder / "b")[0] == SsvcAssessment(
        "CVE-2024-7399", "active", "", "total", "2026-04-24"
    )
    assert read(folder / "c")[0] == SsvcAssessment(
        "CVE-2024-7399", "poc", "no", "total", "2026-04-24"
    )


@pytest.mark.parametrize(
    ("first", "second", "newest"),
    [
        ("2026-04-24T08:00:00Z", "2026-04-24T17:00:00.5Z", "poc"),
        ("2026-04-24T17:00:00.5Z", "2026-04-24T08:00:00Z", "active"),
        ("2026-04-24T23:30:00-02:00", "2026-04-25T01:00:00+00:00", "active"),
        ("2026-04-24", "2026-04-24T01:00:00", "poc"),
        ("2026-04-24T08:00:00Z", "soon", "active"),
    ],
)
def test_the_newest_assessment_of_a_record_is_the_one_by_its_time(
    tmp_path: Path, first: str, second: str, newest: str
) -> None:
    one, other = record(), record(Exploitation="poc")
    metrics = [each["containers"]["adp"][1]["metrics"] for each in (one, other)]
    for timestamp, listed in zip((first, second), metrics, strict=True):
        listed[0]["other"]["content"]["timestamp"] = timestamp
    metrics[0].append(metrics[1][0])
    found = read(feeds(tmp_path / "in", a=one) / "a")[0]
    assert isinstance(found, SsvcAssessment)
    assert found.exploitation == newest


def test_a_record_without_an_assessment_of_cisa(tmp_path: Path) -> None:
    other = record()
    other["containers"]["adp"][1]["providerMetadata"]["shortName"] = "somebody"
    bare = {key: value for key, value in record().items() if key != "containers"}
    folder = feeds(tmp_path / "in", a=other, b=bare)
    said = [NotAboutPackages("without an SSVC assessment by CISA")]
    assert [read(folder / name) for name in "ab"] == [said, said]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (record(Automatable="maybe"), "options[1].Automatable: expected no or yes"),
        (record() | {"containers": []}, "containers: expected"),
        (record() | {"cveMetadata": {"cveId": 5}}, "cveId: expected"),
    ],
)
def test_a_wrong_record_is_refused_with_its_place(
    tmp_path: Path, wrong: dict[str, Any], reason: str
) -> None:
    (found,) = read(feeds(tmp_path / "in", x=wrong) / "x")
    assert isinstance(found, Refused)
    assert reason in found.reason


def test_an_archive_is_the_feed_and_single_records_change_it(tmp_path: Path) -> None:
    database = tmp_path / "db"
    many = {f"2024/{n}.json": record(f"CVE-2024-{1000 + n}") for n in range(3)}
    imported(feeds(tmp_path / "one", all=zipped(many)), database)
    changed = record("CVE-2024-1000", "2026-05-01", Automatable="yes")
    older = record("CVE-2024-1001", "2020-01-01", Automatable="yes")
    imported(feeds(tmp_path / "two", a=changed, b=older, c=record("CVE-2024-5000")), database)
    with open_store(database) as store:
        found = {name: store.ssvc(name) for name in ("CVE-2024-1000", "CVE-2024-1001")}
        assert found["CVE-2024-1000"] == SsvcAssessment(
            "CVE-2024-1000", "active", "yes", "total", "2026-05-01"
        )
        assert found["CVE-2024-1001"] == SsvcAssessment(
            "CVE-2024-1001", "active", "no", "total", "2026-04-24"
        )
        assert store.ssvc("CVE-2024-9999") is None
        (feed,) = store.feeds()
        assert (feed.name, feed.records, feed.date, feed.partial) == ("ssvc", 4, "2026-05-01", "")
    assert [check.problems for check in verify_database(database) if check.problems] == []
    imported(feeds(tmp_path / "three", all=zipped({"a.json": record("CVE-2024-1000")})), database)
    with open_store(database) as store:
        assert store.ssvc("CVE-2024-1001") is not None  # the archive is older than the database


def test_a_database_of_before_the_table_is_read_and_gets_it(tmp_path: Path) -> None:
    database = tmp_path / "db"
    imported(feeds(tmp_path / "kev", k=KEV), database)
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("DROP TABLE ssvc")
    with open_store(database) as store:
        assert store.ssvc("CVE-2024-7399") is None
        assert store.counts() == {"kev": 1}
    imported(feeds(tmp_path / "in", x=record()), database)
    with open_store(database) as store:
        assert store.ssvc("CVE-2024-7399") is not None
        assert store.counts() == {"kev": 1, "ssvc": 1}
