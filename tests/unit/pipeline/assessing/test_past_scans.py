"""Earlier scans count only if their documents are as the history and the manifests state."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.errors import ConfigError
from careen.evidence.directory.manifest import FileRecord, Manifest
from careen.evidence.fedramp.evaluation import FILE, evaluation_json
from careen.model.compliance.fedramp import PastFinding, PastScan
from careen.model.findings.triage import ScanReport
from careen.model.history import Event, Named
from careen.model.rfc3339 import parse_time
from careen.pipeline.assessing.past_scans import past_scans, previous_scan
from careen.pipeline.run.history import history_file, record
from careen.report.documents.scan import to_scan_json
from tests.support.fedramp import HEAD, NOW, one, service, tracking
from tests.support.scan_reports import DIGEST, REPORT, SUBJECT

RESULT = "sha256:" + "cd" * 32
TIME = "2026-03-01T10:00:00Z"


@pytest.fixture(autouse=True)
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAREEN_HISTORY", str(tmp_path / "history"))
    return tmp_path / "history"


def run(folder: Path, documents: Mapping[str, bytes]) -> Event:
    """Write a run's report directory, and its event."""
    folder.mkdir()
    for name, data in documents.items():
        (folder / name).write_bytes(data)
    image, result = Named(SUBJECT, DIGEST), Named("registry.example.org/team/app:1-hard", RESULT)
    manifest = Manifest("1", image, result, (result.reference,), TIME, TIME, {}).with_files(
        {name: FileRecord.of(name, data) for name, data in documents.items()}
    )
    (folder / "manifest.json").write_bytes(manifest.written())
    digest = hashlib.sha256(manifest.written()).hexdigest()
    event = Event("hardened", TIME, "1", image, result, (result.reference,), digest, str(folder))
    record(event)
    return event


def documents() -> dict[str, bytes]:
    bare = replace(REPORT, findings=REPORT.findings[:1], suppressed=())
    return {"findings.json": to_scan_json(REPORT), "findings-hardened.json": to_scan_json(bare)}


def test_the_original_and_the_result_have_their_own_scans(tmp_path: Path) -> None:
    run(tmp_path / "run", documents())
    ((before,), notes) = past_scans(SUBJECT, DIGEST)
    assert notes == ()
    assert set(before.found) == {
        "CVE-2026-0001",
        "CVE-2021-44228",
        "GHSA-xxxx-yyyy-zzzz",
        "CVE-2019-1111",  # of the allow-list, and there all the same
    }  # what was removed is not there
    assert len(before.found["CVE-2026-0001"].packages) == 2
    ((after,), _) = past_scans("registry.example.org/team/app:1-hard", RESULT)
    assert set(after.found) == {"CVE-2026-0001"}


@pytest.mark.parametrize("name", ["findings.json", "manifest.json"])
def test_a_changed_document_is_not_used_and_named(tmp_path: Path, name: str) -> None:
    run(tmp_path / "run", documents())
    with (tmp_path / "run" / name).open("ab") as stream:
        stream.write(b" ")
    found, notes = past_scans(SUBJECT, DIGEST)
    assert found == ()
    assert len(notes) == 1
    assert name in notes[0]


def test_a_directory_that_is_gone_is_named(tmp_path: Path) -> None:
    event = run(tmp_path / "run", documents())
    (tmp_path / "run").rename(tmp_path / "elsewhere")
    found, notes = past_scans(SUBJECT, DIGEST)
    assert found == ()
    assert f"the scan of {event.time} is not used" in notes[0]


def test_a_later_version_is_on_the_side_of_its_repository(tmp_path: Path) -> None:
    run(tmp_path / "run", documents())
    found, notes = past_scans("registry.example.org/team/app:3", "sha256:3")
    assert found == ()  # both sides are in this repository
    assert "an original or a result" in notes[0]


def test_a_changed_line_of_the_history_is_named(tmp_path: Path) -> None:
    run(tmp_path / "one", documents())
    run(tmp_path / "two", documents())
    path = history_file(SUBJECT)
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first.replace(b'"careen":"1"', b'"careen":"2"') + second)
    assert any("line 2: changed" in note for note in past_scans(SUBJECT, DIGEST)[1])


def test_an_image_without_a_history_has_none() -> None:
    assert past_scans("another:1", "sha256:1") == ((), ())


def test_the_last_report_is_a_scan(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(evaluation_json(tracking(service(tmp_path))))
    found, notes = previous_scan(tmp_path, FILE, SUBJECT)
    assert found is not None
    assert (found.time, notes) == (NOW, ())
    assert set(found.found) >= {"CVE-2026-0001", "CVE-2021-44228"}
    assert found.found["CVE-2026-0001"].detected == parse_time(REPORT.created)
    assert "GHSA-aaaa-bbbb-cccc" in found.found["CVE-2026-0001"].aliases
    assert previous_scan(tmp_path / "none", FILE, SUBJECT) == (None, ())


@pytest.mark.parametrize("report", [REPORT, replace(REPORT, findings=(), suppressed=())])
def test_a_report_of_another_image_is_named(tmp_path: Path, report: ScanReport) -> None:
    (tmp_path / FILE).write_bytes(evaluation_json(tracking(None, report=report)))
    found, notes = previous_scan(tmp_path, FILE, "oci:dir:1.3")
    assert found is None
    assert f"of another image ({SUBJECT})" in notes[0]
    assert previous_scan(tmp_path, FILE, SUBJECT.replace("1.2", "1.3"))[0] is not None


def test_a_month_later_ages_go_on_and_what_ended_is_kept(tmp_path: Path) -> None:
    days = dt.timedelta(days=4)
    gone = PastFinding("CVE-1 in a 1", frozenset({"pkg:deb/debian/a@1"}))
    scans: tuple[PastScan, ...] = (PastScan(NOW - 9 * days, "", {"CVE-1": gone}, "a report"),)
    for number in range(4):
        created = f"{(NOW + number * days):%Y-%m-%dT%H:%M:%SZ}"
        there = tracking(
            service(tmp_path, HEAD),
            report=replace(REPORT, created=created),
            past=scans,
            now=NOW + number * days,
        )
        (tmp_path / FILE).write_bytes(evaluation_json(there))
        last, _ = previous_scan(tmp_path, FILE, SUBJECT)
        assert last is not None
        scans = (last,)
        assert one(there, "CVE-1").ended == NOW
        assert one(there, "CVE-2021-44228").detected == NOW
    assert one(there, "CVE-2021-44228").due.overdue is True


@pytest.mark.parametrize("change", [{"version": 2}, {"format": "other"}, {"time": "yesterday"}])
def test_another_document_is_refused_with_a_line(tmp_path: Path, change: dict[str, Any]) -> None:
    document = json.loads(evaluation_json(tracking(service(tmp_path)))) | change
    (tmp_path / FILE).write_text(json.dumps(document))
    with pytest.raises(ConfigError, match="not a document of this version"):
        previous_scan(tmp_path, FILE, SUBJECT)
